"""Error against sample size: a row for each data set, a column for each metric, a line for each model."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.panels import panels
from genrates.reporting.figures.style import color, error_bars, logarithmic, model_lines, theory_line


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw errors over n on logarithmic axes; each line ends in its rate, dotted lines have theory's.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        The figure "convergence".
    """
    data, variants, metrics = experiment.data, experiment.variants, experiment.metrics
    figure, axes = panels(len(data), len(metrics), 2.8, 2.1, [*model_lines(variants), theory_line()])
    for row, name in zip(axes, data, strict=True):
        for ax, metric in zip(row, metrics, strict=True):
            panel(ax, experiment, name, metric)
            ax.set_title(f"{name}: {metric}")
    for ax in axes[-1]:
        ax.set_xlabel("sample size n")
    return {"convergence": figure}


def panel(ax, experiment, data: str, metric: str) -> None:
    """Draw the errors of all models on one data set, over all sizes, with room for the rates at the right.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    experiment : ExperimentResults
        The experiment, with its summaries.
    data, metric : str
        Names of the data set and the metric.
    """
    variants, ends = experiment.variants, []
    for variant in variants:
        summary, line_color = experiment.summary(data, variant, metric), color(variant, variants)
        if (end := curve(ax, summary, line_color)) is not None:
            text = "" if summary.rate is None else f"n^{-summary.rate:z.2f}"
            ends.append((end, text, line_color))
    if not ends:
        ax.text(0.5, 0.5, "no error to draw", ha="center", va="center", transform=ax.transAxes, color="0.5")
        ax.set_xscale("log")
    else:
        logarithmic(ax)
        _write_rates(ax, ends)
    first, last = experiment.sizes[0], experiment.sizes[-1]
    ax.set_xlim(first / 1.3, last * max(last / first, 2) ** 0.3)


def curve(ax, summary, line_color: str) -> tuple[float, float] | None:
    """Draw the errors of one model with 95 % bars, and a dotted line with theory's slope.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    summary : Summary
        The model's errors and rates.
    line_color : str
        Color of both lines.

    Returns
    -------
    tuple of float or None
        n and error at the end of the line; None where a logarithmic axis has nothing to show.
    """
    if summary.status != "ok" or not summary.errors or min(summary.errors.values()) <= 0:
        return None
    sizes = np.array(sorted(summary.errors), dtype=np.float64)
    errors = np.array([summary.errors[n] for n in sizes])
    bars = error_bars(errors, np.array([summary.errors_se.get(n, 0.0) for n in sizes]))
    ax.errorbar(sizes, errors, yerr=bars, color=line_color, marker="o", ms=3, capsize=2)
    if reference := summary.expected_rate:
        middle = len(sizes) // 2
        line = errors[middle] * (sizes / sizes[middle]) ** -reference
        ax.plot(sizes, line, color=line_color, lw=0.8, ls=":")
    return float(sizes[-1]), float(errors[-1])


def _write_rates(ax, ends: list[tuple[tuple[float, float], str, str]]) -> None:
    """Write each rate to the right of its line's end; where lines end close together, one above the other."""
    low, high = np.log(ax.get_ylim())
    ends = sorted(ends, key=lambda end: end[0][1])
    steps = min(0.065 * (high - low), (high - low) / len(ends)) * np.arange(len(ends))
    heights = np.maximum.accumulate(np.log([y for (_, y), _, _ in ends]) - steps) + steps  # apart
    heights = np.minimum(heights, high - 0.04 * (high - low) - steps[::-1])  # below the title
    for height, ((x, _), text, line_color) in zip(heights, ends, strict=True):
        ax.annotate(
            text,
            (x, np.exp(height)),
            xytext=(5, 0),
            textcoords="offset points",
            color=line_color,
            fontsize=7,
            va="center",
            annotation_clip=False,
        )
