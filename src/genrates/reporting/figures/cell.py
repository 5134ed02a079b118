"""One cell in one figure: its errors over n, and the densities it has learned."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.cat import show_density
from genrates.reporting.figures.images import draw_sizes, last_draws, mosaic, show_images
from genrates.reporting.figures.style import logarithmic

_COLORS = ["#2166ac", "#c51b7d", "#1b7837", "#e08214", "#542788", "#666666"]
_LINES = [(line_color, style) for style, line_color in product(("-", "--", ":"), _COLORS)]
_LEGEND_COLUMNS, _LEGEND_LINE = 6, 0.17  # inches
_IMAGES_PER_ROW = 6


def draw(title: str, errors: dict[str, dict[int, float]], grids: dict[str, np.ndarray]) -> plt.Figure:
    """Draw the convergence of every metric, and what was learned: densities, or images that were drawn.

    A metric with a value that is not positive is left out: the axes are logarithmic.

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
    shown = {m: by_size for m, by_size in errors.items() if by_size and min(by_size.values()) > 0}
    legend = _LEGEND_LINE * -(-len(shown) // _LEGEND_COLUMNS)
    height = 3.2 + legend
    # A fixed layout: there are hundreds of these, and a computed one costs more than the drawing.
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, height), layout="none")
    bottom, top = (0.48 + legend) / height, 1 - 0.32 / height
    figure.subplots_adjust(left=0.09, right=0.98, bottom=bottom, top=top, wspace=0.2)
    for (metric, by_size), (line_color, style) in zip(shown.items(), _LINES, strict=False):
        line = {"color": line_color, "ls": style, "marker": "o", "ms": 3}
        left.plot(list(by_size), list(by_size.values()), label=metric, **line)
    left.set(xlabel="sample size n", ylabel="error", title=title)
    if shown:
        logarithmic(left)
        figure.legend(loc="lower center", ncols=_LEGEND_COLUMNS, fontsize=7, bbox_to_anchor=(0.5, 0))
    _learned(right, grids)
    return figure


def _learned(ax, grids: dict[str, np.ndarray]) -> None:
    """Draw the density learned at each n; in the plane the last one, of images the last draws."""
    learned = sorted((key for key in grids if key.startswith("n=")), key=lambda key: int(key[2:]))
    if sizes := draw_sizes(grids):
        height, width = map(int, grids["image_shape"])
        show_images(ax, mosaic(last_draws(grids)[0], (height, width), _IMAGES_PER_ROW))
        ax.set_title(f"drawn after n={sizes[-1]}")
        return
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
    for key, shade in zip(learned, np.linspace(1, 0.35, len(learned))[::-1], strict=True):
        ax.plot(x, grids[key], color=_COLORS[0], alpha=shade, lw=1, label=key)
    ax.legend(fontsize=7)
