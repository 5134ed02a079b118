"""What MLflow is told of one cell: its config as params, its errors as curves over n, its rates."""

import hashlib
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genrates.analysis.results import CellResults
from genrates.analysis.summary import COSTS, Summary
from genrates.analysis.text import markdown_table, rate_with_interval

#: numbers of a summary that become metrics
SUMMARY_NUMBERS = (
    "error_exact",
    "ratio",
    "ratio_se",
    "rate",
    "rate_low",
    "rate_high",
    "rate_median",
    "rate_theory",
    "rate_exact",
    "rate_reference",
    "plateau",
)
_UNITS = {"fit_seconds": "s a fit", "model_bytes": "bytes", "sample_us_per_draw": "us a draw"}


@dataclass(frozen=True)
class RunRecord:
    """One run, before it is written.

    Attributes
    ----------
    cell : str
        The cell's path below the results: the tag by which its run is found.
    name : str
        The run's name.
    content_hash : str
        Hash of all that the run says.
    params, tags : dict of str
        MLflow's.
    metrics : list of (str, float, int)
        Key, value and step.
    artifacts : list of Path
        Files and folders to copy.
    """

    cell: str
    name: str
    content_hash: str
    params: dict[str, str]
    tags: dict[str, str]
    metrics: list[tuple[str, float, int]]
    artifacts: list[Path] = field(default_factory=list)


def record_of(cell: CellResults, summaries: list[Summary], budget: str, experiment: str) -> RunRecord:
    """Return the run of a cell, from the files that it has written.

    Parameters
    ----------
    cell : CellResults
        The cell.
    summaries : list of Summary
        One for each of its metrics.
    budget, experiment : str
        Names of the folders above it.

    Returns
    -------
    RunRecord
        What the dashboard and the comparison table say of it.
    """
    metrics = [point for summary in summaries for point in _points(summary)]
    metrics += _costs(cell) + _training_curve(cell.folder / "model" / "training.json")
    tags = {key: value for summary in summaries for key, value in _tags(summary).items()}
    config = _flat({"data": cell.data_config, "model": cell.model_config})
    tags["genrates.config_hash"] = _hash(config, cell.sizes)
    tags["mlflow.note.content"] = _note(cell, summaries)
    tags["genrates.limitation"] = _limitation(cell, summaries, {key: value for key, value, _ in metrics})
    params = _params(cell, budget, experiment)
    files = ("config.yaml", "scores.parquet", "samples.npz", "model", "figures")
    return RunRecord(
        cell=cell.name,
        name=f"{cell.data}/{cell.variant}",
        content_hash=_hash(params, tags, metrics),
        params=params,
        tags=tags,
        metrics=metrics,
        artifacts=[cell.folder / name for name in files],
    )


def _points(summary: Summary) -> list[tuple[str, float, int]]:
    """Return (key, value, step): error and standard error at each n, and the numbers that sum them up."""
    name = summary.metric
    points = [(name, value, n) for n, value in summary.errors.items()]
    points += [(f"error_se.{name}", value, n) for n, value in summary.errors_se.items()]
    for key, values in summary.auxiliary.items():
        points += [(f"{key}.{name}", value, n) for n, value in values.items()]
    n_max = max(summary.errors, default=0)
    numbers = {key: getattr(summary, key) for key in SUMMARY_NUMBERS}
    points += [(f"{key}.{name}", value, n_max) for key, value in numbers.items() if value is not None]
    return [(key, float(value), step) for key, value, step in points if math.isfinite(value)]


def _tags(summary: Summary) -> dict[str, str]:
    texts = {key: getattr(summary, key) for key in ("verdict", "status", "reason", "theory", "reference")}
    return {f"genrates.{key}.{summary.metric}": value for key, value in texts.items() if value}


def _note(cell: CellResults, summaries: list[Summary]) -> str:
    """Return what the dashboard shows on top of a run: its rows of the comparison table."""
    head = (
        f"**{cell.variant}** learns **{cell.data}**, n = {cell.sizes[0]} to {cell.sizes[-1]}, "
        f"{cell.repeats} replicates. Metrics are logged with step = n."
    )
    headings = ("metric", "error at n max", "over exact", "rate [95 %]", "theory", "judged by", "verdict")
    rows = []
    for s in summaries:
        numbers = (s.error_n_max, s.ratio, s.rate_reference)
        error, ratio, judge = ("" if v is None else f"{v:.4g}" for v in numbers)
        rate = rate_with_interval(s.rate, s.rate_low, s.rate_high)
        reference = f"{judge} {s.reference}".strip()
        rows.append((s.metric, error, ratio, rate, s.theory, reference, f"{s.verdict} {s.reason}".strip()))
    return "\n".join([head, "", *markdown_table(headings, rows)])


def _costs(cell: CellResults) -> list[tuple[str, float, int]]:
    """Return means over replicates of seconds and bytes, at each n."""
    rows = cell.scores[cell.scores["metric"].isin(COSTS)]
    means = rows.groupby(["metric", "n"])["value"].mean()
    return [(metric, float(value), int(n)) for (metric, n), value in means.items()]


def _training_curve(path: Path) -> list[tuple[str, float, int]]:
    """Return the loss of the largest fit at each step."""
    curves = json.loads(path.read_text()) if path.exists() else {}
    if not curves:
        return []
    largest = max(curves, key=int)
    return [("train_loss", float(loss), int(step)) for step, loss in curves[largest] if math.isfinite(loss)]


def _params(cell: CellResults, budget: str, experiment: str) -> dict[str, str]:
    content = {
        "budget": budget,
        "experiment": experiment,
        "data_name": cell.data,
        "variant": cell.variant,
        "model_name": cell.model_name,
        "metrics": ", ".join(cell.metrics),
        "n_min": cell.sizes[0],
        "n_max": cell.sizes[-1],
        "replicates": cell.replicates[cell.sizes[-1]],
        "replicates_by_n": ", ".join(f"{n}: {count}" for n, count in cell.replicates.items()),
        "seed": cell.seed,
        "sampler": cell.sampler,
        "data": cell.data_config,
        "model": cell.model_config,
    }
    return _flat(content)


def _limitation(cell: CellResults, summaries: list[Summary], values: dict[str, float]) -> str:
    """Return the lecture's limitation of a model, with the number that was measured for it."""
    text = cell.model_metadata.get("limitation") or ""
    measured, first = cell.model_metadata.get("limitation_measured"), summaries[0]
    if measured == "plateau" and first.verdict == "plateau":
        return f"{text}: {first.plateau:.3g} of {first.metric} remains"
    if measured == "rate" and first.rate is not None:
        return f"{text}: {first.rate:z.3f} in {first.metric}"
    if measured == "n_parameters" and measured in values:
        # beside the table of all patterns of the data's bits
        return f"{text}; {values[measured]:.0f} parameters instead of 2^{cell.n_features} - 1"
    if measured in values and measured in _UNITS:
        return f"{text}: {values[measured]:.3g} {_UNITS[measured]}"
    return text


def _flat(content: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested keys joined by dots, and values as text.

    Returns
    -------
    dict of str
        One level deep.

    Examples
    --------
    >>> _flat({"a": {"b": 1}})
    {'a.b': '1'}
    """
    found = {}
    for key, value in content.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = str(value)
    return found


def _hash(*content) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
