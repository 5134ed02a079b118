"""Everything that touches MLflow.

Files under results/ are the truth; the database is written from them, by one process per experiment, and
can be deleted and rebuilt. A cell is one run, found again by its tag `genrates.cell`: a cell that runs
again replaces what its run says and adds no second run.
"""

import os
import shutil
import time
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

from filelock import FileLock

# Before mlflow is imported: no telemetry, no run addresses on standard output.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import mlflow
import pandas as pd
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric, SqlParam
from mlflow.tracking import MlflowClient

from genrates.tracking.record import Run

_CELL, _HASH = "genrates.cell", "genrates.content_hash"
_METRICS, _PARAMS = 900, 100  # a call; MLflow allows 1000 of both together
_TEXT = 5000  # characters a parameter or tag may have


def tracking_uri(results: str | Path) -> str:
    """Address of the database of a results folder."""
    return f"sqlite:///{Path(results, 'mlflow.db').resolve()}"


def open_store(results: str | Path, generation: int = 1) -> MlflowClient:
    """A client of the database in `results`, which is created first, whole, by one process.

    Eight processes that open a missing SQLite store at once mostly die (each runs all migrations); so it is
    made under a lock, beside its place, and moved there when it is ready.
    """
    folder = Path(results)
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "mlflow.db"
    with FileLock(folder / "mlflow.lock"):
        if not database.exists():
            (folder / "mlflow.generation").write_text(f"{generation}\n")
            for remnant in folder.glob(".mlflow.*.db*"):  # of a job that was killed
                remnant.unlink()
            part = folder / f".mlflow.{os.getpid()}.db"
            MlflowClient(f"sqlite:///{part.resolve()}").search_experiments()
            part.rename(database)
    return MlflowClient(tracking_uri(results))


def experiment_id(client: MlflowClient, experiment: str, results: str | Path) -> str:
    """Id of `genrates/EXPERIMENT`, created where it is missing.

    Its artifacts have an address that the dashboard's server resolves below results/mlartifacts, so that a
    moved project keeps its links.
    """
    name = f"genrates/{experiment}"
    with FileLock(Path(results, "mlflow.lock")):
        found = client.get_experiment_by_name(name)
        if found is not None:
            return found.experiment_id
        # The first tag makes the dashboard open in its training view instead of the one for agents.
        tags = {"mlflow.experimentKind": "custom_model_development", "genrates.experiment": experiment}
        return client.create_experiment(name, artifact_location=f"mlflow-artifacts:/{experiment}", tags=tags)


class Runs:
    """The runs of one experiment in the database: one for each cell, found again by its tag."""

    def __init__(self, client: MlflowClient, experiment: str, results: str | Path):
        self._client = client
        self._experiment = experiment_id(client, experiment, results)
        self._artifacts = Path(results, "mlartifacts", experiment)
        self._known = client.search_runs([self._experiment], max_results=50_000)  # the latest first

    def log(self, run: Run) -> str:
        """Write a cell's run: leave it if it says the same already, else replace what it says. Its id."""
        client = self._client
        found = next((known for known in self._known if known.data.tags.get(_CELL) == run.cell), None)
        if found and found.data.tags.get(_HASH) == run.content_hash:
            return found.info.run_id
        if found:
            run_id = found.info.run_id
            _retry_while_locked(lambda: _clear(client, run_id))
        else:
            created = client.create_run(self._experiment, run_name=run.name, tags={_CELL: run.cell})
            run_id = created.info.run_id
        now = int(time.time() * 1000)
        metrics = [Metric(key, value, now, step) for key, value, step in run.metrics]
        params = [Param(key, value[:_TEXT]) for key, value in run.params.items()]
        for part in zip_longest(_split(metrics, _METRICS), _split(params, _PARAMS), fillvalue=[]):
            _retry_while_locked(lambda part=part: client.log_batch(run_id, *part))
        _copy_artifacts(self._artifacts / run_id / "artifacts", run.artifacts)
        # The hash is written last: a run that was cut short does not look finished.
        tags = {**run.tags, "mlflow.runName": run.name, _CELL: run.cell}
        tags_ = [RunTag(key, value[:_TEXT]) for key, value in tags.items()]
        _retry_while_locked(lambda: client.set_terminated(run_id))
        _retry_while_locked(lambda: client.log_batch(run_id, tags=[*tags_, RunTag(_HASH, run.content_hash)]))
        return run_id

    def forget_others(self, kept: set[str]) -> None:
        """Delete the runs whose ids are not in `kept`: those of cells that the experiment no longer has."""
        for run in self._known:
            if run.info.run_id not in kept:
                self._client.delete_run(run.info.run_id)


def read_runs(results: str | Path, experiment: str) -> pd.DataFrame:
    """The runs of an experiment, one row each, as `mlflow.search_runs` gives them."""
    mlflow.set_tracking_uri(tracking_uri(results))
    return mlflow.search_runs(experiment_names=[f"genrates/{experiment}"], max_results=50_000)


def _clear(client: MlflowClient, run_id: str) -> None:
    """Empty a run of metrics and parameters.

    MLflow only ever adds to a metric's history, and refuses to change a parameter; a run that is repeated
    would show both its old curve and its new one. The tags go first, and with them the word that it is whole.
    """
    for key in client.get_run(run_id).data.tags:
        if key.startswith("genrates.") and key != _CELL:
            client.delete_tag(run_id, key)
    with client._tracking_client.store.ManagedSessionMaker() as session:
        for table in (SqlMetric, SqlLatestMetric, SqlParam):
            session.query(table).filter(table.run_uuid == run_id).delete()


def _split(items: list, size: int) -> list[list]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _retry_while_locked(write: Callable[[], object], patience: float = 120.0) -> None:
    """Repeat a write while another process holds the database, for `patience` seconds at most."""
    deadline = time.monotonic() + patience
    while True:
        try:
            write()
            return
        except MlflowException as error:
            if "database is locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _copy_artifacts(folder: Path, artifacts: list[Path]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in artifacts:
        if path.is_dir():
            shutil.copytree(path, folder / path.name)
        elif path.exists():
            shutil.copyfile(path, folder / path.name)
