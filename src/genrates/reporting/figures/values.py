"""What every model scores in every metric at the largest n, as a table; what is nearest to real is marked."""

import matplotlib.pyplot as plt

from genrates.reporting.figures.table import tinted

_REAL, _BEST = "#eeeeee", "#dff0df"
_NONE = "-"


def values(experiment, name: str) -> plt.Figure:
    """Rows are models, columns metrics; the first row is what real pictures score in the place of draws.

    In each column the value nearest to the real one is marked; where nothing real is known, the lowest.
    """
    variants, metrics = experiment.variants, experiment.metrics
    columns = {metric: column(experiment, name, metric) for metric in metrics}
    rows = [["real against real", *(_text(columns[m][0]) for m in metrics)]]
    rows += [[label, *(_text(columns[m][1].get(label)) for m in metrics)] for label in variants]
    tints = [[_REAL] * (len(metrics) + 1)]
    marked = {m: nearest(*columns[m]) for m in metrics}
    tints += [["white", *(_BEST if label == marked[m] else "white" for m in metrics)] for label in variants]
    widths = [0.09 * max(len(row[0]) for row in rows), *(0.095 * max(len(m), 8) for m in metrics)]
    figure, ax = plt.subplots(figsize=(sum(widths), 0.24 * (len(rows) + 2)))
    ax.set_axis_off()
    tinted(ax, rows, tints, ["", *(m.replace("_", " ") for m in metrics)], widths)
    n = max(max(cell.sizes) for cell in experiment.cells if cell.data == name)
    ax.set_title(f"{experiment.title}: {name}, n = {n}", fontsize=9, loc="left")
    return figure


def column(experiment, name: str, metric: str) -> tuple[float | None, dict[str, float]]:
    """What real pictures score (None where that is not known), and each model's value."""
    summaries = {label: experiment.summary(name, label, metric) for label in experiment.variants}
    floors = [s.auxiliary["floor"] for s in summaries.values() if s.auxiliary.get("floor")]
    floor = floors[0][max(floors[0])] if floors else None
    return floor, {k: s.error_n_max for k, s in summaries.items() if s.error_n_max is not None}


def nearest(real: float | None, scores: dict[str, float]) -> str | None:
    """The model that is nearest to what is real; lowest, where that is not known.

    >>> nearest(0.98, {"a": 0.7, "b": 0.9, "c": 1.2}), nearest(None, {"a": 20.0, "b": 18.0}), nearest(0.5, {})
    ('b', 'b', None)
    """
    return min(scores, key=lambda k: scores[k] if real is None else abs(scores[k] - real), default=None)


def _text(value: float | None) -> str:
    return _NONE if value is None else f"{value:.3g}"
