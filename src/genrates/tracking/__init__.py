"""Everything that touches MLflow: the store, the record of a run, the dashboard."""
