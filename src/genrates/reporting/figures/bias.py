"""What a wrong family leaves: errors that stop falling, and the densities that they stop at."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.reporting.figures.convergence import curve
from genrates.reporting.figures.style import color


def draw(experiment) -> dict[str, plt.Figure]:
    """A row for each data set: left the first metric over n with its plateaus, right what was learned."""
    data, variants = experiment.data, experiment.variants
    figure, axes = plt.subplots(len(data), 2, figsize=(9.5, 2.9 * len(data)), squeeze=False)
    for (left, right), name in zip(axes, data, strict=True):
        errors(left, experiment, name)
        densities(right, experiment, name)
    axes[-1][0].set_xlabel("sample size n")
    handles = [plt.Line2D([], [], color=color(label, variants), label=label) for label in variants]
    handles.append(plt.Line2D([], [], color="0.3", ls="--", lw=1, label="plateau that was fitted"))
    figure.legend(handles=handles, loc="outside upper center", ncols=3, fontsize=8)
    return {"bias": figure}


def errors(ax, experiment, data: str) -> None:
    """Error over n; a model that has arrived at its bias gets that bias as a line, with the number."""
    metric, variants, said = experiment.metrics[0], experiment.variants, {}
    for label in variants:
        summary, ink = experiment.summary(data, label, metric), color(label, variants)
        if curve(ax, summary, ink, label) is None or summary.plateau is None:
            continue
        ax.axhline(summary.plateau, color=ink, ls="--", lw=1)
        said.setdefault(f"{summary.plateau:.3f}", (summary.plateau, []))[1].append(label)
    if not ax.has_data():
        return
    ax.set(xscale="log", yscale="log", title=f"{data}: {metric}")
    for number, (height, who) in said.items():
        words = f"bias {number}: {', '.join(who)}"
        place = {"xy": (0.99, height), "xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
        ax.annotate(words, xytext=(0, 3), ha="right", va="bottom", fontsize=7.5, **place)


def densities(ax, experiment, data: str) -> None:
    """The truth, and the law that each model has learned at the largest n; a gap that stays is the bias."""
    variants, metric, drawn = experiment.variants, experiment.metrics[0], set()
    for label in variants:
        pictures = experiment.cell(data, label).density_grids
        sizes = [key for key in pictures if key.startswith("n=")]
        if not sizes or "truth" not in pictures:
            continue
        x, truth, learned = pictures["grid"][:, 0], pictures["truth"], pictures[sizes[-1]]
        if not drawn:
            ax.fill_between(x, truth, color="0.87", lw=0, label="truth")
        if experiment.summary(data, label, metric).plateau is None:
            ax.plot(x, learned, color=color(label, variants), lw=0.9)
        elif not any(np.allclose(learned, other, atol=1e-3 * truth.max()) for other in drawn_curves(ax)):
            ax.fill_between(x, truth, learned, color=color(label, variants), alpha=0.25, lw=0)
            ax.plot(x, learned, color=color(label, variants), lw=1.6)
        drawn.add(label)
    ax.set(title=f"{data}: learned from the largest n; shaded, the bias", yticks=[])


def drawn_curves(ax) -> list[np.ndarray]:
    """Heights of the curves that are there already: two models that settle on one law are drawn once."""
    return [np.asarray(line.get_ydata()) for line in ax.get_lines()]
