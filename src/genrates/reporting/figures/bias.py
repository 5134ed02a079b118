"""Bias of a wrong family: errors that stop falling, and the densities that they stop at."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from genrates.reporting.figures.convergence import curve
from genrates.reporting.figures.style import color, logarithmic, model_lines

_TRUTH = "0.87"


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw a row for each data set: the first metric over n with its plateaus, and the densities learned.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        The figure "bias".
    """
    data, variants = experiment.data, experiment.variants
    figure, axes = plt.subplots(len(data), 2, figsize=(9.5, 2.9 * len(data)), squeeze=False)
    for (left, right), name in zip(axes, data, strict=True):
        _errors(left, experiment, name)
        _densities(right, experiment, name)
    axes[-1][0].set_xlabel("sample size n")
    handles = model_lines(variants)
    handles.append(Line2D([], [], color="0.3", ls="--", lw=1, label="fitted plateau"))
    handles.append(Patch(color=_TRUTH, lw=0, label="truth"))
    figure.legend(handles=handles, loc="outside upper center", ncols=4, fontsize=8)
    return {"bias": figure}


def _errors(ax, experiment, data: str) -> None:
    """Draw the errors over n, and a line with its value at each plateau."""
    metric, variants = experiment.metrics[0], experiment.variants
    plateaus: dict[str, tuple[float, list[str]]] = {}
    for variant in variants:
        summary, line_color = experiment.summary(data, variant, metric), color(variant, variants)
        if curve(ax, summary, line_color) is None or summary.plateau is None:
            continue
        ax.axhline(summary.plateau, color=line_color, ls="--", lw=1)
        plateaus.setdefault(f"{summary.plateau:.3f}", (summary.plateau, []))[1].append(variant)
    if not ax.has_data():
        return
    ax.set_title(f"{data}: {metric}")
    logarithmic(ax)
    for value, (height, names) in plateaus.items():
        ax.annotate(
            f"bias {value}: {', '.join(names)}",
            xy=(0.99, height),
            xycoords=("axes fraction", "data"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=7.5,
        )


def _densities(ax, experiment, data: str) -> None:
    """Draw the truth and the densities learned from the largest n; shade the bias of those at a plateau.

    Models at a plateau that have learned the same density are drawn once.
    """
    variants, metric = experiment.variants, experiment.metrics[0]
    drawn: list[np.ndarray] = []
    for variant in variants:
        grids = experiment.cell(data, variant).density_grids
        sizes = [key for key in grids if key.startswith("n=")]
        if not sizes or "truth" not in grids:
            continue
        x, truth, learned = grids["grid"][:, 0], grids["truth"], grids[sizes[-1]]
        if not drawn:
            ax.fill_between(x, truth, color=_TRUTH, lw=0)
        width = 0.9
        if experiment.summary(data, variant, metric).plateau is not None:
            if any(np.allclose(learned, other, atol=1e-3 * truth.max()) for other in drawn):
                continue
            ax.fill_between(x, truth, learned, color=color(variant, variants), alpha=0.25, lw=0)
            width = 1.6
        ax.plot(x, learned, color=color(variant, variants), lw=width)
        drawn.append(learned)
    ax.set(title=f"{data}: learned from the largest n; shaded, the bias", yticks=[])
