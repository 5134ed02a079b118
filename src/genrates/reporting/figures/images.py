"""Images that models have drawn, and how every measure of their quality falls with the sample size."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, StrMethodFormatter

from genrates.reporting.figures.style import color, ending, model_lines

_PANELS_PER_ROW = 4
_IMAGES_PER_ROW = 16
#: measures between bounds, or of either sign, which a logarithmic axis would hide
_LINEAR = {"density", "coverage", "c2st", "mmd", "spurious_share"}


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw the convergence of every metric beside its floor, and a sheet of draws, for each data set.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        Figures "quality" and "samples" for each data set.
    """
    figures = {}
    for name in experiment.data:
        figures[f"quality{ending(experiment, name)}"] = _quality(experiment, name)
        figures[f"samples{ending(experiment, name)}"] = sheet_of_draws(experiment, name)
    return figures


def _quality(experiment, data: str) -> plt.Figure:
    """Draw a panel for each metric, a line for each model; gray dashes are what real images score."""
    variants = experiment.variants
    summaries = {m: {v: experiment.summary(data, v, m) for v in variants} for m in experiment.metrics}
    summaries = {m: found for m, found in summaries.items() if any(s.errors for s in found.values())}
    rows = -(-len(summaries) // _PANELS_PER_ROW)
    size = (3.3 * _PANELS_PER_ROW, 2.5 * rows)
    figure, axes = plt.subplots(rows, _PANELS_PER_ROW, figsize=size, squeeze=False)
    for ax, (metric, found) in zip(axes.flat, summaries.items(), strict=False):
        _panel(ax, found)
        ax.set(title=metric.replace("_", " "), xscale="log", xlabel="training images n")
        _scale(ax, metric)
        sizes = sorted({n for summary in found.values() for n in summary.errors})
        ax.set_xticks(sizes, [str(n) for n in sizes])
    for ax in axes.flat[len(summaries) :]:
        ax.set_axis_off()
    handles = model_lines(variants)
    handles.append(Line2D([], [], color="0.4", ls="--", lw=1, label="real against real"))
    figure.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 6), fontsize=8)
    return figure


def _panel(ax, summaries: dict) -> None:
    """Draw the values of each model with 95 % bars, and the floor."""
    variants, floor = list(summaries), {}
    for variant, summary in summaries.items():
        sizes = sorted(summary.errors)
        if not sizes:
            continue
        bars = [1.96 * summary.errors_se.get(n, 0.0) for n in sizes]
        values = [summary.errors[n] for n in sizes]
        ax.errorbar(sizes, values, yerr=np.nan_to_num(bars), color=color(variant, variants), marker="o", ms=3)
        floor |= summary.auxiliary.get("floor", {})
    if floor:
        ax.plot(sorted(floor), [floor[n] for n in sorted(floor)], color="0.4", ls="--", lw=1, zorder=0)


def _scale(ax, metric: str) -> None:
    """Make the axis of values logarithmic where they differ much, with plain numbers at its ticks."""
    low, high = ax.get_ylim()
    if metric not in _LINEAR and low > 0 and high > 4 * low:
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.minorticks_off()


def sheet_of_draws(experiment, data: str) -> plt.Figure:
    """Draw a row of real images, and a row of draws at the largest n for each model that draws.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    data : str
        Name of the data set.

    Returns
    -------
    Figure
        The sheet.
    """
    rows = {"real": first_grids(experiment, data)["held_out"]}
    for variant in variants_that_draw(experiment, data):
        rows[variant], _ = last_draws(experiment.cell(data, variant).density_grids)
    shape = image_shape(experiment, data)
    figure, axes = plt.subplots(len(rows), 1, figsize=(11, 0.75 * len(rows) + 0.3), squeeze=False)
    for ax, (variant, images) in zip(axes[:, 0], rows.items(), strict=True):
        show_images(ax, mosaic(images[:_IMAGES_PER_ROW], shape, _IMAGES_PER_ROW))
        ax.set_ylabel(variant.replace("-", "\n"), rotation=0, ha="right", va="center", fontsize=8)
    return figure


# -- parts of the figures of images ---------------------------------------------------------------


def variants_that_draw(experiment, data: str) -> list[str]:
    """Return the models that have drawn images.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    data : str
        Name of the data set.

    Returns
    -------
    list of str
        Names of the variants.
    """
    return [v for v in experiment.variants if draw_sizes(experiment.cell(data, v).density_grids)]


def first_grids(experiment, data: str) -> dict[str, np.ndarray]:
    """Return the density grids of the first model, which hold the images that all models share.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    data : str
        Name of the data set.

    Returns
    -------
    dict of ndarray
        Content of density_grids.npz.
    """
    return experiment.cell(data, experiment.variants[0]).density_grids


def image_shape(experiment, data: str) -> tuple[int, int]:
    """Return the shape of an image.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    data : str
        Name of the data set.

    Returns
    -------
    tuple of int
        Height and width.
    """
    height, width = first_grids(experiment, data)["image_shape"]
    return int(height), int(width)


def draw_sizes(grids: dict[str, np.ndarray]) -> list[int]:
    """Return the sample sizes for which draws were kept.

    Parameters
    ----------
    grids : dict of ndarray
        Content of density_grids.npz.

    Returns
    -------
    list of int
        Increasing.

    Examples
    --------
    >>> draw_sizes({"drawn_300": 0, "drawn_1000": 0, "nearest_300": 0})
    [300, 1000]
    """
    return sorted(int(key.removeprefix("drawn_")) for key in grids if key.startswith("drawn_"))


def last_draws(grids: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the draws of the largest fit, and the training images nearest to them.

    Parameters
    ----------
    grids : dict of ndarray
        Content of density_grids.npz of a model that draws.

    Returns
    -------
    draws, nearest : ndarray of shape (m, n_features)
        Draws, and training images in the same order.
    """
    n = draw_sizes(grids)[-1]
    return grids[f"drawn_{n}"], grids[f"nearest_{n}"]


def mosaic(images: np.ndarray, shape: tuple[int, int], across: int, gap: int = 2) -> np.ndarray:
    """Return images side by side in one array, with NaN between them.

    Parameters
    ----------
    images : ndarray of shape (m, height * width)
        The images, in reading order.
    shape : tuple of int
        Height and width of an image.
    across : int
        Images in a row.
    gap : int, default=2
        Pixels between two images.

    Returns
    -------
    ndarray of shape (rows, columns)
        The mosaic.

    Examples
    --------
    >>> mosaic(np.ones((3, 4)), (2, 2), across=2, gap=1).shape
    (5, 5)
    """
    height, width = shape
    down = -(-len(images) // across)
    sheet = np.full((down * (height + gap), across * (width + gap)), np.nan)
    for i, image in enumerate(images):
        y, x = (i // across) * (height + gap), (i % across) * (width + gap)
        sheet[y : y + height, x : x + width] = image.reshape(shape)
    return sheet[: sheet.shape[0] - gap, : sheet.shape[1] - gap]


def show_images(ax, sheet: np.ndarray, cmap: str = "gray_r") -> None:
    """Show a mosaic, ones dark, without axes; NaN is left out.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    sheet : ndarray of shape (rows, columns)
        Values from 0 to 1.
    cmap : str, default="gray_r"
        A color map of matplotlib.
    """
    ax.imshow(sheet, cmap=cmap, vmin=0, vmax=1, interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_visible(False)
