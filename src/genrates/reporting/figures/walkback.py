"""Plain training against walkback: measures over the noise, and chains step by step (lecture, figure 4)."""

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D

from genrates.reporting.figures.images import mosaic, samples, shape_of, show
from genrates.reporting.figures.relaxation import relaxation
from genrates.reporting.figures.values import values

_LINES = 3  # chains of a model that has one of a block's rows
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
        for ink, (way, variants) in zip(_INK, lines.items(), strict=False):
            summaries = {noise: experiment.summary(name, label, metric) for noise, label in variants.items()}
            shown = {x: s.error_n_max for x, s in sorted(summaries.items()) if s.error_n_max is not None}
            ax.plot(list(shown), list(shown.values()), color=ink, marker="o", ms=3.5, label=way)
            floor = next((s.auxiliary["floor"] for s in summaries.values() if "floor" in s.auxiliary), floor)
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
    """Successive states of chains, one a line, plain left, walkback right; a block for each noise.

    The side that has fewer models in a block shows more chains of each.
    """
    shape, blocks = shape_of(experiment, name), {}
    for label, noise, way in _cells(experiment, name):
        pictures = experiment.cell(name, label).density_grids
        if "chains" in pictures:
            block = blocks.setdefault(noise, {side: [] for side in _SIDES})
            block[_side(way)].append((f"noise {noise:g}\n{_short(way)}", pictures["chains"]))
    rows = [max(map(len, blocks[noise].values())) for noise in sorted(blocks)]
    figure = plt.figure(figsize=(13, 0.33 * _LINES * sum(rows) + 0.3))
    grid = figure.add_gridspec(len(rows), len(_SIDES), height_ratios=rows)
    for i, noise in enumerate(sorted(blocks)):
        for j, side in enumerate(_SIDES):
            models = blocks[noise][side]
            places = grid[i, j].subgridspec(max(len(models), 1), 1)
            for place, (text, states) in zip(places, models, strict=False):
                ax = figure.add_subplot(place)
                some = states[: _LINES * rows[i] // len(models)]
                show(ax, mosaic(some.reshape(-1, some.shape[-1]), shape, some.shape[1]))
                ax.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=7)
                if i == 0 and place.is_first_row():
                    ax.set_title(f"{side} training: chains, one a line, step by step", fontsize=9)
    return figure


def _cells(experiment, name: str):
    """(label, noise, way of training and of starting) of the cells of one data set."""
    for cell in experiment.cells:
        if cell.data == name:
            changes = dict(cell.changes)
            changes.pop("noise", None)
            noise = float(cell.model_config.get("noise", 0.0))
            words = (f"{k.replace('_', ' ')} {v}" for k, v in changes.items())
            yield cell.variant, noise, ", ".join([cell.model_name.replace("_", " "), *words])


def _side(way: str) -> str:
    return "walkback" if "walkback" in way else "plain"


def _short(way: str) -> str:
    """What is to be said of a way beside its column's title.

    >>> _short("dae walkback, walkback steps 5"), _short("dae, start noise"), _short("dae")
    ('steps 5', 'start noise', '')
    """
    return ", ".join(word.removeprefix("walkback ") for word in way.split(", ")[1:])
