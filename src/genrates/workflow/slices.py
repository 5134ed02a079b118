"""What a job depends on, beyond its input files: the parts of the config and of the code that it uses.

A slice is a text among a rule's parameters. Snakemake runs a job again when its slice has changed. No paths,
times, git hashes or thread counts stand in a slice: they would run everything again.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from genrates.workflow.fingerprint import NUMBERS, fingerprint, modules_of
from genrates.workflow.grid import Replicates, replicates_of
from genrates.workflow.targets import class_of, without_metadata

if TYPE_CHECKING:  # a job of a cell needs neither plans nor their checks
    from genrates.workflow.cell import Cell
    from genrates.workflow.schema import ExperimentConfig


class CellParts(Protocol):
    """What a cell is made of: planned as a :class:`Cell`, or read by a job as a CellJob."""

    data_config: dict[str, Any]
    model_config: dict[str, Any]
    sampler_config: dict[str, Any]
    metric_configs: dict[str, dict[str, Any]]
    sizes: list[int]
    replicates: Replicates
    seed: int
    tuned: str | None


def train_slice(cell: CellParts) -> str:
    """Return what the fits of a cell depend on. Metadata do not count: they are for the table.

    Parameters
    ----------
    cell : CellParts
        The cell.

    Returns
    -------
    str
        JSON.
    """
    modules = modules_of(cell.data_config, cell.model_config)
    return _json(
        data=without_metadata(cell.data_config),
        files=_files(cell.data_config),
        model=without_metadata(cell.model_config),
        sizes=cell.sizes,
        replicates=replicates_of(cell.sizes, cell.replicates),
        seed=cell.seed,
        code=fingerprint("genrates.steps.train", "genrates.workflow.job", *modules),
    )


def sample_slice(cell: CellParts) -> str:
    """Return what the draws of a cell depend on, beside the fits.

    Parameters
    ----------
    cell : CellParts
        The cell.

    Returns
    -------
    str
        JSON.
    """
    code = fingerprint("genrates.steps.sample", *modules_of(cell.sampler_config))
    return _json(sampler=cell.sampler_config, code=code)


def evaluate_slice(cell: CellParts) -> str:
    """Return what the scores of a cell depend on, beside fits and draws.

    Parameters
    ----------
    cell : CellParts
        The cell.

    Returns
    -------
    str
        JSON.
    """
    code = fingerprint("genrates.steps.evaluate", *modules_of(*cell.metric_configs.values()))
    return _json(metrics=cell.metric_configs, tuned=cell.tuned, code=code)


def track_slice(cells: "Iterable[Cell]", store_version: int) -> str:
    """Return what the runs of an experiment depend on, beside the scores.

    Parameters
    ----------
    cells : iterable of Cell
        Its cells.
    store_version : int
        Which database it is: a new one must be filled.

    Returns
    -------
    str
        JSON.
    """
    metadata = {c.name: (c.data_config["metadata"], c.model_config["metadata"]) for c in cells}
    code = fingerprint("genrates.steps.track", packages=(*NUMBERS, "tracking"))
    return _json(metadata=metadata, store_version=store_version, code=code)


def compare_slice(experiment: "ExperimentConfig") -> str:
    """Return what the table and the figures of an experiment depend on, beside its summaries.

    Parameters
    ----------
    experiment : ExperimentConfig
        Its config.

    Returns
    -------
    str
        JSON.
    """
    modules = (f"genrates.reporting.figures.{name}" for name in experiment.figures)
    code = fingerprint("genrates.steps.compare", *modules, packages=(*NUMBERS, "reporting"))
    return _json(title=experiment.title, figures=experiment.figures, code=code)


def report_slice(experiments: "dict[str, ExperimentConfig]") -> str:
    """Return what the report depends on, beside the tables.

    Parameters
    ----------
    experiments : dict of ExperimentConfig
        The experiments, by name.

    Returns
    -------
    str
        JSON.
    """
    titles = {name: experiment.title for name, experiment in experiments.items()}
    return _json(titles=titles, code=fingerprint("genrates.steps.report", packages=("reporting",)))


def _files(data: dict[str, Any]) -> dict[str, Any]:
    """Return which files a data set is read from: those to download, and the content of a person's own."""
    given = getattr(class_of(data["_target_"], "data"), "file_parameters", ())
    own = {name: _content_hash(data[name], os.stat(data[name]).st_mtime_ns) for name in given}
    return own | (data["metadata"].get("files") or {})


@cache
def _content_hash(path: str, changed: int) -> str:
    """Hash a file; `changed` is when it was changed, so that a new content is read again."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _json(**content: Any) -> str:
    return json.dumps(content, sort_keys=True)
