"""Rates between neighboring sizes: level for a power law, falling at a plateau, rising if n is small."""

import math

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.panels import panels
from genrates.reporting.figures.style import color, model_lines, power_of_ten, theory_line

_ROOM = 1.3  # height of a panel, in units of the largest reference: what lies beyond is noise


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw a row for each data set, a column for each metric, a line for each model.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        The figure "local_slopes"; nothing if there is a single size.
    """
    metrics = [
        metric
        for metric in experiment.metrics
        if any(experiment.summary(c.data, c.variant, metric).local_rates for c in experiment.cells)
    ]
    if not metrics:
        return {}
    data, variants = experiment.data, experiment.variants
    figure, axes = panels(len(data), len(metrics), 2.6, 1.6, [*model_lines(variants), theory_line()])
    low, high = math.log10(experiment.sizes[0]), math.log10(experiment.sizes[-1])
    decades = range(math.floor(low), math.ceil(high) + 1)
    for column, metric in zip(axes.T, metrics, strict=True):
        highest = 0.5
        for ax, name in zip(column, data, strict=True):
            highest = max(highest, _panel(ax, experiment, name, metric, (low, high)))
            ax.set_title(f"{name}: {metric}")
        for ax in column:
            ax.set_xticks(decades, [power_of_ten(k) for k in decades])
            ax.set(xlim=(low, high), ylim=(-0.2, _ROOM * highest))  # after the ticks, which widen the axis
        column[-1].set_xlabel("sample size n")
    return {"local_slopes": figure}


def _panel(ax, experiment, data: str, metric: str, ends: tuple[float, float]) -> float:
    """Draw the local rates of each model and its reference; return the largest reference."""
    variants, highest = experiment.variants, 0.0
    for variant in variants:
        summary, line_color = experiment.summary(data, variant, metric), color(variant, variants)
        if not summary.local_rates:
            continue
        sizes, rates = np.log10(list(summary.local_rates)), list(summary.local_rates.values())
        ax.plot(sizes, rates, color=line_color, marker="o", ms=2.5, lw=1)
        if (reference := summary.expected_rate) is not None:
            ax.plot(ends, [reference] * 2, color=line_color, lw=0.8, ls=":")
            highest = max(highest, reference)
    ax.plot(ends, [0, 0], color="0.8", lw=0.6, zorder=0)
    return highest
