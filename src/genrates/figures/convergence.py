"""Error against sample size: a row for each data set, a column for each metric, a line for each model."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.figures.style import colour


def draw(experiment) -> dict[str, plt.Figure]:
    """One log-log figure; the legend gives each line's measured rate."""
    data, labels, metrics = experiment.data, experiment.labels, experiment.metrics
    figure, axes = plt.subplots(
        len(data), len(metrics), figsize=(3.4 * len(metrics), 2.7 * len(data)), squeeze=False, sharex=True
    )
    for row, name in zip(axes, data, strict=True):
        for ax, metric in zip(row, metrics, strict=True):
            for label in labels:
                curve(ax, experiment.summary(name, label, metric), colour(label, labels), label)
            ax.set(xscale="log", yscale="log", title=f"{name}: {metric}")
            ax.legend(fontsize=7, loc="lower left")
    for ax in axes[-1]:
        ax.set_xlabel("sample size n")
    return {"convergence": figure}


def curve(ax, summary, line_colour: str, label: str) -> None:
    """One model's errors with their standard errors, and the slope that exact theory (else theory) predicts."""
    if summary is None or summary.fit is None:
        return
    fit = summary.fit
    ax.errorbar(fit.sizes, fit.errors, yerr=1.96 * fit.error_se, color=line_colour, marker="o", ms=3, capsize=2,
                label=f"{label}  {summary.rate_text}")
    reference = summary.rate_exact if summary.rate_exact is not None else summary.rate_theory
    if reference:
        middle = len(fit.sizes) // 2
        ax.plot(fit.sizes, fit.errors[middle] * (np.asarray(fit.sizes) / fit.sizes[middle]) ** -reference,
                color=line_colour, lw=0.8, ls=":")
