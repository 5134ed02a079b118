"""Values of every model in every metric at the largest n: a table that marks what is nearest to real."""

import matplotlib.pyplot as plt

from genrates.reporting.figures.table import colored_table

_REAL, _BEST, _OTHER = "#eeeeee", "#dff0df", "white"
_MISSING = "-"


def values(experiment, data: str) -> plt.Figure:
    """Draw a table of values: rows are models, columns metrics; the first row is what real images score.

    In each column the value nearest to the real one is marked; where the real one is not known, the lowest.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.
    data : str
        Name of the data set.

    Returns
    -------
    Figure
        The table.
    """
    variants, metrics = experiment.variants, experiment.metrics
    columns = [column(experiment, data, metric) for metric in metrics]
    marked = [nearest(floor, scores) for floor, scores in columns]
    rows = [["real against real", *(_text(floor) for floor, _ in columns)]]
    backgrounds = [[_REAL] * (len(metrics) + 1)]
    for variant in variants:
        rows.append([variant, *(_text(scores.get(variant)) for _, scores in columns)])
        backgrounds.append([_OTHER, *(_BEST if variant == best else _OTHER for best in marked)])
    widths = [0.09 * max(len(row[0]) for row in rows), *(0.095 * max(len(m), 8) for m in metrics)]
    figure, ax = plt.subplots(figsize=(sum(widths), 0.24 * (len(rows) + 2)))
    ax.set_axis_off()
    colored_table(ax, rows, backgrounds, ["", *(m.replace("_", " ") for m in metrics)], widths)
    n = max(cell.sizes[-1] for cell in experiment.cells if cell.data == data)
    ax.set_title(f"{experiment.title}: {data}, n = {n}", fontsize=9, loc="left")
    return figure


def column(experiment, data: str, metric: str) -> tuple[float | None, dict[str, float]]:
    """Return one column of the table.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.
    data, metric : str
        Names of the data set and the metric.

    Returns
    -------
    floor : float or None
        What real images score; None where that is not known.
    scores : dict of float
        Each model's value, where it has one.
    """
    summaries = {variant: experiment.summary(data, variant, metric) for variant in experiment.variants}
    floor = next((s.auxiliary["floor"] for s in summaries.values() if s.auxiliary.get("floor")), None)
    scores = {v: s.error_n_max for v, s in summaries.items() if s.error_n_max is not None}
    return None if floor is None else floor[max(floor)], scores


def nearest(real: float | None, scores: dict[str, float]) -> str | None:
    """Return the model whose value is nearest to the real one.

    Parameters
    ----------
    real : float or None
        What real images score; None if unknown, and then the lowest value is best.
    scores : dict of float
        Value of each model.

    Returns
    -------
    str or None
        Name of the model; None if there is no value.

    Examples
    --------
    >>> nearest(0.98, {"a": 0.7, "b": 0.9, "c": 1.2}), nearest(None, {"a": 20.0, "b": 18.0}), nearest(0.5, {})
    ('b', 'b', None)
    """
    return min(scores, key=lambda k: scores[k] if real is None else abs(scores[k] - real), default=None)


def _text(value: float | None) -> str:
    return _MISSING if value is None else f"{value:.3g}"
