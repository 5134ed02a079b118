"""Error against the tuning parameter at one sample size: bias and variance, a panel for each model."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from genrates.reporting.figures.exact_curves import exact_curve
from genrates.reporting.figures.style import color, ending, error_bars

_COLUMNS = 3
_LEGEND_WIDTH, _LEGEND_HEIGHT = 7.5, 0.5  # inches
#: what the x axis says where the metadata's "tuning" names more than one parameter
_AXIS_LABELS = {"hidden": "hidden units"}
_AUTOMATIC, _PARTS = "#d6604d", "0.55"


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw the first metric at the largest n over the tuning parameters, for each data set.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        A figure "tuning" for each data set.
    """
    return {f"tuning{ending(experiment, name)}": _sweeps(experiment, name) for name in experiment.data}


def _sweeps(experiment, data: str) -> plt.Figure:
    """Draw a panel for each model whose tuning parameter changes."""
    sweeps = {model: sweep(experiment, data, model) for model in _models(experiment)}
    sweeps = {model: found for model, found in sweeps.items() if found[1]}
    rows, columns = -(-len(sweeps) // _COLUMNS), min(_COLUMNS, len(sweeps))
    size = (max(3.5 * columns, _LEGEND_WIDTH), 2.9 * rows + _LEGEND_HEIGHT)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for ax in axes.flat[len(sweeps) :]:
        ax.set_axis_off()
    for ax, (model, (parameter, points)) in zip(axes.flat, sweeps.items(), strict=False):
        _panel(ax, experiment, data, model, parameter, points)
    n = experiment.sizes[-1]
    figure.suptitle(f"{data}, n = {n}: {experiment.metrics[0]} against the tuning parameter", fontsize=10)
    handles = [
        Line2D([], [], color="0.2", marker="o", ms=4, label="measured, 95 %"),
        Line2D([], [], color="0.2", lw=0.8, label="exact"),
        Line2D([], [], color=_PARTS, ls="--", lw=1, label="its bias"),
        Line2D([], [], color=_PARTS, ls=":", lw=1, label="its spread"),
        Line2D([], [], color="0.1", marker="*", ms=9, ls="", label="exact optimum"),
        Line2D([], [], color=_AUTOMATIC, marker="D", ms=5, ls="", label="automatic choice (median)"),
        Patch(color=_AUTOMATIC, alpha=0.15, lw=0, label="nine in ten automatic choices"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8)
    return figure


def _models(experiment) -> list[str]:
    """Return the names of the models' configs."""
    return list(dict.fromkeys(cell.model_name for cell in experiment.cells))


def sweep(experiment, data: str, model: str) -> tuple[str, list[tuple[float, float, float]]]:
    """Return the parameter that the cells of a model change, and the error at each of its values.

    Only cells that change exactly one parameter count.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.
    data, model : str
        Names of the data set and of the model's config.

    Returns
    -------
    parameter : str
        Name of the parameter; empty if nothing changes.
    points : list of (float, float, float)
        Value, error at the largest n and its standard error, sorted by value.
    """
    parameter, points = "", []
    for cell in experiment.cells:
        if cell.data == data and cell.model_name == model and len(cell.changes) == 1:
            ((name, value),) = cell.changes
            parameter = parameter or name
            if (found := _error(experiment, data, cell.variant)) is not None:
                points.append((float(np.sum(value)), *found))  # units of several layers add up
    return parameter, sorted(points)


def _error(experiment, data: str, variant: str) -> tuple[float, float] | None:
    """Return the error at the largest n and its standard error (NaN for one replicate)."""
    summary = experiment.summary(data, variant, experiment.metrics[0])
    if summary.error_n_max is None:
        return None
    return summary.error_n_max, summary.errors_se.get(max(summary.errors), np.nan)


def _panel(ax, experiment, data: str, model: str, parameter: str, points: list) -> None:
    """Draw the error of one model over its tuning parameter, the exact error, and the automatic choice."""
    line_color, config = color(model, _models(experiment)), _config(experiment, model)
    x, errors, se = np.array(points).T
    ax.errorbar(
        x,
        errors,
        yerr=error_bars(errors, se),
        color=line_color,
        marker="o",
        ms=4,
        capsize=2,
        lw=1.2,
        zorder=3,
    )
    exact = exact_curve(config, experiment.truth(data), experiment.sizes[-1], x[0], x[-1])
    ax.set(xscale="log", yscale="log", title=f"{model}: {config['metadata']['method']}")
    ax.set_xlabel(_AXIS_LABELS.get(parameter, config["metadata"]["tuning"]))
    _plain_ticks(ax)
    best, bottom = (x[errors.argmin()], errors.min()), 0.55 * errors.min()
    if exact is not None:
        ax.plot(exact.x, exact.error, color="0.2", lw=0.8)
        ax.plot(exact.x, exact.bias, color=_PARTS, ls="--", lw=1)
        ax.plot(exact.x, exact.spread, color=_PARTS, ls=":", lw=1)
        ax.plot(*exact.optimum, "*", color="0.1", ms=9, zorder=5)
        best = exact.optimum
        bottom = min(bottom, 0.7 * best[1])
    chosen = _mark_automatic(ax, experiment, data, model)
    if chosen is not None:
        text = f"chosen {chosen[0]:.3g}, best {'of these' if exact is None else 'possible'} {best[0]:.3g}"
        text += f"\nerror {chosen[1] / best[1]:.2f} x the best"
        ax.text(0.5, 0.97, text, transform=ax.transAxes, ha="center", va="top", fontsize=7.5, color="0.25")
    ax.set_ylim(bottom, 2.4 * errors.max())


def _plain_ticks(ax) -> None:
    """Label 1, 2, 5, 10, ... as plain numbers: the axes span one or two decades."""
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def _config(experiment, model: str) -> dict:
    """Return the config of the cell in which a model tunes itself, else of any of its cells."""
    variants = [cell.variant for cell in experiment.cells if cell.model_name == model]
    return experiment.model(model if model in variants else variants[0])


def _mark_automatic(ax, experiment, data: str, model: str) -> tuple[float, float] | None:
    """Mark the values that a model has chosen itself; return their median and the error."""
    if model not in experiment.variants or (found := _error(experiment, data, model)) is None:
        return None
    chosen = experiment.cell(data, model).costs("tuned")
    if chosen.empty:
        return None
    chosen = chosen[chosen.index == chosen.index.max()]
    median = float(chosen.median())
    ax.axvspan(*np.quantile(chosen, [0.05, 0.95]), color=_AUTOMATIC, alpha=0.15, lw=0)
    ax.plot(median, found[0], "D", color=_AUTOMATIC, ms=5, zorder=4)
    return median, found[0]
