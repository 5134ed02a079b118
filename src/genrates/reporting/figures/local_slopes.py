"""Exponents between neighboring sizes: level for a power law, falling at a plateau, rising if n is small."""

import math

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.panels import panels
from genrates.reporting.figures.style import color, model_lines, power_of_ten, theory_line

_ROOM = 1.3  # times the largest reference that is drawn: what chance adds beyond says nothing


def draw(experiment) -> dict[str, plt.Figure]:
    """A row for each data set, a column for each metric, a line for each model; none for a single size."""
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
        top = 0.5
        for ax, name in zip(column, data, strict=True):
            summaries = {label: experiment.summary(name, label, metric) for label in variants}
            top = max(top, panel(ax, summaries, variants, (low, high)))
            ax.set_title(f"{name}: {metric}")
        for ax in column:
            ax.set_xticks(decades, [power_of_ten(k) for k in decades])  # may widen the axis
            ax.set(xlim=(low, high), ylim=(-0.2, _ROOM * top))
        column[-1].set_xlabel("sample size n")
    return {"local_slopes": figure}


def panel(ax, summaries: dict, variants: list[str], across: tuple[float, float]) -> float:
    """Exponents of each model's error between neighboring sizes, and what each is judged by; the largest."""
    top = 0.0
    for label, summary in summaries.items():
        if summary is None or not summary.local_rates:
            continue
        ink = color(label, variants)
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
            ax.plot(across, [reference] * 2, color=ink, lw=0.8, ls=":")
            top = max(top, reference)
    ax.plot(across, [0, 0], color="0.8", lw=0.6, zorder=0)
    return top
