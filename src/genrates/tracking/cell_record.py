"""What MLflow is told of one cell: its config as params, its errors as curves over n, its rates."""

import hashlib
import json
import math
from pathlib import Path

from genrates.analysis import markdown
from genrates.analysis.rate_text import with_interval
from genrates.analysis.results import Experiment
from genrates.analysis.summary import COSTS, Summary, n_features
from genrates.tracking.record import Run
from genrates.workflow import config
from genrates.workflow.plan import Cell, Plan


def cell_run(plan: Plan, experiment: Experiment, cell: Cell) -> Run:
    """The run of a cell, from the files it has written."""
    folder = experiment.cell_folder(cell.data, cell.label)
    model = config.model(cell.model, dict(cell.changes), cell.name)
    summaries = [experiment.summary(cell.data, cell.label, metric) for metric in cell.metrics]
    metrics = [point for s in summaries for point in _points(s)]
    metrics += _costs(experiment, cell) + _training(folder / "model" / "training.json")
    tags = {k: v for s in summaries for k, v in _tags(s).items()}
    tags["genrates.config_hash"] = _hash(
        _flat({"data": config.data(cell.data), "model": model}), cell.grid.sizes
    )
    tags["mlflow.note.content"] = _note(cell, summaries)
    joint = f"instead of 2^{n_features(config.data(cell.data))} - 1"
    tags["genrates.limitation"] = _limitation(
        model["metadata"], summaries, {k: v for k, v, _ in metrics}, joint
    )
    params = _params(plan, cell, model)
    return Run(
        cell=cell.name,
        name=f"{cell.data}/{cell.label}",
        content_hash=_hash(params, tags, metrics),
        params=params,
        tags=tags,
        metrics=metrics,
        artifacts=[
            folder / "config.yaml",
            folder / "scores.parquet",
            folder / "samples.npz",
            folder / "model",
            folder / "figures",
        ],
    )


def _points(summary: Summary) -> list[tuple[str, float, int]]:
    """(key, value, step): the error and its standard error at each n, and the numbers that sum them up."""
    name = summary.metric
    points = [(name, value, n) for n, value in summary.errors.items()]
    points += [(f"error_se.{name}", value, n) for n, value in summary.errors_se.items()]
    points += [
        (f"{key}.{name}", v, n) for key, values in summary.auxiliary.items() for n, v in values.items()
    ]
    n_max = max(summary.errors, default=0)
    sums = ("rate", "rate_low", "rate_high", "rate_median", "rate_theory", "rate_exact", "plateau")
    points += [
        (f"{key}.{name}", value, n_max) for key in sums if (value := getattr(summary, key)) is not None
    ]
    return [(key, float(value), step) for key, value, step in points if math.isfinite(value)]


def _tags(summary: Summary) -> dict[str, str]:
    about = {key: getattr(summary, key) for key in ("verdict", "status", "reason", "theory")}
    return {f"genrates.{key}.{summary.metric}": value for key, value in about.items() if value}


def _note(cell: Cell, summaries: list[Summary]) -> str:
    """What the dashboard says on top of a run: its rows of the comparison table."""
    said = (
        f"**{cell.label}** learns **{cell.data}**, n = {cell.grid.sizes[0]} to {cell.grid.sizes[-1]}, "
        f"{cell.grid.replicates} replicates. Metrics are logged with step = n."
    )
    headings = ("metric", "error at n max", "rate [95 %]", "theory", "exact", "verdict")
    rows = []
    for s in summaries:
        error, exact = (("" if v is None else f"{v:.4g}") for v in (s.error_n_max, s.rate_exact))
        rate = with_interval(s.rate, s.rate_low, s.rate_high)
        rows.append((s.metric, error, rate, s.theory, exact, f"{s.verdict} {s.reason}".strip()))
    return "\n".join([said, "", *markdown.table(headings, rows)])


def _costs(experiment: Experiment, cell: Cell) -> list[tuple[str, float, int]]:
    """Mean over replicates of seconds and bytes, at each n."""
    scores = experiment.scores(cell.data, cell.label)
    means = scores[scores["metric"].isin(COSTS)].groupby(["metric", "n"])["value"].mean()
    return [(metric, float(value), int(n)) for (metric, n), value in means.items()]


def _training(path: Path) -> list[tuple[str, float, int]]:
    """The training curve of the largest fit: loss against step."""
    curves = json.loads(path.read_text()) if path.exists() else {}
    if not curves:
        return []
    largest = max(curves, key=int)
    return [("train_loss", float(loss), int(step)) for step, loss in curves[largest] if math.isfinite(loss)]


def _params(plan: Plan, cell: Cell, model: dict) -> dict[str, str]:
    content = {
        "experiment": cell.experiment,
        "data_name": cell.data,
        "label": cell.label,
        "model_name": cell.model,
        "metrics": ", ".join(cell.metrics),
        "n_min": cell.grid.sizes[0],
        "n_max": cell.grid.sizes[-1],
        "replicates": cell.grid.replicates,
        "seed": plan.pipeline.seed,
        "sampler": cell.sampler,
        "data": config.data(cell.data),
        "model": model,
    }
    return _flat(content)


def _limitation(metadata: dict, summaries: list[Summary], values: dict[str, float], joint: str) -> str:
    """The lecture's limitation of a model, with the number that was measured for it.

    `joint` says how many parameters the table of all patterns of the data's bits would have.
    """
    text, measured = metadata.get("limitation") or "", metadata.get("limitation_measured")
    first = summaries[0]
    if measured == "plateau" and first.verdict == "plateau":
        return f"{text}: {first.plateau:.3g} of {first.metric} remains"
    if measured == "rate" and first.rate is not None:
        return f"{text}: {first.rate:z.3f} in {first.metric}"
    if measured == "n_parameters" and measured in values:
        return f"{text}; {values[measured]:.0f} parameters {joint}"
    if measured in values:
        unit = {"fit_seconds": "s a fit", "model_bytes": "bytes", "sample_us_per_draw": "us a draw"}[measured]
        return f"{text}: {values[measured]:.3g} {unit}"
    return text


def _flat(content: dict, prefix: str = "") -> dict[str, str]:
    """Nested keys joined by dots; values as text.

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
