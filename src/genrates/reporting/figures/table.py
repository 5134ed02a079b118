"""The comparison table as a picture: theory's exponent, and beside it what each data set has shown."""

import matplotlib.pyplot as plt

from genrates.analysis.text import rate_with_interval
from genrates.reporting.verdicts import colors_of


def draw(experiment) -> dict[str, plt.Figure]:
    """Of the first metric: rows are models, columns data sets; exponents, their intervals, exact ones."""
    data, variants, metric = experiment.data, experiment.variants, experiment.metrics[0]
    header = ["model", "theory", *data]
    figure, ax = plt.subplots(figsize=(3.2 + 2.1 * len(data), 0.62 * (len(variants) + 1.6)))
    ax.set_axis_off()
    rows, tints = [], []
    for label in variants:
        summaries = [experiment.summary(name, label, metric) for name in data]
        theory = next((s.theory for s in summaries if s.theory and s.rate_theory), "")
        rows.append([label, theory, *(_words(s) for s in summaries)])
        tints.append(["white", "white", *(colors_of(s.verdict).tint for s in summaries)])
    widths = [1.2, 2.2, *[2.1] * len(data)]
    tinted(ax, rows, tints, header, widths, height=0.93)
    ax.set_title(
        f"{experiment.title}  {metric} ~ n^-a: measured a [95 % interval], slope of exact theory, verdict",
        fontsize=9,
        loc="left",
    )
    return {"table": figure}


def tinted(ax, rows, tints, header, widths, height: float = 1.0) -> None:
    """Text from the bottom of the axes up, each field in its tint; `widths` relative to one another."""
    grid = ax.table(
        rows,
        cellColours=tints,
        colLabels=header,
        colWidths=[w / sum(widths) for w in widths],
        cellLoc="center",
        bbox=(0, 0, 1, height),
    )
    grid.auto_set_font_size(False)
    grid.set_fontsize(8)
    for cell in grid.get_celld().values():
        cell.set_edgecolor("#cccccc")


def _words(summary) -> str:
    if summary.rate is None:
        return summary.verdict
    second = summary.verdict
    if summary.verdict == "plateau" and summary.plateau:
        second = f"plateau at {summary.plateau:.3f}"
    elif summary.rate_exact is not None:
        second = f"exact {summary.rate_exact:.3f}, {summary.verdict}"
    return f"{rate_with_interval(summary.rate, summary.rate_low, summary.rate_high)}\n{second}"
