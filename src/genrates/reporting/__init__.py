"""What people look at: the comparison table, figures, the report, the terminal."""
