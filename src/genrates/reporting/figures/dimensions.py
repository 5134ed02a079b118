"""The curse of dimension: the measured exponent against d, beside asymptotic and exact finite-n theory."""

from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from genrates.analysis.theory import exponent
from genrates.reporting.figures.style import color


def draw(experiment) -> dict[str, plt.Figure]:
    """A panel a model: points with 95 % bars are measured, the line is asymptotics, the dashes exact.

    A row for the first metric, and one for the second, which is the same error without the tails.
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
        exponents(row, experiment, metric)
    for ax in axes[-1]:
        ax.set_xlabel("dimension d")
    handles = [
        Line2D([], [], color="0.3", lw=1, label="asymptotic exponent"),
        Line2D([], [], color="0.3", lw=1, ls="--", label="exact slope on the same sizes"),
        Line2D([], [], color="0.3", marker="o", ms=5, lw=0, label="measured, with its 95 % interval"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3, fontsize=8)
    return {"dimensions": figure}


def exponents(axes, experiment, metric: str) -> None:
    """One metric's row of panels."""
    variants, top = experiment.variants, 0.0
    dimension = {name: experiment.truth(name).n_features for name in experiment.data}
    for ax, label in zip(axes, variants, strict=True):
        summaries = {dimension[name]: experiment.summary(name, label, metric) for name in experiment.data}
        panel(ax, summaries, color(label, variants))
        top = max([top, *(float(s.rate) for s in summaries.values() if s.rate is not None)])
        first, *others = [exponent(metric, cell) for cell in experiment.cells if cell.variant == label]
        is_formula = isinstance(first, str | Fraction) and all(first == other for other in others)
        ax.set_title(f"{label}: {first}" if is_formula else label)
    axes[0].set_ylabel(f"exponent a of\n{metric} ~ n^-a")
    axes[0].set_ylim(0, 1.25 * top if top else 1)  # a bar that leaves the panel says enough


def panel(ax, summaries: dict, ink: str) -> None:
    """Exponents of one model by dimension; one without a number says its verdict instead."""
    d = np.array(sorted(summaries))
    theory, exact, rate, low, high = (
        np.array([_number(getattr(summaries[k], key)) for k in d])
        for key in ("rate_theory", "rate_exact", "rate", "rate_low", "rate_high")
    )
    ax.plot(d, theory, color=ink, lw=1)
    ax.plot(d, exact, color=ink, lw=1, ls="--")
    bars = np.nan_to_num(np.stack([rate - low, high - rate]))
    ax.errorbar(d, rate, yerr=bars, color=ink, ecolor=ink, fmt="o", ms=5, capsize=3)
    for k in d[np.isnan(rate)]:
        ax.annotate(summaries[k].verdict, (k, 0.01), ha="center", rotation=90, color="0.5", fontsize=7)
    ax.set_xticks(d)


def _number(value) -> float:
    return np.nan if value is None else float(value)
