"""MLflow's database and experiments: found, or made by one process while others wait."""

import os
from pathlib import Path

from filelock import FileLock

from genrates.workflow.quoting import file_name, sqlite_address

# Before mlflow is imported: no telemetry, no run addresses on standard output.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

from mlflow.tracking import MlflowClient


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


def open_store(results: str | Path, version: int = 1) -> MlflowClient:
    """Return a client of the database of a results folder, which is made first where it is missing.

    Eight processes that open a missing SQLite store at once mostly die, since each runs all migrations. So
    it is made under a lock, beside its place, and moved there when it is ready.

    Parameters
    ----------
    results : str or Path
        The folder.
    version : int
        How often the database was made anew; written to mlflow.version where it is made.

    Returns
    -------
    MlflowClient
        A client.
    """
    folder = Path(results)
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "mlflow.db"
    with FileLock(folder / "mlflow.lock"):
        if not database.exists():
            (folder / "mlflow.version").write_text(f"{version}\n")
            for remnant in folder.glob(".mlflow.*.db*"):  # a killed job leaves one behind
                remnant.unlink()
            part = folder / f".mlflow.{os.getpid()}.db"
            MlflowClient(sqlite_address(part)).search_experiments()
            part.rename(database)
    return MlflowClient(tracking_uri(results))


def artifact_folder(experiment: str) -> str:
    """Return the name of an experiment's folder below results/mlartifacts.

    Parameters
    ----------
    experiment : str
        Name of the experiment.

    Returns
    -------
    str
        A name that is the same in an address, since MLflow takes "?" and "#" for its ends.
    """
    return file_name(experiment)


def experiment_id(client: MlflowClient, experiment: str, results: str | Path) -> str:
    """Return the id of `genrates/EXPERIMENT`, which is made where it is missing.

    Its artifacts have an address that the dashboard's server resolves below results/mlartifacts, so that a
    moved project keeps its links. An experiment that was deleted in the dashboard is restored: the files are
    the truth.

    Parameters
    ----------
    client : MlflowClient
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
    with FileLock(Path(results, "mlflow.lock")):
        found = client.get_experiment_by_name(name)
        if found is not None:
            if found.lifecycle_stage == "deleted":
                client.restore_experiment(found.experiment_id)
            return found.experiment_id
        # The first tag makes the dashboard open in its training view instead of the one for agents.
        tags = {"mlflow.experimentKind": "custom_model_development", "genrates.experiment": experiment}
        return client.create_experiment(
            name, artifact_location=f"mlflow-artifacts:/{artifact_folder(experiment)}", tags=tags
        )
