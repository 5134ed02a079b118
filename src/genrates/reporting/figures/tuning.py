"""Error against the tuning parameter at one sample size: the U of bias and variance, a panel a model."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from genrates.reporting.figures.exact_curves import exact_curve
from genrates.reporting.figures.style import color

_COLUMNS = 3
#: what the x axis says where the card's "tuning" names more than one thing
_NAMES = {"hidden": "hidden units"}
_AUTOMATIC, _QUIET = "#d6604d", "0.55"


def draw(experiment) -> dict[str, plt.Figure]:
    """One figure for each data set; it shows the first metric at the largest n."""
    figures = {name: panels(experiment, name) for name in experiment.data}
    only = len(figures) == 1
    return {("tuning" if only else f"tuning_{name}"): figure for name, figure in figures.items()}


def panels(experiment, data: str) -> plt.Figure:
    sweeps = {model: found for model in _models(experiment) if (found := sweep(experiment, data, model))[0]}
    rows = -(-len(sweeps) // _COLUMNS)
    figure, axes = plt.subplots(
        rows,
        min(_COLUMNS, len(sweeps)),
        figsize=(3.5 * min(_COLUMNS, len(sweeps)), 2.9 * rows),
        squeeze=False,
    )
    for ax in axes.flat[len(sweeps) :]:
        ax.set_axis_off()
    for ax, (model, (parameter, points)) in zip(axes.flat, sweeps.items(), strict=False):
        panel(ax, experiment, data, model, parameter, points)
    n = max(experiment.cells[0].sizes)
    figure.suptitle(f"{data}, n = {n}: {experiment.metrics[0]} against the tuning parameter", fontsize=10)
    handles = [
        Line2D([], [], color="0.2", marker="o", ms=4, label="measured, 95 %"),
        Line2D([], [], color="0.2", lw=0.8, label="exact"),
        Line2D([], [], color=_QUIET, ls="--", lw=1, label="its bias"),
        Line2D([], [], color=_QUIET, ls=":", lw=1, label="its spread"),
        Line2D([], [], color="0.1", marker="*", ms=9, ls="", label="exact optimum"),
        Line2D([], [], color=_AUTOMATIC, marker="D", ms=5, ls="", label="automatic choice (median)"),
        Patch(color=_AUTOMATIC, alpha=0.15, lw=0, label="nine in ten automatic choices"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8)
    return figure


def _models(experiment) -> list[str]:
    return list(dict.fromkeys(cell.model_name for cell in experiment.cells))


def sweep(experiment, data: str, model: str) -> tuple[str, list[tuple[float, float, float]]]:
    """The parameter that the cells of `model` change, and (value, error, its standard error), sorted.

    Cells that change nothing, or more than one thing, are no points of a sweep.
    """
    changed = {
        cell.variant: cell.changes[0]
        for cell in experiment.cells
        if cell.data == data and cell.model_name == model and len(cell.changes) == 1
    }
    points = []
    for label, (_, value) in changed.items():
        if (found := _error(experiment, data, label)) is not None:
            points.append((float(np.sum(value)), *found))  # units of several layers add up
    parameter = next((name for name, _ in changed.values()), "")
    return parameter, sorted(points)


def _error(experiment, data: str, label: str) -> tuple[float, float] | None:
    """Error at the largest n and its standard error (NaN for one replicate)."""
    summary = experiment.summary(data, label, experiment.metrics[0])
    if summary is None or summary.error_n_max is None:
        return None
    return summary.error_n_max, summary.errors_se.get(max(summary.errors), np.nan)


def panel(ax, experiment, data: str, model: str, parameter: str, points: list) -> None:
    ink, config = color(model, _models(experiment)), experiment.model(model_label(experiment, model))
    x, error, se = np.array(points).T
    bars = np.stack([np.minimum(1.96 * np.nan_to_num(se), 0.9 * error), 1.96 * np.nan_to_num(se)])
    ax.errorbar(x, error, yerr=bars, color=ink, marker="o", ms=4, capsize=2, lw=1.2, zorder=3)
    n = max(experiment.cells[0].sizes)
    curve = exact_curve(config, experiment.truth(data), n, x[0], x[-1])
    ax.set(xscale="log", yscale="log", title=f"{model}: {config['metadata']['method']}")
    ax.set_xlabel(_NAMES.get(parameter, config["metadata"]["tuning"]))
    plain_ticks(ax)
    top, bottom = 1.5 * error.max(), 0.55 * error.min()
    if curve is not None:
        ax.plot(curve.x, curve.error, color="0.2", lw=0.8)
        ax.plot(curve.x, curve.bias, color=_QUIET, ls="--", lw=1)
        ax.plot(curve.x, curve.spread, color=_QUIET, ls=":", lw=1)
        ax.plot(*curve.optimum, "*", color="0.1", ms=9, zorder=5)
        bottom = min(bottom, 0.7 * curve.optimum[1])
    chosen = automatic(ax, experiment, data, model)
    if chosen is not None:
        best = curve.optimum if curve else (x[error.argmin()], error.min())
        words = f"chosen {chosen[0]:.3g}, best {'possible' if curve else 'of these'} {best[0]:.3g}"
        words += f"\nerror {chosen[1] / best[1]:.2f} x the best"
        ax.text(0.5, 0.97, words, transform=ax.transAxes, ha="center", va="top", fontsize=7.5, color="0.25")
    ax.set_ylim(bottom, 1.6 * top)


def plain_ticks(ax) -> None:
    """1, 2, 5, 10, ... as plain numbers: the axes span one or two decades."""
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def model_label(experiment, model: str) -> str:
    """The label of the cell in which `model` tunes itself, else of any of its cells."""
    variants = [cell.variant for cell in experiment.cells if cell.model_name == model]
    return model if model in variants else variants[0]


def automatic(ax, experiment, data: str, model: str) -> tuple[float, float] | None:
    """Mark what the model has chosen by itself; returns the median choice and the error under it."""
    if model not in experiment.variants or (found := _error(experiment, data, model)) is None:
        return None
    chosen = experiment.cell(data, model).costs("tuned")
    if chosen.empty:
        return None
    chosen = chosen[chosen.index == chosen.index.max()]
    middle = float(chosen.median())
    ax.axvspan(*np.quantile(chosen, [0.05, 0.95]), color=_AUTOMATIC, alpha=0.15, lw=0)
    ax.plot(middle, found[0], "D", color=_AUTOMATIC, ms=5, zorder=4)
    return middle, found[0]
