"""Find the manifold: the points, and how fast each model learns them in space and on the surface."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from genrates.reporting.figures.convergence import panel
from genrates.reporting.figures.style import model_lines

_AXES = {
    "kl": "likelihood gap to the truth, nats",
    "sliced_wasserstein": "sliced Wasserstein distance of draws",
}


def draw(experiment) -> dict[str, plt.Figure]:
    """A row for each data set: its points along three principal directions, then a panel for each metric."""
    data, variants, metrics = experiment.data, experiment.variants, experiment.metrics
    figure = plt.figure(figsize=(3.4 + 3.9 * len(metrics), 3.2 * len(data) + 0.3))
    grid = figure.add_gridspec(len(data), 1 + len(metrics), width_ratios=[0.85, *[1] * len(metrics)])
    for row, name in enumerate(data):
        points(
            figure.add_subplot(grid[row, 0], projection="3d"),
            experiment.cell(name, variants[0]).training_points,
        )
        figure.axes[-1].set_title(f"{name}\nalong three principal directions", fontsize=8)
        for column, metric in enumerate(metrics, start=1):
            ax = figure.add_subplot(grid[row, column])
            summaries = [(label, experiment.summary(name, label, metric)) for label in variants]
            panel(ax, summaries, variants, experiment.sizes)
            floor(ax, [summary for _, summary in summaries])
            ax.set_title(_AXES.get(metric, metric), fontsize=8)
            ax.set_xlabel("sample size n" if row == len(data) - 1 else "")
    handles = model_lines(variants)
    handles.append(Line2D([], [], color="0.4", lw=0.8, ls=":", label="slope of theory"))
    if "sliced_wasserstein" in metrics:
        handles.append(Line2D([], [], color="0.6", lw=3, alpha=0.5, label="floor: the truth against itself"))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), fontsize=8)
    return {"manifold": figure}


def points(ax, X: np.ndarray) -> None:
    """The data along their first three principal directions, on equal axes."""
    centered = X - X.mean(axis=0)
    Z = centered @ np.linalg.svd(centered, full_matrices=False)[2][:3].T
    ax.scatter(*Z.T, c=Z[:, 0], s=2, cmap="viridis", alpha=0.7, linewidths=0)
    ax.set_box_aspect(np.ptp(Z, axis=0) + 0.3 * np.ptp(Z))
    ax.set(xticklabels=[], yticklabels=[], zticklabels=[])
    ax.view_init(elev=28, azim=-58)


def floor(ax, summaries: list) -> None:
    """What real points, as many as were drawn, show against the truth."""
    found = [s.auxiliary["floor"] for s in summaries if "floor" in s.auxiliary]
    if found and ax.get_xscale() == "log":
        mean = {n: np.mean([values[n] for values in found]) for n in found[0]}
        ax.plot(list(mean), list(mean.values()), color="0.6", lw=3, alpha=0.5, zorder=0)
