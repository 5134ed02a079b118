"""A store that is made once and copied, since MLflow's migrations take long."""

from pathlib import Path

import pytest

from genrates.tracking.store import open_store, tracking_uri

from mlflow.tracking import MlflowClient  # isort: skip (store.py sets its environment first)


@pytest.fixture(scope="session")
def fresh(tmp_path_factory) -> Path:
    """A folder of results with a new, empty database. Not to be changed."""
    folder = tmp_path_factory.mktemp("fresh")
    open_store(folder)
    return folder


@pytest.fixture
def store(fresh, tmp_path) -> tuple[MlflowClient, Path]:
    """A client of an empty database, and the folder of results that it lies in."""
    (tmp_path / "mlflow.db").write_bytes((fresh / "mlflow.db").read_bytes())
    return MlflowClient(tracking_uri(tmp_path)), tmp_path
