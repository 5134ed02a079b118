"""Every variant on a line of its own, a column for each metric: what each part of a model is worth."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from genrates.reporting.figures.style import ending

_LINE_HEIGHT, _HEAD_HEIGHT, _WIDTH = 0.19, 1.1, 10.5  # inches
_COLORS = "viridis"


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw the values of all metrics at all sizes, for each data set.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        A figure "ablation" for each data set.
    """
    return {f"ablation{ending(experiment, name)}": _values(experiment, name) for name in experiment.data}


def _values(experiment, data: str) -> plt.Figure:
    """Draw a panel for each metric, which share their lines."""
    variants, metrics = experiment.variants, experiment.metrics
    colors = dict(zip(experiment.sizes, _size_colors(len(experiment.sizes)), strict=True))
    size = (_WIDTH, _HEAD_HEIGHT + _LINE_HEIGHT * len(variants))
    figure, axes = plt.subplots(1, len(metrics), figsize=size, sharey=True, squeeze=False)
    for ax, metric in zip(axes[0], metrics, strict=True):
        for line, variant in enumerate(variants):
            summary = experiment.summary(data, variant, metric)
            for n, value in summary.errors.items():
                bar = 1.96 * np.nan_to_num(summary.errors_se.get(n, np.nan))
                ax.errorbar(value, line, xerr=bar, fmt="o", ms=3.5, lw=0.8, color=colors[n])
        ax.set_xlim(left=0)
        ax.set_title(metric)
        ax.grid(axis="y", lw=0.4, color="0.85")
    axes[0][0].set_yticks(range(len(variants)), variants, fontsize=7)
    axes[0][0].set_ylim(len(variants) - 0.5, -0.5)
    figure.suptitle(f"{data}: mean of the samples, 95 %", fontsize=10)
    handles = [Line2D([], [], color=c, marker="o", ms=4, ls="", label=f"n = {n}") for n, c in colors.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8)
    return figure


def _size_colors(count: int) -> list:
    """Return a color for each size, from light to dark."""
    return [plt.get_cmap(_COLORS)(x) for x in np.linspace(0.85, 0.1, count)]
