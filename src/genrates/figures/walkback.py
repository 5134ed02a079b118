"""Plain training against walkback: measures over the noise, and chains step by step (lecture, figure 4)."""

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D

from genrates.figures.images import mosaic, samples, shape_of, show
from genrates.figures.relaxation import relaxation
from genrates.figures.values import values

_STEPS = 40  # of a chain, side by side
_PER_ROW = 4  # panels of the scan
_INK = ["#7a7a7a", "#bbbbbb", "#c51b7d", "#e08214", "#542788", "#1b7837"]
_SIDES = ("plain", "walkback")


def draw(experiment) -> dict[str, plt.Figure]:
    """The scan over noise and walkback steps, states of chains, samples, values, and the price of noise."""
    figures = {}
    for name in experiment.data:
        ending = "" if len(experiment.data) == 1 else f"_{name}"
        figures[f"scan{ending}"] = scan(experiment, name)
        figures[f"chains{ending}"] = chains(experiment, name)
        figures[f"samples{ending}"] = samples(experiment, name)
        figures[f"values{ending}"] = values(experiment, name)
        figures[f"relaxation{ending}"] = relaxation(experiment, name)
    return figures


def scan(experiment, name: str) -> plt.Figure:
    """A panel for each metric at the largest n; a line for each way to train and to start, over the noise."""
    lines = ways(experiment, name)
    metrics = experiment.metrics
    rows = -(-(len(metrics) + 1) // _PER_ROW)  # one place is the legend's
    figure, axes = plt.subplots(rows, _PER_ROW, figsize=(2.9 * _PER_ROW, 2.5 * rows), squeeze=False)
    for ax, metric in zip(axes.flat, metrics, strict=False):
        floor = None
        for ink, (way, labels) in zip(_INK, lines.items(), strict=False):
            summaries = {noise: experiment.summary(name, label, metric) for noise, label in labels.items()}
            shown = {x: s.error_n_max for x, s in sorted(summaries.items()) if s.error_n_max is not None}
            ax.plot(list(shown), list(shown.values()), color=ink, marker="o", ms=3.5, label=way)
            floor = next((s.beside["floor"] for s in summaries.values() if "floor" in s.beside), floor)
        if floor:
            ax.axhline(floor[max(floor)], color="0.4", ls="--", lw=1, zorder=0)
        ax.set(title=metric.replace("_", " "), xlabel="noise of the corruption")
    for ax in axes.flat[len(metrics) :]:
        ax.set_axis_off()
    handles = [
        Line2D([], [], color=ink, marker="o", ms=4, label=way) for ink, way in zip(_INK, lines, strict=False)
    ]
    handles.append(Line2D([], [], color="0.4", ls="--", lw=1, label="real against real"))
    axes.flat[-1].legend(handles=handles, loc="center", fontsize=8)
    return figure


def ways(experiment, name: str) -> dict[str, dict[float, str]]:
    """Way of training, and of starting chains -> noise -> label of the model."""
    found: dict[str, dict[float, str]] = {}
    for label, noise, way in _cells(experiment, name):
        found.setdefault(way, {})[noise] = label
    return found


def chains(experiment, name: str) -> plt.Figure:
    """Successive states of one chain of each model, plain left, walkback right; a block for each noise."""
    shape, blocks = shape_of(experiment, name), {}
    for label, noise, way in _cells(experiment, name):
        pictures = experiment.pictures(name, label)
        if "chain" in pictures:
            block = blocks.setdefault(noise, {side: [] for side in _SIDES})
            block[_side(way)].append((f"noise {noise:g}\n{_short(way)}", pictures["chain"][:_STEPS]))
    pairs = [pair for noise in sorted(blocks) for pair in _pairs(blocks[noise])]
    figure, axes = plt.subplots(len(pairs), 2, figsize=(13, 0.72 * len(pairs) + 0.3), squeeze=False)
    for ax, side in zip(axes[0], _SIDES, strict=True):
        ax.set_title(f"{side} training: one chain, step by step", fontsize=9)
    for row, pair in zip(axes, pairs, strict=True):
        for ax, found in zip(row, pair, strict=True):
            if found is None:
                ax.set_axis_off()
                continue
            show(ax, mosaic(found[1], shape, _STEPS // 2))
            ax.set_ylabel(found[0], rotation=0, ha="right", va="center", fontsize=7)
    return figure


def _cells(experiment, name: str):
    """(label, noise, way of training and of starting) of the cells of one data set."""
    for (data, label), cell in experiment.cells.items():
        if data == name:
            changes = dict(cell.changes)
            noise = float(changes.pop("noise", 0.0))
            words = (f"{k.replace('_', ' ')} {v}" for k, v in changes.items())
            yield label, noise, ", ".join([cell.model.replace("_", " "), *words])


def _side(way: str) -> str:
    return "walkback" if "walkback" in way else "plain"


def _short(way: str) -> str:
    """What is to be said of a way beside its column's title.

    >>> _short("dae walkback, walkback steps 5"), _short("dae, start noise"), _short("dae")
    ('steps 5', 'start noise', '')
    """
    return ", ".join(word.removeprefix("walkback ") for word in way.split(", ")[1:])


def _pairs(block: dict[str, list]) -> list[tuple]:
    """Left and right of each row of a block; None where one side has fewer."""
    left, right = (block[side] for side in _SIDES)
    rows = max(len(left), len(right))
    return list(zip(*(side + [None] * (rows - len(side)) for side in (left, right)), strict=True))
