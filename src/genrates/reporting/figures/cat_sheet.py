"""Cats that do not exist: draws beside the training images nearest to them, and draws at every n."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.images import (
    draw_sizes,
    first_grids,
    image_shape,
    last_draws,
    mosaic,
    show_images,
    variants_that_draw,
)
from genrates.reporting.figures.style import ending

_PAIRS = 9
_TRAINING_CMAP = "Blues"
#: metrics below a row of the sheet, with their names there
_METRIC_NAMES = {
    "held_out_nll": "nats",
    "chain_bound_short": "nats, bound",
    "frechet": "Frechet",
    "coverage": "coverage",
    "density": "density",
    "c2st": "told from real",
    "spurious_share": "spurious",
}


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw a sheet of draws at the largest n, and a strip of draws at every n, for each data set.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        Figures "this_cat_does_not_exist" and "at_which_n" for each data set.
    """
    figures = {}
    for name in experiment.data:
        figures[f"this_cat_does_not_exist{ending(experiment, name)}"] = _sheet(experiment, name)
        figures[f"at_which_n{ending(experiment, name)}"] = _strip(experiment, name)
    return figures


def _sheet(experiment, data: str) -> plt.Figure:
    """Draw rows of pairs, a draw and in blue the training image nearest to it, with metrics below."""
    first, shape = first_grids(experiment, data), image_shape(experiment, data)
    real = (first["held_out"], first["nearest_held_out"])
    rows = [("real cats, held out", real, floor_line(experiment, data))]
    for variant in variants_that_draw(experiment, data):
        draws = last_draws(experiment.cell(data, variant).density_grids)
        rows.append((variant, draws, metric_line(experiment, data, variant)))
    figure, axes = plt.subplots(len(rows), 1, figsize=(12, 0.98 * len(rows) + 0.4), squeeze=False)
    for ax, (title, (images, nearest), numbers) in zip(axes[:, 0], rows, strict=True):
        _show_pairs(ax, images[:_PAIRS], nearest[:_PAIRS], shape)
        ax.set_ylabel(title.replace("-", "\n"), rotation=0, ha="right", va="center", fontsize=9)
        ax.set_xlabel(numbers, fontsize=8, labelpad=2)
    figure.suptitle(
        "These cats do not exist (black; chains and decoders show the means that pixels are drawn from). "
        "In blue: the training image nearest to each",
        fontsize=10,
    )
    return figure


def _show_pairs(ax, images: np.ndarray, nearest: np.ndarray, shape: tuple[int, int]) -> None:
    """Show black images, each with a blue one to its right."""
    both = np.stack([images, nearest], axis=1).reshape(-1, images.shape[1])
    sheet = mosaic(both, shape, len(both))
    black, blue = sheet.copy(), sheet.copy()
    column = np.arange(sheet.shape[1]) // (shape[1] + 2)
    black[:, column % 2 == 1] = np.nan
    blue[:, column % 2 == 0] = np.nan
    show_images(ax, black)
    show_images(ax, blue, _TRAINING_CMAP)


def metric_line(experiment, data: str, variant: str) -> str:
    """Return the metrics of one model at the largest n, in a line.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.
    data, variant : str
        Names of the data set and the model.

    Returns
    -------
    str
        Names and values; what was not measured is left out.
    """
    parts = []
    for metric, name in _METRIC_NAMES.items():
        if metric in experiment.metrics:
            value = experiment.summary(data, variant, metric).error_n_max
            parts += [] if value is None else [f"{name} {value:.3g}"]
    if "nearest_neighbor" in experiment.metrics:
        copies = experiment.summary(data, variant, "nearest_neighbor").auxiliary.get("copies", {})
        parts += [f"copies {copies[max(copies)]:.0%}"] if copies else []
    return "   ".join(parts)


def floor_line(experiment, data: str) -> str:
    """Return what real images score at the largest n, in a line.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.
    data : str
        Name of the data set.

    Returns
    -------
    str
        Names and values of the metrics that have a floor.
    """
    parts = []
    for metric, name in _METRIC_NAMES.items():
        if metric in experiment.metrics:
            summaries = [experiment.summary(data, variant, metric) for variant in experiment.variants]
            floor = next((s.auxiliary["floor"] for s in summaries if s.auxiliary.get("floor")), None)
            parts += [f"{name} {floor[max(floor)]:.3g}"] if floor else []
    return "   ".join(parts)


def _strip(experiment, data: str, down: int = 2, across: int = 3) -> plt.Figure:
    """Draw rows of models and columns of sizes, six images each, and six real ones at the end."""
    shape, variants = image_shape(experiment, data), variants_that_draw(experiment, data)
    grids = {variant: experiment.cell(data, variant).density_grids for variant in variants}
    sizes = sorted({n for found in grids.values() for n in draw_sizes(found)})
    figure, axes = plt.subplots(
        len(variants),
        len(sizes) + 1,
        figsize=(2.3 * (len(sizes) + 1), 1.6 * len(variants) + 0.5),
        squeeze=False,
    )
    for row, variant in zip(axes, variants, strict=True):
        for ax, n in zip(row, sizes, strict=False):
            draws = grids[variant].get(f"drawn_{n}")
            if draws is None:
                ax.set_axis_off()
            else:
                show_images(ax, mosaic(draws[: down * across], shape, across))
        show_images(row[-1], mosaic(grids[variant]["held_out"][: down * across], shape, across))
        row[0].set_ylabel(variant.replace("-", "\n"), rotation=0, ha="right", va="center", fontsize=9)
    for ax, title in zip(axes[0], [*(f"n = {n}" for n in sizes), "real"], strict=True):
        ax.set_title(title)
    figure.suptitle("At which n is it a cat?")
    figure.get_layout_engine().set(w_pad=0.12)  # inches, so that columns stand apart
    return figure
