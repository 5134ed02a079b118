"""Find the manifold: the points, and how fast each model learns them in space and on the surface."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from genrates.reporting.figures.convergence import panel
from genrates.reporting.figures.style import model_lines

_METRIC_TITLES = {
    "kl": "likelihood gap to the truth, nats",
    "sliced_wasserstein": "sliced Wasserstein distance of draws",
    "energy_test": "energy test of draws: mean p-value, 1/2 for the truth",
}


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw a row for each data set: its points in three principal directions, and a panel for each metric.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        The figure "manifold".
    """
    data, variants, metrics = experiment.data, experiment.variants, experiment.metrics
    figure = plt.figure(figsize=(3.4 + 3.9 * len(metrics), 3.2 * len(data) + 0.3))
    grid = figure.add_gridspec(len(data), 1 + len(metrics), width_ratios=[0.85, *[1] * len(metrics)])
    for row, name in enumerate(data):
        ax = figure.add_subplot(grid[row, 0], projection="3d")
        _show_points(ax, experiment.cell(name, variants[0]).training_points)
        ax.set_title(f"{name}\nalong three principal directions", fontsize=8)
        for column, metric in enumerate(metrics, start=1):
            ax = figure.add_subplot(grid[row, column])
            panel(ax, experiment, name, metric)
            _draw_floor(ax, [experiment.summary(name, variant, metric) for variant in variants])
            ax.set_title(_METRIC_TITLES.get(metric, metric), fontsize=8)
            ax.set_xlabel("sample size n" if row == len(data) - 1 else "")
    handles = model_lines(variants)
    handles.append(Line2D([], [], color="0.4", lw=0.8, ls=":", label="slope of theory"))
    if "sliced_wasserstein" in metrics:
        handles.append(Line2D([], [], color="0.6", lw=3, alpha=0.5, label="floor: the truth against itself"))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), fontsize=8)
    return {"manifold": figure}


def _show_points(ax, X: np.ndarray) -> None:
    """Show points along their first three principal directions, on equal axes."""
    centered = X - X.mean(axis=0)
    Z = centered @ np.linalg.svd(centered, full_matrices=False)[2][:3].T
    ax.scatter(*Z.T, c=Z[:, 0], s=2, cmap="viridis", alpha=0.7, linewidths=0)
    ax.set_box_aspect(np.ptp(Z, axis=0) + 0.3 * np.ptp(Z))
    ax.set(xticklabels=[], yticklabels=[], zticklabels=[])
    ax.view_init(elev=28, azim=-58)


def _draw_floor(ax, summaries: list) -> None:
    """Draw what as many real points as there are draws score against the truth."""
    floors = [s.auxiliary["floor"] for s in summaries if "floor" in s.auxiliary]
    if floors and ax.get_xscale() == "log":
        mean = {n: np.mean([floor[n] for floor in floors]) for n in floors[0]}
        ax.plot(list(mean), list(mean.values()), color="0.6", lw=3, alpha=0.5, zorder=0)
