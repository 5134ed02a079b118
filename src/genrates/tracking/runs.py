"""Write the runs of an experiment, and read them back: one run a cell, found by its tag `genrates.cell`."""

import shutil
import time
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import pandas as pd

from genrates.tracking.record import RunRecord
from genrates.tracking.store import artifact_folder, experiment_id, open_store, tracking_uri

import mlflow  # isort: skip (store.py sets its environment first)
from mlflow.entities import Metric, Param, Run, RunTag  # isort: skip
from mlflow.exceptions import MlflowException  # isort: skip

_CELL, _HASH = "genrates.cell", "genrates.content_hash"
_METRICS, _PARAMS = 900, 100  # a call; MLflow allows 1000 of both together
_LONGEST_TEXT = 5000  # characters a parameter or tag may have


class RunWriter:
    """Writes the runs of one experiment.

    Parameters
    ----------
    results : str or Path
        The folder of the store.
    experiment : str
        Name of the experiment.
    store_version : int
        How often the database was made anew.
    """

    def __init__(self, results: str | Path, experiment: str, store_version: int = 1):
        self._client = open_store(results, store_version)
        self._experiment = experiment_id(self._client, experiment, results)
        self._artifacts = Path(results, "mlartifacts", artifact_folder(experiment))
        self._runs: dict[str, list[Run]] = {}
        for run in _all_runs(self._client, self._experiment):
            self._runs.setdefault(run.data.tags.get(_CELL, ""), []).append(run)

    def write(self, record: RunRecord) -> str:
        """Write the run of a cell.

        A run that says the same already is left alone. Otherwise the cell gets a new run, and its older ones
        go to MLflow's trash once the new one is complete.

        Parameters
        ----------
        record : RunRecord
            What the run says.

        Returns
        -------
        str
            The run's id.
        """
        known = self._runs.get(record.cell, [])
        same = [run for run in known if run.data.tags.get(_HASH) == record.content_hash]
        run_id = same[0].info.run_id if same else self._create(record)
        for run in known:
            if run.info.run_id != run_id:
                _retry_while_locked(lambda run=run: self._client.delete_run(run.info.run_id))
        return run_id

    def _create(self, record: RunRecord) -> str:
        client = self._client
        created = _retry_while_locked(
            lambda: client.create_run(self._experiment, run_name=record.name, tags={_CELL: record.cell})
        )
        run_id, now = created.info.run_id, int(time.time() * 1000)
        metrics = [Metric(key, value, now, step) for key, value, step in record.metrics]
        params = [Param(key, value[:_LONGEST_TEXT]) for key, value in record.params.items()]
        for batch in zip_longest(_split(metrics, _METRICS), _split(params, _PARAMS), fillvalue=[]):
            _retry_while_locked(lambda batch=batch: client.log_batch(run_id, *batch))
        _copy(record.artifacts, self._artifacts / run_id / "artifacts")
        tags = [RunTag(key, value[:_LONGEST_TEXT]) for key, value in record.tags.items()]
        _retry_while_locked(lambda: client.set_terminated(run_id))
        # The hash is written last: a run that was interrupted does not look complete.
        _retry_while_locked(
            lambda: client.log_batch(run_id, tags=[*tags, RunTag(_HASH, record.content_hash)])
        )
        return run_id


def read_runs(results: str | Path, experiment: str) -> pd.DataFrame:
    """Return the complete runs of an experiment.

    Parameters
    ----------
    results : str or Path
        The folder of the store.
    experiment : str
        Name of the experiment.

    Returns
    -------
    DataFrame
        One row each, the latest first, as `mlflow.search_runs` gives them.
    """
    mlflow.set_tracking_uri(tracking_uri(results))
    found = mlflow.search_runs(experiment_names=[f"genrates/{experiment}"], max_results=50_000)
    # where no run is complete, there is no such column
    return found[found[f"tags.{_HASH}"].notna()] if f"tags.{_HASH}" in found else found[:0]


def _all_runs(client, experiment: str) -> list[Run]:
    """Return every run of an experiment, the latest first."""
    found, token = [], None
    while True:
        page = client.search_runs([experiment], max_results=10_000, page_token=token)
        found += page
        token = page.token
        if not token:
            return found


def _split(items: list, size: int) -> list[list]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _retry_while_locked(write: Callable, patience: float = 120.0):
    """Repeat a write while another process holds the database, for `patience` seconds at most."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return write()
        except MlflowException as error:
            if "database is locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _copy(artifacts: list[Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    for path in artifacts:
        if path.is_dir():
            shutil.copytree(path, folder / path.name)
        elif path.exists():
            shutil.copyfile(path, folder / path.name)
