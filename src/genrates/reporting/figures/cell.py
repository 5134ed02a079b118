"""One cell in one figure: its errors over n, and the densities it has learned."""

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.cat import show_density
from genrates.reporting.figures.style import logarithmic

_COLORS = ["#2166ac", "#c51b7d", "#1b7837", "#e08214", "#542788", "#666666"]


def draw(title: str, errors: dict[str, dict[int, float]], grids: dict[str, np.ndarray]) -> plt.Figure:
    """Draw the convergence of every metric, and the density at each n beside the truth.

    Parameters
    ----------
    title : str
        Names of data set and model.
    errors : dict of dict
        Error by n, for each metric that has one.
    grids : dict of ndarray
        Content of density_grids.npz.

    Returns
    -------
    Figure
        With two panels.
    """
    # A fixed layout: there are hundreds of these, and a computed one costs more than the drawing.
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.2), layout="none")
    figure.subplots_adjust(left=0.09, right=0.98, bottom=0.15, top=0.9, wspace=0.2)
    for (metric, by_size), line_color in zip(errors.items(), cycle(_COLORS), strict=False):
        if by_size and min(by_size.values()) > 0:
            left.plot(list(by_size), list(by_size.values()), color=line_color, marker="o", ms=3, label=metric)
    left.set(xlabel="sample size n", ylabel="error", title=title)
    if left.has_data():
        logarithmic(left)
        left.legend(fontsize=7)
    _densities(right, grids)
    return figure


def _densities(ax, grids: dict[str, np.ndarray]) -> None:
    """Draw the density learned at each n; in the plane, only the last one."""
    learned = sorted((key for key in grids if key.startswith("n=")), key=lambda key: int(key[2:]))
    if not learned:
        ax.set_axis_off()
        return
    if len(grids["shape"]) == 2:
        last = grids[learned[-1]]
        darkest = np.quantile(grids.get("truth", last), 0.995)
        show_density(ax, last, tuple(grids["shape"]), darkest)
        ax.set_title(f"density learned from {learned[-1]}")
        return
    x = grids["grid"][:, 0]
    if "truth" in grids:
        ax.fill_between(x, grids["truth"], color="0.85", label="truth")
    for key, shade in zip(learned, np.linspace(0.35, 1, len(learned)), strict=True):
        ax.plot(x, grids[key], color=_COLORS[0], alpha=shade, lw=1, label=key)
    ax.legend(fontsize=7)
