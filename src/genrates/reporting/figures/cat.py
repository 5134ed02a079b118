"""A density in the plane, as each model sees it at each sample size, with the truth at the end."""

import matplotlib.pyplot as plt
import numpy as np


def draw(experiment) -> dict[str, plt.Figure]:
    """Rows are models, columns sample sizes, and the last column is what there was to learn."""
    figures = {name: panels(experiment, name) for name in experiment.data}
    only = len(figures) == 1
    return {("cat" if only else f"cat_{name}"): figure for name, figure in figures.items()}


def panels(experiment, name: str) -> plt.Figure:
    variants = experiment.variants
    pictures = {label: experiment.cell(name, label).density_grids for label in variants}
    sizes = sorted({int(k[2:]) for p in pictures.values() for k in p if k.startswith("n=")})
    truth, shape = next((p["truth"], tuple(p["shape"])) for p in pictures.values() if "truth" in p)
    figure, axes = plt.subplots(
        len(variants),
        len(sizes) + 1,
        figsize=(1.9 * (len(sizes) + 1) * shape[1] / shape[0] / 1.25, 1.9 * len(variants) * 0.9),
        squeeze=False,
    )
    top = np.quantile(truth, 0.995)
    for row, label in zip(axes, variants, strict=True):
        for ax, n in zip(row, sizes, strict=False):
            show(ax, pictures[label].get(f"n={n}"), shape, top)
        show(row[-1], truth, shape, top)
        row[0].set_ylabel(label, visible=True)
    for ax, n in zip(axes[0], sizes, strict=False):
        ax.set_title(f"n = {n:,}".replace(",", " "))
    axes[0][-1].set_title("the truth")
    return figure


def show(ax, density: np.ndarray | None, shape: tuple[int, int], top: float) -> None:
    """One picture: dense is dark, on the truth's scale in every panel."""
    ax.set(xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_visible(False)
    if density is None:
        ax.text(0.5, 0.5, "no fit", ha="center", transform=ax.transAxes)
        return
    ax.imshow(density.reshape(shape), cmap="gray_r", vmin=0, vmax=top, interpolation="nearest")
