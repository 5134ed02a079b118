"""All rates of an experiment at a glance: data sets down, models across, the verdict as the tint."""

import matplotlib.pyplot as plt
from matplotlib.patches import Patch, Rectangle

from genrates.reporting.verdicts import colors_of

#: what the legend says of a verdict
_SAYS = {
    "agrees": "agrees with theory",
    "faster": "faster",
    "slower": "slower",
    "plateau": "has stopped falling (a plateau)",
    "skipped": "no rate or no verdict",
    "failed": "failed",
}
_WIDTH, _HEIGHT = 0.78, 0.36  # inches of a field


def draw(experiment) -> dict[str, plt.Figure]:
    """A figure for each metric that has a rate anywhere; none for a single data set or a single model."""
    if min(len(experiment.data), len(experiment.variants)) < 2:
        return {}
    found = {metric: _fields(experiment, metric) for metric in experiment.metrics}
    return {
        f"overview_{metric}": overview(experiment, metric, fields)
        for metric, fields in found.items()
        if any(s.rate is not None for s in fields.values())
    }


def overview(experiment, metric: str, fields: dict) -> plt.Figure:
    """Rates, and in brackets what each is judged by: exact theory's slope, else the asymptotic exponent."""
    rows, columns = len(experiment.data), len(experiment.variants)
    width, height = _WIDTH * columns, _HEIGHT * rows
    left, top, bottom = 1.25, 0.95, 0.45
    figure = plt.figure(figsize=(left + width + 0.1, top + height + bottom), layout="none")
    total = figure.get_size_inches()
    ax = figure.add_axes((left / total[0], bottom / total[1], width / total[0], height / total[1]))
    ax.set(xlim=(0, columns), ylim=(rows, 0))
    ax.xaxis.tick_top()
    ax.set_xticks([i + 0.5 for i in range(columns)], [_broken(label) for label in experiment.variants])
    ax.set_yticks([i + 0.5 for i in range(rows)], experiment.data)
    ax.tick_params(length=0, labelsize=8)
    for side in ax.spines.values():
        side.set_visible(False)
    for (data, label), summary in fields.items():
        at = experiment.variants.index(label), experiment.data.index(data)
        ax.add_patch(Rectangle(at, 0.96, 0.94, fc=colors_of(summary.verdict).tint, ec="none"))
        _write(ax, at, summary)
    figure.text(0.01, 1 - 0.12 / total[1], f"{experiment.title}: {metric}", va="top", size=11, weight="bold")
    shown = [v for v in _SAYS if any(s.verdict == v for s in fields.values())]
    handles = [Patch(fc=colors_of(v).tint, label=_SAYS[v]) for v in shown]
    figure.legend(handles=handles, loc="lower left", ncols=len(handles), fontsize=8, bbox_to_anchor=(0, 0))
    return figure


def _fields(experiment, metric: str) -> dict:
    return {
        (cell.data, cell.variant): experiment.summary(cell.data, cell.variant, metric)
        for cell in experiment.cells
        if metric in cell.metrics
    }


def _write(ax, at: tuple[int, int], summary) -> None:
    x, y = at[0] + 0.48, at[1] + 0.47
    if summary.rate is None:
        ax.text(x, y, "-", ha="center", va="center", color="0.5", size=8)
        return
    reference = summary.rate_theory if summary.rate_exact is None else summary.rate_exact
    ax.text(x, y - 0.13, _number(summary.rate), ha="center", va="center", size=8.5)
    if reference is not None:
        ax.text(x, y + 0.25, f"({_number(reference)})", ha="center", va="center", size=6.5, color="0.35")


def _number(rate: float) -> str:
    return f"{rate:.2f}".replace("-0.00", "0.00")


def _broken(label: str) -> str:
    """A model's label on several short lines."""
    return label.replace("_", "\n").replace("-", "\n")
