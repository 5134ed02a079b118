"""MLflow's database and experiments: found, or made by one process while others wait."""

import functools
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from genrates.errors import ConfigError
from genrates.tracking.database import PATIENCE, check_database, patiently, remove_journals
from genrates.workflow.quoting import sqlite_address
from genrates.workflow.store_version import artifact_folder, store_version, written_version

# Before mlflow is imported: no telemetry, no run addresses on standard output.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

from mlflow.entities import Run
from mlflow.tracking import MlflowClient

#: tags of a run: its cell, and a hash that a complete run has
CELL, HASH = "genrates.cell", "genrates.content_hash"

# MLflow writes a traceback for each call that meets a lock, which is waited for here.
logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)


class PatientClient:
    """MLflow's client, each of whose calls waits while another process holds the database.

    Parameters
    ----------
    database : Path
        The file; MLflow makes it where it is missing.
    """

    def __init__(self, database: Path):
        self._database = database
        # Making one opens the database already.
        self._client = patiently(database, MlflowClient, sqlite_address(database))

    def __getattr__(self, name: str) -> Any:
        """Return a method of MLflow's client, made patient."""
        return functools.partial(patiently, self._database, getattr(self._client, name))


def tracking_uri(results: str | Path) -> str:
    """Return the address of the database of a results folder.

    Parameters
    ----------
    results : str or Path
        The folder.

    Returns
    -------
    str
        An SQLite address.
    """
    return sqlite_address(Path(results, "mlflow.db"))


def open_store(results: str | Path, version: int | None = None) -> PatientClient:
    """Return a client of the database of a results folder, which is made first where it is missing.

    Eight processes that open a missing SQLite store at once mostly die, since each runs all migrations. So
    it is made under a lock, beside its place, and moved there when it is ready.

    Parameters
    ----------
    results : str or Path
        The folder.
    version : int, optional
        The store's number of a process that fills it, written to mlflow.version where it is newer; None for
        one that reads.

    Returns
    -------
    PatientClient
        A client.

    Raises
    ------
    ConfigError
        If the file in its place is not a database that this MLflow can use, in two lines: what it is, and
        what to do.
    """
    folder = Path(results)
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "mlflow.db"
    with _locked(folder):
        if not database.exists():
            _write_version(folder, store_version(folder) if version is None else version)
            for remnant in folder.glob(".mlflow.*.db*"):  # a killed job leaves one behind
                remnant.unlink()
            part = folder / f".mlflow.{os.getpid()}.db"
            PatientClient(part).search_experiments()
            remove_journals(database)
            part.rename(database)
        elif version is not None:
            _write_version(folder, version)
    check_database(database)
    return PatientClient(database)


def experiment_id(client: PatientClient, experiment: str, results: str | Path) -> str:
    """Return the id of `genrates/EXPERIMENT`, which is made where it is missing.

    Its artifacts have an address that the dashboard's server resolves below results/mlartifacts, so that a
    moved project keeps its links. An experiment that was deleted in the dashboard is restored: the files are
    the truth.

    Parameters
    ----------
    client : PatientClient
        The store.
    experiment : str
        Name of the experiment.
    results : str or Path
        The folder of the store.

    Returns
    -------
    str
        MLflow's id.
    """
    name = f"genrates/{experiment}"
    with _locked(Path(results)):
        found = client.get_experiment_by_name(name)
        if found is not None:
            if found.lifecycle_stage == "deleted":
                _restore(client, found.experiment_id)
            return found.experiment_id
        # The first tag makes the dashboard open in its training view instead of the one for agents.
        tags = {"mlflow.experimentKind": "custom_model_development", "genrates.experiment": experiment}
        return client.create_experiment(
            name, artifact_location=f"mlflow-artifacts:/{artifact_folder(experiment)}", tags=tags
        )


def all_runs(client: PatientClient, experiment: str) -> list[Run]:
    """Return every active run of an experiment.

    Parameters
    ----------
    client : PatientClient
        The store.
    experiment : str
        MLflow's id of the experiment.

    Returns
    -------
    list of Run
        The latest first.
    """
    found, token = [], None
    while True:
        page = client.search_runs([experiment], max_results=10_000, page_token=token)
        found += page
        token = page.token
        if not token:
            return found


def _restore(client: PatientClient, experiment: str) -> None:
    """Restore an experiment, with the latest complete run of each cell.

    MLflow restores all runs, those too that were in the trash before.
    """
    client.restore_experiment(experiment)
    seen = set()
    for run in all_runs(client, experiment):
        cell = run.data.tags.get(CELL)
        if cell is None:
            continue  # a person's own
        if cell in seen or HASH not in run.data.tags:
            client.delete_run(run.info.run_id)
        else:
            seen.add(cell)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time make the database or an experiment."""
    try:
        # Whoever holds the lock may itself be waiting for the database.
        with FileLock(folder / "mlflow.lock", timeout=2 * PATIENCE):
            yield
    except Timeout:
        raise ConfigError(
            f"{folder / 'mlflow.lock'} has been held by another process for {2 * PATIENCE:.0f} s.\n"
            "End that process (`fuser` names it), and run the same command again."
        ) from None


def _write_version(folder: Path, version: int) -> None:
    if version > (written_version(folder) or 0):
        (folder / "mlflow.version").write_text(f"{version}\n")
