"""One cell in one picture: its errors over n, and the densities it has learned."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.cat import show
from genrates.reporting.figures.convergence import curve
from genrates.reporting.figures.style import logarithmic

_INK = ["#2166ac", "#c51b7d", "#1b7837", "#e08214", "#542788", "#666666"]


def draw(experiment, cell) -> plt.Figure:
    """Left the convergence of every metric, right the density at each n and the truth."""
    # A fixed layout: there are hundreds of these, and a computed one costs more than the drawing.
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.2), layout="none")
    figure.subplots_adjust(left=0.09, right=0.98, bottom=0.15, top=0.9, wspace=0.2)
    for metric, ink in zip(cell.metrics, _INK, strict=False):
        curve(left, experiment.summary(cell.data, cell.label, metric), ink, metric)
    left.set(xlabel="sample size n", ylabel="error", title=f"{cell.data}: {cell.label}")
    if left.has_data():
        logarithmic(left)
        left.legend(fontsize=7)
    densities(right, experiment.pictures(cell.data, cell.label))
    return figure


def densities(ax, pictures: dict[str, np.ndarray]) -> None:
    learned = [key for key in pictures if key.startswith("n=")]
    if not learned:
        ax.set_axis_off()
        return
    if len(pictures["shape"]) == 2:
        last = pictures[learned[-1]]
        show(ax, last, tuple(pictures["shape"]), np.quantile(pictures.get("truth", last), 0.995))
        ax.set_title(f"density learned from {learned[-1]}")
        return
    x = pictures["grid"][:, 0]
    if "truth" in pictures:
        ax.fill_between(x, pictures["truth"], color="0.85", label="truth")
    for key, shade in zip(learned, np.linspace(0.35, 1, len(learned)), strict=True):
        ax.plot(x, pictures[key], color=_INK[0], alpha=shade, lw=1, label=key)
    ax.legend(fontsize=7)
