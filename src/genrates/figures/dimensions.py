"""The curse of dimension: the measured exponent against d, beside asymptotic and exact finite-n theory."""

import matplotlib.pyplot as plt
import numpy as np

from genrates.figures.convergence import draw as draw_convergence
from genrates.figures.style import colour

#: what theory calls each model's exponent
_FORMULA = {"kde": "2/(4+d)", "knn": "2/(4+d)", "histogram": "1/(2+d)", "mixture": "1/2"}


def draw(experiment) -> dict[str, plt.Figure]:
    """One panel a model: points with 95 % bars are measured, the line is asymptotics, the dashes exact."""
    figure, axes = plt.subplots(
        1, len(experiment.labels), figsize=(3 * len(experiment.labels), 3.1), sharey=True, squeeze=False
    )
    dimension = {name: experiment.truth(name).n_features for name in experiment.data}
    for ax, label in zip(axes[0], experiment.labels, strict=True):
        metric = experiment.metrics[0]
        panel(ax, {dimension[name]: experiment.summary(name, label, metric) for name in experiment.data})
        for line in ax.lines + ax.collections:
            line.set_color(colour(label, experiment.labels))
        model = experiment.cells[experiment.data[0], label].model
        ax.set_title(f"{label}: n^(-{_FORMULA[model]})" if model in _FORMULA else label)
        ax.set_xlabel("dimension d")
    axes[0][0].set_ylabel(f"exponent a of {experiment.metrics[0]} ~ n^-a")
    axes[0][0].set_ylim(bottom=0)
    legend(figure, axes[0])
    return {"dimensions": figure, **draw_convergence(experiment)}


def panel(ax, summaries: dict) -> None:
    """Exponents of one model by dimension; what has none is left out."""
    d = np.array(sorted(summaries))
    theory, exact, rate, low, high = (
        np.array([_number(getattr(summaries[k], key)) for k in d])
        for key in ("rate_theory", "rate_exact", "rate", "rate_low", "rate_high")
    )
    ax.plot(d, theory, lw=1, label="asymptotic exponent")
    ax.plot(d, exact, ls="--", lw=1, marker="_", ms=12, label="exact slope on the same sizes")
    bars = np.nan_to_num(np.stack([rate - low, high - rate]))
    ax.errorbar(d, rate, yerr=bars, fmt="o", ms=5, capsize=3, label="measured, 95 % interval")
    for k in d[np.isnan(rate)]:
        ax.annotate(summaries[k].verdict, (k, 0.01), ha="center", rotation=90, color="0.5", fontsize=7)
    ax.set_xticks(d)


def legend(figure, axes) -> None:
    """Each kind of mark once, from the panel that has most of them."""
    fullest = max(axes, key=lambda ax: sum(np.isfinite(line.get_ydata()).any() for line in ax.lines))
    handles, labels = fullest.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=8)


def _number(value) -> float:
    return np.nan if value is None else float(value)
