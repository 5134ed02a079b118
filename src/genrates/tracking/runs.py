"""Write the runs of an experiment, and read them back: one run a cell, found by its tag `genrates.cell`."""

import filecmp
import shutil
import time
from itertools import zip_longest
from pathlib import Path

import pandas as pd

from genrates.files import atomic_file, atomic_folder
from genrates.tracking.database import patiently
from genrates.tracking.record import RunRecord
from genrates.tracking.store import CELL, HASH, all_runs, experiment_id, open_store, tracking_uri
from genrates.workflow.store_version import run_artifacts, store_version

import mlflow  # isort: skip (store.py sets its environment first)
from mlflow.entities import Metric, Param, Run, RunTag  # isort: skip

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
    version : int, optional
        The store's number; default: found out.
    """

    def __init__(self, results: str | Path, experiment: str, version: int | None = None):
        self._results, self._name = Path(results), experiment
        version = store_version(results) if version is None else version
        self._client = open_store(results, version)
        (self._results / "mlartifacts").mkdir(exist_ok=True)
        self._experiment = experiment_id(self._client, experiment, results)
        self._runs: dict[str, list[Run]] = {}
        for run in all_runs(self._client, self._experiment):
            self._runs.setdefault(run.data.tags.get(CELL, ""), []).append(run)

    def write(self, record: RunRecord) -> str:
        """Write the run of a cell.

        A run that says the same already is left alone; artifacts that are gone, or differ, are copied again.
        Otherwise the cell gets a new run, and its older ones go to MLflow's trash once the new one is
        complete.

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
        same = [run for run in known if run.data.tags.get(HASH) == record.content_hash]
        if same:
            run_id = same[0].info.run_id
            self._copy(record, run_id)
        else:
            run_id = self._create(record)
        for run in known:
            if run.info.run_id != run_id:
                self._client.delete_run(run.info.run_id)
        return run_id

    def _create(self, record: RunRecord) -> str:
        client = self._client
        created = client.create_run(self._experiment, run_name=record.name, tags={CELL: record.cell})
        run_id, now = created.info.run_id, int(time.time() * 1000)
        metrics = [Metric(key, value, now, step) for key, value, step in record.metrics]
        params = [Param(key, value[:_LONGEST_TEXT]) for key, value in record.params.items()]
        for batch in zip_longest(_split(metrics, _METRICS), _split(params, _PARAMS), fillvalue=[]):
            client.log_batch(run_id, *batch)
        self._copy(record, run_id)
        tags = [RunTag(key, value[:_LONGEST_TEXT]) for key, value in record.tags.items()]
        client.set_terminated(run_id)
        # The hash is written last: a run that was interrupted does not look complete.
        client.log_batch(run_id, tags=[*tags, RunTag(HASH, record.content_hash)])
        return run_id

    def _copy(self, record: RunRecord, run_id: str) -> None:
        """Copy those of a cell's files that a run does not have as they are now."""
        kept = run_artifacts(self._results, self._name, run_id)
        kept.mkdir(parents=True, exist_ok=True)
        for path in record.artifacts:
            copy = kept / path.name
            if path.is_dir() and not _is_same_folder(path, copy):
                with atomic_folder(copy) as part:
                    shutil.copytree(path, part, dirs_exist_ok=True)
            elif path.is_file() and not (copy.is_file() and filecmp.cmp(path, copy, shallow=False)):
                with atomic_file(copy) as part:
                    shutil.copyfile(path, part)


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
    open_store(results)
    mlflow.set_tracking_uri(tracking_uri(results))
    found = patiently(
        Path(results, "mlflow.db"),
        mlflow.search_runs,
        experiment_names=[f"genrates/{experiment}"],
        max_results=50_000,
    )
    # where no run is complete, there is no such column
    return found[found[f"tags.{HASH}"].notna()] if f"tags.{HASH}" in found else found[:0]


def _is_same_folder(folder: Path, copy: Path) -> bool:
    """Return whether a copy of a folder has the same files with the same bytes."""
    names = sorted(path.relative_to(folder) for path in folder.rglob("*"))
    return (
        copy.is_dir()
        and names == sorted(path.relative_to(copy) for path in copy.rglob("*"))
        and all(
            filecmp.cmp(folder / name, copy / name, shallow=False)
            for name in names
            if not (folder / name).is_dir()
        )
    )


def _split(items: list, size: int) -> list[list]:
    return [items[start : start + size] for start in range(0, len(items), size)]
