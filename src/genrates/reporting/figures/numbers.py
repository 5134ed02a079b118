"""The lecture's two lists of numbers: each model's density, and new numbers drawn from it."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.style import color


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw a row for each model, a column for each list; the first list's density is dotted in the others.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.

    Returns
    -------
    dict of Figure
        The figure "numbers".
    """
    data, variants = experiment.data, experiment.variants
    figure, axes = plt.subplots(
        len(variants),
        len(data),
        figsize=(4.6 * len(data), 2.2 * len(variants)),
        squeeze=False,
        sharex=True,
        sharey="row",
    )
    for row, variant in zip(axes, variants, strict=True):
        for ax, name in zip(row, data, strict=True):
            _panel(ax, experiment, name, variant)
            ax.set_title(f"{variant}, {name.replace('_', ' ')}")
        row[0].set_ylabel("density")
    grids = [cell.density_grids["grid"] for cell in experiment.cells if "grid" in cell.density_grids]
    if grids:  # all numbers in view, and their surroundings
        axes[0][0].set_xlim(min(grid.min() for grid in grids), max(grid.max() for grid in grids))
    for ax in axes[0][:2]:  # only from the second on there is the density of the first list
        ax.legend(fontsize=7, loc="upper right")
    for ax in axes[-1]:
        ax.set_xlabel("number")
    return {"numbers": figure}


def _panel(ax, experiment, data: str, variant: str) -> None:
    """Draw the shares of the numbers, the estimated density, and the new numbers below."""
    cell, line_color = experiment.cell(data, variant), color(variant, experiment.variants)
    values, counts = np.unique(cell.training_points, return_counts=True)
    ax.vlines(values, 0, counts / counts.sum(), color="0.75", lw=6, label="the numbers (share)")
    if data != experiment.data[0]:
        first = experiment.cell(experiment.data[0], variant).density_grids
        _density(ax, first, color="0.5", ls=":", label="estimated from the first list")
    _density(ax, cell.density_grids, color=line_color, label="estimated density")
    draws = cell.draws
    if draws.size:
        ax.plot(draws[:, 0], np.full(len(draws), -0.04), "|", color=line_color, ms=9, label="new numbers")
    ax.axhline(0, color="0.3", lw=0.6)


def _density(ax, grids: dict[str, np.ndarray], **style) -> None:
    """Draw the density of the largest fit; spikes are cut off."""
    sizes = [key for key in grids if key.startswith("n=")]
    if sizes:
        density = grids[sizes[-1]]
        highest = 3 * np.quantile(density, 0.95) if density.max() > 5 else np.inf
        ax.plot(grids["grid"][:, 0], np.minimum(density, highest), **style)
