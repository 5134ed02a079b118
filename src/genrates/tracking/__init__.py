"""Everything that touches MLflow: the store, the record of a run, the dashboard.

Files under results/ are the truth. The database is written from them by one process per experiment, and can
be deleted and rebuilt.
"""
