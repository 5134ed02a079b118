"""A density in the plane: what each model has learned at each sample size, and the truth."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.style import ending


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw a row for each model, a column for each sample size, and the truth in the last column.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.

    Returns
    -------
    dict of Figure
        A figure "cat" for each data set.
    """
    return {f"cat{ending(experiment, name)}": _densities(experiment, name) for name in experiment.data}


def _densities(experiment, data: str) -> plt.Figure:
    """Draw all densities of one data set."""
    variants = experiment.variants
    grids = {variant: experiment.cell(data, variant).density_grids for variant in variants}
    sizes = sorted({int(key[2:]) for found in grids.values() for key in found if key.startswith("n=")})
    truth, shape = next((g["truth"], tuple(g["shape"])) for g in grids.values() if "truth" in g)
    figure, axes = plt.subplots(
        len(variants),
        len(sizes) + 1,
        figsize=(1.9 * (len(sizes) + 1) * shape[1] / shape[0] / 1.25, 1.9 * len(variants) * 0.9),
        squeeze=False,
    )
    darkest = np.quantile(truth, 0.995)
    for row, variant in zip(axes, variants, strict=True):
        for ax, n in zip(row, sizes, strict=False):
            show_density(ax, grids[variant].get(f"n={n}"), shape, darkest)
        show_density(row[-1], truth, shape, darkest)
        row[0].set_ylabel(variant)
    for ax, n in zip(axes[0], sizes, strict=False):
        ax.set_title(f"n = {n:,}".replace(",", " "))
    axes[0][-1].set_title("the truth")
    return figure


def show_density(ax, density: np.ndarray | None, shape: tuple[int, int], darkest: float) -> None:
    """Show a density in the plane as an image.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    density : ndarray of shape (height * width,) or None
        Its values; None says that there is no fit.
    shape : tuple of int
        Height and width.
    darkest : float
        The value that is black.
    """
    ax.set(xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_visible(False)
    if density is None:
        ax.text(0.5, 0.5, "no fit", ha="center", transform=ax.transAxes)
        return
    ax.imshow(density.reshape(shape), cmap="gray_r", vmin=0, vmax=darkest, interpolation="nearest")
