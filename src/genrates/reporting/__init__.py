"""The comparison table, the figures, the report, and the tables in the terminal."""
