"""Error against sample size: a row for each data set, a column for each metric, a line for each model."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.panels import panels
from genrates.reporting.figures.style import color, logarithmic, model_lines, theory_line


def draw(experiment) -> dict[str, plt.Figure]:
    """A log-log figure; each line ends in its measured exponent, the dotted line beside it is theory's."""
    data, variants, metrics = experiment.data, experiment.variants, experiment.metrics
    figure, axes = panels(len(data), len(metrics), 2.8, 2.1, [*model_lines(variants), theory_line()])
    for row, name in zip(axes, data, strict=True):
        for ax, metric in zip(row, metrics, strict=True):
            summaries = [(label, experiment.summary(name, label, metric)) for label in variants]
            panel(ax, summaries, variants, experiment.sizes)
            ax.set_title(f"{name}: {metric}")
    for ax in axes[-1]:
        ax.set_xlabel("sample size n")
    return {"convergence": figure}


def panel(ax, summaries: list, variants: list[str], sizes: list[int]) -> None:
    """The curves of one data set and metric, over an axis of all `sizes` with room for the exponents."""
    ends = []
    for label, summary in summaries:
        if (end := curve(ax, summary, color(label, variants), label)) is not None:
            ends.append((end, summary.rate_text, color(label, variants)))
    if not ends:
        ax.text(0.5, 0.5, "no error to draw", ha="center", va="center", transform=ax.transAxes, color="0.5")
        ax.set_xscale("log")
    else:
        logarithmic(ax)
        annotate_ends(ax, ends)
    first, last = sizes[0], sizes[-1]
    ax.set_xlim(first / 1.3, last * max(last / first, 2) ** 0.3)


def curve(ax, summary, ink: str, label: str) -> tuple[float, float] | None:
    """One model's errors with 95 % bars and the slope that theory gives; returns where the line ends.

    None where there is nothing that a logarithmic axis has a place for.
    """
    if summary is None or summary.status != "ok" or not summary.errors or min(summary.errors.values()) <= 0:
        return None
    sizes = np.array(sorted(summary.errors), dtype=np.float64)
    errors = np.array([summary.errors[n] for n in sizes])
    up = 1.96 * np.nan_to_num([summary.errors_se.get(n, 0.0) for n in sizes])
    # A bar that reaches zero has no place on a logarithmic axis.
    bars = np.stack([np.minimum(up, 0.9 * errors), up])
    ax.errorbar(
        sizes,
        errors,
        yerr=bars,
        color=ink,
        marker="o",
        ms=3,
        capsize=2,
        label=f"{label}  {summary.rate_text}",
    )
    reference = summary.rate_exact if summary.rate_exact is not None else summary.rate_theory
    if reference:
        middle = len(sizes) // 2
        line = errors[middle] * (sizes / sizes[middle]) ** -reference
        ax.plot(sizes, line, color=ink, lw=0.8, ls=":")
    return float(sizes[-1]), float(errors[-1])


def annotate_ends(ax, ends: list[tuple[tuple[float, float], str, str]]) -> None:
    """Write each exponent to the right of its line's end, pushed apart where lines end close together."""
    low, high = np.log(ax.get_ylim())
    gap, last = 0.065 * (high - low), -np.inf
    for (x, y), text, ink in sorted(ends, key=lambda end: end[0][1]):
        last = max(np.log(y), last + gap)
        ax.annotate(
            text,
            (x, np.exp(last)),
            xytext=(5, 0),
            textcoords="offset points",
            color=ink,
            fontsize=7,
            va="center",
        )
