"""Plain training against walkback: measures over the noise, and chains step by step (lecture, figure 4)."""

import matplotlib.pyplot as plt

from genrates.figures.images import mosaic, samples, shape_of, show
from genrates.figures.table import draw as table

_STEPS = 40  # of a chain, side by side
_INK = ["#7a7a7a", "#bbbbbb", "#c51b7d", "#e08214", "#542788", "#1b7837"]


def draw(experiment) -> dict[str, plt.Figure]:
    """The scan over noise and walkback steps, successive states of chains, and samples."""
    figures = {}
    for name in experiment.data:
        ending = "" if len(experiment.data) == 1 else f"_{name}"
        figures[f"scan{ending}"] = scan(experiment, name)
        figures[f"chains{ending}"] = chains(experiment, name)
        figures[f"samples{ending}"] = samples(experiment, name)
    return figures | {"table": table(experiment)}


def scan(experiment, name: str) -> plt.Figure:
    """A panel for each metric at the largest n; a line for each way to train and to start, over the noise."""
    lines = ways(experiment, name)
    metrics = experiment.metrics
    figure, axes = plt.subplots(1, len(metrics), figsize=(2.6 * len(metrics), 2.9), squeeze=False)
    for ax, metric in zip(axes[0], metrics, strict=True):
        floor = None
        for ink, (way, labels) in zip(_INK, lines.items(), strict=False):
            summaries = {noise: experiment.summary(name, label, metric) for noise, label in labels.items()}
            shown = {x: s.error_n_max for x, s in sorted(summaries.items()) if s.error_n_max is not None}
            ax.plot(list(shown), list(shown.values()), color=ink, marker="o", ms=3, label=way)
            floor = next((s.beside["floor"] for s in summaries.values() if "floor" in s.beside), floor)
        if floor:
            ax.axhline(floor[max(floor)], color="0.4", ls="--", lw=1, zorder=0, label="real against real")
        ax.set(title=metric.replace("_", " "), xlabel="noise of the corruption")
    handles = {t: h for ax in axes[0] for h, t in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles, loc="outside upper center", ncols=len(handles), fontsize=8)
    return figure


def ways(experiment, name: str) -> dict[str, dict[float, str]]:
    """Way of training, and of starting chains -> noise -> label of the model."""
    found: dict[str, dict[float, str]] = {}
    for (data, label), cell in experiment.cells.items():
        if data == name:
            changes = dict(cell.changes)
            noise = float(changes.pop("noise", 0.0))
            way = ", ".join([cell.model, *(f"{k.replace('_', ' ')} {v}" for k, v in changes.items())])
            found.setdefault(way, {})[noise] = label
    return found


def chains(experiment, name: str) -> plt.Figure:
    """Successive states of one chain of each model, plain left, walkback right; a row for each noise."""
    shape = shape_of(experiment, name)
    columns = {"plain": [], "walkback": []}
    for (data, label), cell in experiment.cells.items():
        pictures = experiment.pictures(data, label)
        if data == name and "chain" in pictures:
            columns["walkback" if "walkback" in cell.model else "plain"].append((label, pictures["chain"]))
    rows = max(map(len, columns.values()))
    figure, axes = plt.subplots(rows, 2, figsize=(13, 0.85 * rows + 0.3), squeeze=False)
    for side, (training, found) in zip(axes.T, columns.items(), strict=True):
        side[0].set_title(f"{training} training: one chain, step by step", fontsize=9)
        for ax in side[len(found) :]:
            ax.set_axis_off()
        for ax, (label, states) in zip(side, found, strict=False):
            show(ax, mosaic(states[:_STEPS], shape, _STEPS // 2))
            ax.set_ylabel(label.replace("-", "\n"), rotation=0, ha="right", va="center", fontsize=7)
    return figure
