"""The comparison table as a figure: theory's exponent, and the rate measured on each data set."""

from textwrap import fill

import matplotlib.pyplot as plt

from genrates.analysis.text import rate_with_interval
from genrates.reporting.verdicts import colors_of


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw the rates in the first metric: rows are models, columns data sets, colors the verdicts.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        The figure "table".
    """
    data, variants, metric = experiment.data, experiment.variants, experiment.metrics[0]
    widths = [max(1.2, 0.08 * max(map(len, variants))), 2.2, *[2.1] * len(data)]  # inches
    size = (sum(widths), 0.62 * (len(variants) + 1.6))
    figure, ax = plt.subplots(figsize=size)
    ax.set_axis_off()
    rows, backgrounds = [], []
    for variant in variants:
        summaries = [experiment.summary(name, variant, metric) for name in data]
        # Data sets of several dimensions have several formulas.
        theory = dict.fromkeys(s.theory for s in summaries if s.theory and s.rate_theory)
        rows.append([variant, fill(", ".join(theory), 30), *map(_field, summaries)])
        backgrounds.append(["white", "white", *(colors_of(s.verdict).background for s in summaries)])
    colored_table(ax, rows, backgrounds, ["model", "theory", *data], widths, height=1 - 0.1 / size[1])
    columns = f"{metric} ~ n^-a: measured a [95 % interval], what it is judged by, verdict"
    lines = (fill(text, int(15 * size[0])) for text in (experiment.title, columns))
    ax.set_title("\n".join(lines), fontsize=9, loc="left")
    return {"table": figure}


def colored_table(ax, rows, backgrounds, header, widths, height: float = 1.0) -> None:
    """Write a table of text, each field on its own color.

    Parameters
    ----------
    ax : Axes
        Where to write.
    rows : list of list of str
        The fields.
    backgrounds : list of list of str
        The colors behind them.
    header : list of str
        Headings of the columns.
    widths : list of float
        Widths of the columns, relative to one another.
    height : float, default=1.0
        Height of the table, as a share of the axes, from their bottom.
    """
    table = ax.table(
        rows,
        cellColours=backgrounds,
        colLabels=header,
        colWidths=[width / sum(widths) for width in widths],
        cellLoc="center",
        bbox=(0, 0, 1, height),
    )
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    for cell in table.get_celld().values():
        cell.set_edgecolor("#cccccc")


def _field(summary) -> str:
    """Return the rate with its interval, and below it the verdict."""
    if summary.rate is None:
        return summary.verdict
    second = summary.verdict
    if summary.verdict == "plateau" and summary.plateau:
        second = f"plateau at {summary.plateau:.3f}"
    elif summary.rate_reference is not None:
        second = f"{summary.reference} {summary.rate_reference:.3f}, {summary.verdict}"
    return f"{rate_with_interval(summary.rate, summary.rate_low, summary.rate_high)}\n{second}"
