"""The lecture's two lists of numbers: what each model makes of them, and the new numbers it would say."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.style import color


def draw(experiment) -> dict[str, plt.Figure]:
    """Rows are models, columns the lists; the first list's curve stands behind the second's."""
    data, variants = experiment.data, experiment.variants
    figure, axes = plt.subplots(
        len(variants),
        len(data),
        figsize=(4.6 * len(data), 2.2 * len(variants)),
        squeeze=False,
        sharex=True,
        sharey="row",
    )
    grids = [
        g
        for d in data
        for m in variants
        if (g := experiment.cell(d, m).density_grids.get("grid")) is not None
    ]
    for row, label in zip(axes, variants, strict=True):
        for column, (ax, name) in enumerate(zip(row, data, strict=True)):
            panel(ax, experiment, name, label, data[0] if column else None)
            ax.set_title(f"{label}, {name.replace('_', ' ')}")
        row[0].set_ylabel("density")
    if grids:
        axes[0][0].set_xlim(
            min(g.min() for g in grids), max(g.max() for g in grids)
        )  # the widest list's view
    axes[0][0].legend(fontsize=7)
    for ax in axes[-1]:
        ax.set_xlabel("number")
    return {"numbers": figure}


def panel(ax, experiment, name: str, label: str, before: str | None) -> None:
    ink = color(label, experiment.variants)
    values, counts = np.unique(experiment.cell(name, label).training_points, return_counts=True)
    ax.vlines(values, 0, counts / counts.sum(), color="0.75", lw=6, label="the numbers (share)")
    if before is not None:
        line(ax, experiment.cell(before, label).density_grids, color="0.5", ls=":", label=None)
    line(ax, experiment.cell(name, label).density_grids, color=ink, label="estimated density")
    draws = experiment.cell(name, label).draws
    if draws.size:
        ax.plot(draws[:, 0], np.full(len(draws), -0.04), "|", color=ink, ms=9, label="new numbers alike")
    ax.axhline(0, color="0.3", lw=0.6)


def line(ax, pictures: dict, **style) -> None:
    densities = [key for key in pictures if key.startswith("n=")]
    if densities:
        density = pictures[densities[-1]]
        top = 3 * np.quantile(density, 0.95) if density.max() > 5 else None
        ax.plot(pictures["grid"][:, 0], np.minimum(density, top) if top else density, **style)
