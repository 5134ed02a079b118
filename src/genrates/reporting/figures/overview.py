"""All rates of an experiment at a glance: data sets down, models across, colors for the verdicts."""

import matplotlib.pyplot as plt
from matplotlib.patches import Patch, Rectangle

from genrates.reporting.verdicts import colors_of

#: what the legend says of a verdict
_LEGEND = {
    "agrees": "agrees with theory",
    "undecided": "undecided",
    "faster": "faster",
    "slower": "slower",
    "plateau": "has stopped falling (a plateau)",
    "no_rate": "an error without a rate",
    "skipped": "no error",
    "failed": "failed",
}
_WIDTH, _HEIGHT = 0.78, 0.36  # inches of a field


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw a table of rates for each metric that has one.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        Figures "overview_METRIC"; nothing for a single data set or a single model.
    """
    if min(len(experiment.data), len(experiment.variants)) < 2:
        return {}
    figures = {}
    for metric in experiment.metrics:
        summaries = {
            (c.data, c.variant): experiment.summary(c.data, c.variant, metric) for c in experiment.cells
        }
        if any(summary.rate is not None for summary in summaries.values()):
            figures[f"overview_{metric}"] = _overview(experiment, metric, summaries)
    return figures


def _overview(experiment, metric: str, summaries: dict) -> plt.Figure:
    """Draw the rates in one metric, and in parentheses what each is judged by."""
    rows, columns = len(experiment.data), len(experiment.variants)
    width, height = _WIDTH * columns, _HEIGHT * rows
    left, top, bottom = 1.25, 0.95, 0.45
    figure = plt.figure(figsize=(left + width + 0.1, top + height + bottom), layout="none")
    total = figure.get_size_inches()
    ax = figure.add_axes((left / total[0], bottom / total[1], width / total[0], height / total[1]))
    ax.set(xlim=(0, columns), ylim=(rows, 0))
    ax.xaxis.tick_top()
    ax.set_xticks([i + 0.5 for i in range(columns)], [_in_lines(name) for name in experiment.variants])
    ax.set_yticks([i + 0.5 for i in range(rows)], experiment.data)
    ax.tick_params(length=0, labelsize=8)
    for side in ax.spines.values():
        side.set_visible(False)
    for (data, variant), summary in summaries.items():
        corner = experiment.variants.index(variant), experiment.data.index(data)
        ax.add_patch(Rectangle(corner, 0.96, 0.94, fc=colors_of(summary.verdict).background, ec="none"))
        _write(ax, corner, summary)
    figure.text(0.01, 1 - 0.12 / total[1], f"{experiment.title}: {metric}", va="top", size=11, weight="bold")
    shown = [verdict for verdict in _LEGEND if any(s.verdict == verdict for s in summaries.values())]
    handles = [Patch(fc=colors_of(verdict).background, label=_LEGEND[verdict]) for verdict in shown]
    figure.legend(handles=handles, loc="lower left", ncols=len(handles), fontsize=8, bbox_to_anchor=(0, 0))
    return figure


def _write(ax, corner: tuple[int, int], summary) -> None:
    """Write the rate into its field, and the reference below it."""
    x, y = corner[0] + 0.48, corner[1] + 0.47
    if summary.rate is None:
        ax.text(x, y, "-", ha="center", va="center", color="0.5", size=8)
        return
    ax.text(x, y - 0.13, _number(summary.rate), ha="center", va="center", size=8.5)
    if (reference := summary.expected_rate) is not None:
        ax.text(x, y + 0.25, f"({_number(reference)})", ha="center", va="center", size=6.5, color="0.35")


def _number(rate: float) -> str:
    return f"{rate:z.2f}"


def _in_lines(variant: str) -> str:
    """Return the name of a model on several short lines."""
    return variant.replace("_", "\n").replace("-", "\n")
