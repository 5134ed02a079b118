"""The pictures of a table: marginals, pairs with samples over data, the learning curve."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from genrates.own.column import Column
from genrates.own.learning import LearningCurve
from genrates.own.saved import TableModel
from genrates.reporting.density_plot import plot

_DPI = 110
_BINS = 50
_MOST_MARGINALS = 12


def draw_pictures(
    folder: Path, model: TableModel, values: np.ndarray, draws: np.ndarray, curve: LearningCurve
) -> list[tuple[str, str]]:
    """Draw the pictures of a fit.

    Parameters
    ----------
    folder : Path
    model : TableModel
    values : ndarray of shape (n, d)
    draws : ndarray of shape (m, d)
    curve : LearningCurve

    Returns
    -------
    list of (file name, caption)
    """
    names = [_label(column) for column in model.columns]
    made = [("marginals.png", "Each column: the data (gray) and draws of the model (blue).")]
    _marginals(names, values, draws).savefig(folder / "marginals.png", dpi=_DPI)
    if len(names) == 1:
        made.append(("density.png", "The fitted density over the data."))
    elif len(names) == 2:
        made.append(("density.png", "The fitted density, and the data (up to 2 000 rows)."))
    else:
        made.append(("density.png", "Pairs of columns (the first five): draws of the model over the data."))
    plot(model.density, values, names=names, draws=draws).savefig(folder / "density.png", dpi=_DPI)
    if len(curve.table):
        _learning(curve).savefig(folder / "learning_curve.png", dpi=_DPI)
        caption = "Held-out log-likelihood against the rows learned from; bars: 95 % of random parts."
        made.append(("learning_curve.png", caption))
    return made


def _label(column: Column) -> str:
    if not column.format:
        return column.name
    return f"{column.name} ({'seconds' if '%H' in column.format else 'days'} since 1970)"


def _marginals(names: list[str], values: np.ndarray, draws: np.ndarray) -> Figure:
    names = names[:_MOST_MARGINALS]
    across = min(3, len(names))
    down = -(-len(names) // across)
    figure = Figure(figsize=(3.2 * across + 0.6, 2.3 * down + 0.4), layout="constrained")
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    for j, name in enumerate(names):
        low, high = np.quantile(values[:, j], [0.001, 0.999])
        edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
        width = edges[1] - edges[0]
        for rows, color, label, fill in (
            (values, "0.75", "data", True),
            (draws, "#0072b2", "samples", False),
        ):
            heights = np.histogram(rows[:, j], edges)[0] / (len(rows) * width)
            panels[j].stairs(heights, edges, fill=fill, color=color, label=label)
        panels[j].set(xlabel=name, yticks=[])
    panels[0].legend(frameon=False, fontsize=8)
    return figure


def _learning(curve: LearningCurve) -> Figure:
    figure = Figure(figsize=(5.4, 3.4), layout="constrained")
    axes = figure.subplots()
    t = curve.table
    below, above = t.log_likelihood - t.low, t.high - t.log_likelihood
    axes.errorbar(
        t.rows, t.log_likelihood, yerr=[below.clip(lower=0), above.clip(lower=0)], fmt="o-", color="#0072b2"
    )
    if np.isfinite(curve.gain):
        ends = [2 * t.rows.iloc[-1]], [t.log_likelihood.iloc[-1] + curve.gain]
        bars = [[max(0.0, curve.gain - curve.gain_low)], [max(0.0, curve.gain_high - curve.gain)]]
        axes.errorbar(*ends, yerr=bars, fmt="o", mfc="white", color="#d55e00", label="twice as many rows")
        axes.legend(frameon=False)
    axes.set(xscale="log", xlabel="rows learned from", ylabel="held-out log-likelihood (nats)")
    return figure
