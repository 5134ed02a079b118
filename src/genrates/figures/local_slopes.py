"""Exponents between neighbouring sizes: level for a power law, falling at a plateau, rising if n is small."""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from genrates.figures.style import colour

_ROOM = 1.3  # times the largest reference that is drawn: what chance adds beyond says nothing


def draw(experiment) -> dict[str, plt.Figure]:
    """A row for each data set, a column for each metric, a line for each model; none for a single size."""
    metrics = [
        metric
        for metric in experiment.metrics
        if any(experiment.summary(name, label, metric).local_rates for name, label in experiment.cells)
    ]
    if not metrics:
        return {}
    data, labels = experiment.data, experiment.labels
    figure, axes = _panels(len(data), len(metrics))
    for column, metric in zip(axes.T, metrics, strict=True):
        top = 0.5
        for ax, name in zip(column, data, strict=True):
            summaries = {label: experiment.summary(name, label, metric) for label in labels}
            top = max(top, panel(ax, summaries, labels))
            ax.set_title(f"{name}: {metric}")
        column[0].set_ylim(-0.2, _ROOM * top)  # of all: they share it
        column[-1].set_xlabel("sample size n")
    sizes = [n for cell in experiment.cells.values() for n in cell.grid.sizes]
    decades = range(math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes))) + 1)
    axes[0, 0].set_xticks(decades, [rf"$10^{{{k}}}$" for k in decades])  # of all: they share it
    handles = [Line2D([], [], color=colour(label, labels), marker="o", ms=3, label=label) for label in labels]
    handles.append(
        Line2D([], [], color="0.4", lw=0.8, ls=":", label="slope of exact theory, else of asymptotics")
    )
    columns = max(1, int(figure.get_figwidth() / 1.9))
    figure.legend(handles=handles, loc="upper center", ncols=columns, fontsize=8)
    return {"local_slopes": figure}


def _panels(down: int, across: int):
    """Axes at fixed places: there can be eighty, and a computed layout costs more than the drawing.

    For the same reason they are linear, in the logarithm.
    """
    width, height, top = 3.1 * across + 0.5, 1.9 * down + 1.0, 0.75
    figure, axes = plt.subplots(
        down, across, figsize=(width, height), layout="none", squeeze=False, sharex=True, sharey="col"
    )
    figure.subplots_adjust(
        left=0.45 / width,
        right=1 - 0.1 / width,
        bottom=0.45 / height,
        top=1 - top / height,
        wspace=0.15,
        hspace=0.2,
    )
    return figure, axes


def panel(ax, summaries: dict, labels: list[str]) -> float:
    """Exponents of each model's error between neighbouring sizes, and what each is judged by; the largest."""
    top = 0.0
    for label, summary in summaries.items():
        if summary is None or not summary.local_rates:
            continue
        ink = colour(label, labels)
        ax.plot(
            np.log10(list(summary.local_rates)),
            list(summary.local_rates.values()),
            color=ink,
            marker="o",
            ms=2.5,
            lw=1,
        )
        reference = summary.rate_exact if summary.rate_exact is not None else summary.rate_theory
        if reference is not None:
            ax.axhline(reference, color=ink, lw=0.8, ls=":")
            top = max(top, reference)
    ax.axhline(0, color="0.8", lw=0.6, zorder=0)
    return top
