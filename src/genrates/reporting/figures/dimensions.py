"""The curse of dimension: the measured rate against d, beside asymptotic and exact finite-n theory."""

from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from genrates.analysis.theory import exponent
from genrates.reporting.figures.style import color


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw the rates over the dimension: a column for each model, a row for each of the first two metrics.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        The figure "dimensions".
    """
    variants, metrics = experiment.variants, experiment.metrics[:2]
    figure, axes = plt.subplots(
        len(metrics),
        len(variants),
        figsize=(2.9 * len(variants), 2.7 * len(metrics) + 0.4),
        sharex=True,
        sharey="row",
        squeeze=False,
    )
    for row, metric in zip(axes, metrics, strict=True):
        _row(row, experiment, metric)
    for ax in axes[-1]:
        ax.set_xlabel("dimension d")
    handles = [
        Line2D([], [], color="0.3", lw=1, label="asymptotic exponent"),
        Line2D([], [], color="0.3", lw=1, ls="--", label="exact slope on the same sizes"),
        Line2D([], [], color="0.3", marker="o", ms=5, lw=0, label="measured, with its 95 % interval"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3, fontsize=8)
    return {"dimensions": figure}


def _row(axes, experiment, metric: str) -> None:
    """Draw one metric's row of panels."""
    variants, highest = experiment.variants, 0.0
    for ax, variant in zip(axes, variants, strict=True):
        cells = [experiment.cell(name, variant) for name in experiment.data]
        summaries = {cell.n_features: experiment.summary(cell.data, variant, metric) for cell in cells}
        _panel(ax, summaries, color(variant, variants))
        highest = max([highest, *(s.rate for s in summaries.values() if s.rate is not None)])
        first, *others = [exponent(metric, cell) for cell in cells]
        is_formula = isinstance(first, str | Fraction) and all(first == other for other in others)
        ax.set_title(f"{variant}: {first}" if is_formula else variant)
    axes[0].set_ylabel(f"exponent a of\n{metric} ~ n^-a")
    axes[0].set_ylim(0, 1.25 * highest if highest else 1)  # longer bars are cut off


def _panel(ax, summaries: dict, line_color: str) -> None:
    """Draw the rates of one model by dimension; write the verdict where there is no rate."""
    d = np.array(sorted(summaries))
    theory, exact, rate, low, high = (
        np.array([getattr(summaries[k], key) for k in d], dtype=np.float64)  # None becomes NaN
        for key in ("rate_theory", "rate_exact", "rate", "rate_low", "rate_high")
    )
    ax.plot(d, theory, color=line_color, lw=1)
    ax.plot(d, exact, color=line_color, lw=1, ls="--")
    bars = np.nan_to_num(np.stack([rate - low, high - rate]))
    ax.errorbar(d, rate, yerr=bars, color=line_color, fmt="o", ms=5, capsize=3)
    for k in d[np.isnan(rate)]:
        ax.annotate(summaries[k].verdict, (k, 0.01), ha="center", rotation=90, color="0.5", fontsize=7)
    ax.set_xticks(d)
