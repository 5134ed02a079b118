"""Pictures that models have drawn, and how every measure of their quality falls with the sample size."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, StrMethodFormatter

from genrates.reporting.figures.style import color, model_lines

_PER_ROW = 4
_ACROSS = 16  # pictures in a row of the sheet
#: measures between bounds, or of either sign: a logarithmic axis would hide what they say
_LINEAR = {"density", "coverage", "c2st", "mmd", "spurious_share"}


def draw(experiment) -> dict[str, plt.Figure]:
    """For each data set the convergence of every metric beside its floor, and a sheet of samples."""
    figures = {}
    for name in experiment.data:
        ending = "" if len(experiment.data) == 1 else f"_{name}"
        figures[f"quality{ending}"] = quality(experiment, name)
        figures[f"samples{ending}"] = samples(experiment, name)
    return figures


def quality(experiment, name: str) -> plt.Figure:
    """A panel for each metric, a line for each model; gray dashes are what real pictures score."""
    variants = experiment.variants
    shown = [m for m in experiment.metrics if any(experiment.summary(name, k, m).errors for k in variants)]
    rows = -(-len(shown) // _PER_ROW)
    figure, axes = plt.subplots(rows, _PER_ROW, figsize=(3.3 * _PER_ROW, 2.5 * rows), squeeze=False)
    for ax, metric in zip(axes.flat, shown, strict=False):
        panel(ax, {label: experiment.summary(name, label, metric) for label in variants}, variants)
        ax.set(title=metric.replace("_", " "), xscale="log", xlabel="training pictures n")
        scale_of(ax, metric)
        sizes = sorted({n for label in variants for n in experiment.summary(name, label, metric).errors})
        ax.set_xticks(sizes, [str(n) for n in sizes])
    for ax in axes.flat[len(shown) :]:
        ax.set_axis_off()
    handles = model_lines(variants)
    handles.append(Line2D([], [], color="0.4", ls="--", lw=1, label="real against real"))
    figure.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 6), fontsize=8)
    return figure


def panel(ax, summaries: dict, variants: list[str]) -> None:
    """Mean values with 95 % bars, and the floor."""
    floor: dict[int, float] = {}
    for label, summary in summaries.items():
        sizes = sorted(summary.errors)
        if not sizes:
            continue
        bars = [1.96 * summary.errors_se.get(n, 0.0) for n in sizes]
        values = [summary.errors[n] for n in sizes]
        ax.errorbar(sizes, values, yerr=np.nan_to_num(bars), color=color(label, variants), marker="o", ms=3)
        floor |= summary.auxiliary.get("floor", {})
    if floor:
        ax.plot(sorted(floor), [floor[n] for n in sorted(floor)], color="0.4", ls="--", lw=1, zorder=0)


def scale_of(ax, metric: str) -> None:
    """A logarithmic axis where values span a factor, with numbers that one can read."""
    low, high = ax.get_ylim()
    if metric not in _LINEAR and low > 0 and high > 4 * low:
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.minorticks_off()


def samples(experiment, name: str) -> plt.Figure:
    """A row of real pictures and a row for each model that draws, at the largest n."""
    rows = {"real": first_of(experiment, name)["held_out"]}
    rows |= {k: last_drawn(experiment.cell(name, k).density_grids)[0] for k in drawing(experiment, name)}
    shape = shape_of(experiment, name)
    figure, axes = plt.subplots(len(rows), 1, figsize=(11, 0.75 * len(rows) + 0.3), squeeze=False)
    for ax, (label, pictures) in zip(axes[:, 0], rows.items(), strict=True):
        show(ax, mosaic(pictures[:_ACROSS], shape, _ACROSS))
        ax.set_ylabel(label.replace("-", "\n"), rotation=0, ha="right", va="center", fontsize=8)
    return figure


# -- parts ---------------------------------------------------------------------------------------------


def drawing(experiment, name: str) -> list[str]:
    """Labels of the models that have drawn pictures."""
    return [k for k in experiment.variants if last_drawn(experiment.cell(name, k).density_grids) is not None]


def first_of(experiment, name: str) -> dict[str, np.ndarray]:
    return experiment.cell(name, experiment.variants[0]).density_grids


def shape_of(experiment, name: str) -> tuple[int, int]:
    """Height and width of a picture."""
    height, width = first_of(experiment, name)["image_shape"]
    return int(height), int(width)


def drawn_sizes(pictures: dict[str, np.ndarray]) -> list[int]:
    """Sizes n of which there are drawn pictures, ascending.

    >>> drawn_sizes({"drawn_300": 0, "drawn_1000": 0, "nearest_300": 0})
    [300, 1000]
    """
    return sorted(int(key.removeprefix("drawn_")) for key in pictures if key.startswith("drawn_"))


def last_drawn(pictures: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray] | None:
    """What the largest fit has drawn, and the training pictures nearest to it."""
    sizes = drawn_sizes(pictures)
    return (pictures[f"drawn_{sizes[-1]}"], pictures[f"nearest_{sizes[-1]}"]) if sizes else None


def mosaic(pictures: np.ndarray, shape: tuple[int, int], across: int, gap: int = 2) -> np.ndarray:
    """Pictures side by side in one array, `across` in a row; NaN between them.

    >>> mosaic(np.ones((3, 4)), (2, 2), across=2, gap=1).shape
    (5, 5)
    """
    height, width = shape
    down = -(-len(pictures) // across)
    sheet = np.full((down * (height + gap), across * (width + gap)), np.nan)
    for i, picture in enumerate(pictures):
        y, x = (i // across) * (height + gap), (i % across) * (width + gap)
        sheet[y : y + height, x : x + width] = picture.reshape(shape)
    return sheet[: sheet.shape[0] - gap, : sheet.shape[1] - gap]


def show(ax, sheet: np.ndarray, tint: str = "gray_r") -> None:
    """Ink is dark; what lies between pictures is left out."""
    ax.imshow(sheet, cmap=tint, vmin=0, vmax=1, interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_visible(False)
