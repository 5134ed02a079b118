"""This cat does not exist: what each model draws beside what it resembles, and at which n it is a cat."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.images import (
    drawing,
    drawn_sizes,
    first_of,
    last_drawn,
    mosaic,
    shape_of,
    show,
)

_PAIRS = 9
_TINT = "Blues"  # of training pictures
#: metrics underneath a row, with their names there
_UNDERNEATH = {
    "held_out_nll": "nats",
    "chain_bound": "nats, bound",
    "frechet": "Frechet",
    "coverage": "coverage",
    "density": "density",
    "c2st": "told from real",
    "spurious_share": "spurious",
}


def draw(experiment) -> dict[str, plt.Figure]:
    """The sheet and the strip of each data set."""
    figures = {}
    for name in experiment.data:
        ending = "" if len(experiment.data) == 1 else f"_{name}"
        figures[f"this_cat_does_not_exist{ending}"] = sheet(experiment, name)
        figures[f"at_which_n{ending}"] = strip(experiment, name)
    return figures


def sheet(experiment, name: str) -> plt.Figure:
    """Rows of pairs: a picture, and in blue the training picture nearest to it; metrics underneath."""
    first, shape = first_of(experiment, name), shape_of(experiment, name)
    rows = [("real cats, held out", (first["held_out"], first["nearest_held_out"]), floors(experiment, name))]
    for label in drawing(experiment, name):
        numbers = underneath(experiment, name, label)
        rows.append((label, last_drawn(experiment.cell(name, label).density_grids), numbers))
    figure, axes = plt.subplots(len(rows), 1, figsize=(12, 0.98 * len(rows) + 0.4), squeeze=False)
    for ax, (label, (pictures, nearest), numbers) in zip(axes[:, 0], rows, strict=True):
        pairs(ax, pictures[:_PAIRS], nearest[:_PAIRS], shape)
        ax.set_ylabel(label.replace("-", "\n"), rotation=0, ha="right", va="center", fontsize=9)
        ax.set_xlabel(numbers, fontsize=8, labelpad=2)
    figure.suptitle(
        "These cats do not exist (black; of chains and decoders the means that pixels are drawn from), "
        "in blue the drawing nearest to each that was learned from",
        fontsize=10,
    )
    return figure


def pairs(ax, pictures: np.ndarray, nearest: np.ndarray, shape: tuple[int, int]) -> None:
    """Black pictures, each with a blue one to its right."""
    both = np.stack([pictures, nearest], axis=1).reshape(-1, pictures.shape[1])
    sheet = mosaic(both, shape, len(both))
    black, blue = sheet.copy(), sheet.copy()
    column = np.arange(sheet.shape[1]) // (shape[1] + 2)
    black[:, column % 2 == 1] = np.nan
    blue[:, column % 2 == 0] = np.nan
    show(ax, black)
    ax.imshow(blue, cmap=_TINT, vmin=0, vmax=1, interpolation="nearest")


def underneath(experiment, name: str, label: str) -> str:
    """The metrics of one model at the largest n, in a line."""
    said = []
    for metric, words in _UNDERNEATH.items():
        if metric in experiment.metrics:
            value = experiment.summary(name, label, metric).error_n_max
            said += [] if value is None else [f"{words} {value:.3g}"]
    if "nearest_neighbor" in experiment.metrics:
        summary = experiment.summary(name, label, "nearest_neighbor")
        copies = summary.auxiliary.get("copies", {})
        said += [f"copies {copies[max(copies)]:.0%}"] if copies else []
    return "   ".join(said)


def floors(experiment, name: str) -> str:
    """What real pictures score, in a line."""
    said = []
    for metric, words in _UNDERNEATH.items():
        found = [
            experiment.summary(name, label, metric).auxiliary.get("floor", {})
            for label in (experiment.variants if metric in experiment.metrics else ())
        ]
        values = [floor[max(floor)] for floor in found if floor]
        said += [f"{words} {values[0]:.3g}"] if values else []
    return "   ".join(said)


def strip(experiment, name: str, down: int = 2, across: int = 3) -> plt.Figure:
    """Rows are models, columns sizes; six pictures each, and six real ones at the end."""
    shape, variants = shape_of(experiment, name), drawing(experiment, name)
    pictures = {label: experiment.cell(name, label).density_grids for label in variants}
    sizes = sorted({n for found in pictures.values() for n in drawn_sizes(found)})
    figure, axes = plt.subplots(
        len(variants),
        len(sizes) + 1,
        figsize=(2.3 * (len(sizes) + 1), 1.6 * len(variants) + 0.5),
        squeeze=False,
    )
    for row, label in zip(axes, variants, strict=True):
        for ax, n in zip(row, sizes, strict=False):
            drawn = pictures[label].get(f"drawn_{n}")
            if drawn is None:
                ax.set_axis_off()
            else:
                show(ax, mosaic(drawn[: down * across], shape, across))
        show(row[-1], mosaic(pictures[label]["held_out"][: down * across], shape, across))
        row[0].set_ylabel(label.replace("-", "\n"), rotation=0, ha="right", va="center", fontsize=9)
    for ax, title in zip(axes[0], [*(f"n = {n}" for n in sizes), "real"], strict=True):
        ax.set_title(title)
    figure.suptitle("At which n is it a cat?")
    return figure
