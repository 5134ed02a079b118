"""The lecture's summary table: the slide's columns and what was measured, in the slide's units."""

from itertools import accumulate

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

from genrates.reporting.figures.lecture_rows import (
    all_data,
    differences,
    limitation,
    measured,
    rows_of,
    tuned,
)
from genrates.reporting.verdicts import colors_of

#: data sets that have a column of their own, if they are there: the easiest, and one that no normal fits
_DATA_COLUMNS = {"marron_wand_01": "standard normal", "marron_wand_06": "bimodal"}
_GRAY, _BLACK = "0.4", "0.1"
_FONT = {"family": "STIXGeneral", "math_fontfamily": "stix"}
#: inches
_HEIGHT = 0.56
_WIDTHS = {"type": 1.1, "method": 1.75, "slide": 1.95, "data": 1.6, "all": 2.3, "tuning": 1.75, "last": 3.35}


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw the slide's table: a row for each of its models that the experiment has measured.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        The figure "lecture_table".
    """
    rows = rows_of(experiment)
    data = [name for name in _DATA_COLUMNS if name in experiment.data]
    columns = ["type", "method", "slide", *["data"] * len(data), "all", "tuning", "last"]
    edges = list(accumulate((_WIDTHS[column] for column in columns), initial=0.0))
    height, room = _HEIGHT * (len(rows) + 1), 0.19 * (len(data) + 1)
    figure = plt.figure(figsize=(edges[-1] + 0.3, height + 1.25 + room), layout="none")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-0.15, edges[-1] + 0.15), ylim=(-height - 0.62 - room, 0.63))
    ax.set_axis_off()
    _heading(ax, experiment, edges, data)
    for i, row in enumerate(rows):
        y = -_HEIGHT * (i + 1.5)
        if i == 0 or rows[i - 1].type != row.type:
            _write(ax, edges[0], y, row.type)
            ax.plot([0, edges[-1]], [y + _HEIGHT / 2] * 2, color=_BLACK, lw=0.9 if i == 0 else 0.5)
        _row(ax, experiment, row, data, edges, y)
    ax.plot([0, edges[-1]], [-height] * 2, color=_BLACK, lw=1.6)
    _footnote(ax, -height - 0.14)
    _differences(ax, experiment, data, -height - 0.72)
    return {"lecture_table": figure}


def _heading(ax, experiment, edges: list[float], data: list[str]) -> None:
    """Write the title, the sizes, and the headings of the columns."""
    cell = experiment.cells[0]
    ax.plot([0, edges[-1]], [0, 0], color=_BLACK, lw=1.6)
    sizes = f"n = {cell.sizes[0]:,} to {cell.sizes[-1]:,}, {cell.repeats} training sets each"
    _write(ax, 0, 0.32, experiment.title, size=15, weight="bold")
    _write(ax, edges[-1], 0.32, sizes, ha="right", color=_GRAY)
    headings = ["Type", "Method", "Convergence rate"]
    headings += [f"measured:\n{_DATA_COLUMNS[name]}" for name in data]
    count = len(experiment.data)
    headings += [f"measured: median where\nit falls, {count} data set{'s' if count > 1 else ''}"]
    headings += ["Tuning parameter", "Limitation, and its number"]
    for x, heading in zip(edges, headings, strict=False):
        _write(ax, x, -_HEIGHT / 2, heading, weight="bold")


def _row(ax, experiment, row, data: list[str], edges: list[float], y: float) -> None:
    """Write one row: the slide's fields, and what was measured."""
    _write(ax, edges[1], y, row.method)
    _write_two(ax, edges[2], y, row.rate, row.note)
    summaries = {name: experiment.summary(name, row.variant, row.metric) for name in experiment.data}
    for column, name in enumerate(data, start=3):
        large, small, verdict = measured(row, summaries[name])
        _fill(ax, edges[column], edges[column + 1], y, colors_of(verdict).background)
        _write_two(ax, edges[column] + 0.08, y, large, small)
    large, small = all_data(
        row, [experiment.summary(name, row.variant, row.metric) for name in experiment.data]
    )
    _write_two(ax, edges[-4] + 0.08, y, large, small)
    _write_two(ax, edges[-3], y, row.tuning, tuned(row, experiment))
    _write_two(ax, edges[-2], y, row.limitation, limitation(row, experiment))


def _write_two(ax, x: float, y: float, large: str, small: str) -> None:
    """Write a line of text, and below it a smaller gray one; a single line in the middle."""
    if not small or not large:
        _write(ax, x, y, large or small, color=_BLACK if large else _GRAY)
        return
    _write(ax, x, y + 0.09, large)
    _write(ax, x, y - 0.13, small, size=8.5, color=_GRAY)


def _fill(ax, left: float, right: float, y: float, background: str) -> None:
    """Color a field."""
    box = (left, y - _HEIGHT / 2 + 0.04), right - left - 0.1, _HEIGHT - 0.08
    ax.add_patch(FancyBboxPatch(*box, boxstyle="round,pad=0,rounding_size=0.06", fc=background, ec="none"))


def _footnote(ax, y: float) -> None:
    """Write what the rates, the colors and the costs are."""
    text = (
        "Rates are of the root of the mean integrated squared error of the density; those of the last row, "
        'as on its slide, of the squared error. In brackets: the 95 % interval. "exact": the slope of exact '
        'finite-n theory on the same sizes; "sieve": that of a network that grows. '
        '"theory":\nthe asymptotic exponent of this '
        "error on these data. Of nearest neighbors, in the middle nine tenths and over the whole line. "
        "Colors: green agrees with it, violet is undecided, blue faster, red slower, yellow a plateau. "
        "Costs are at the largest n, medians over the data."
    )
    _write(ax, 0, y, text, size=8.5, color=_GRAY, va="top")


def _differences(ax, experiment, data: list[str], y: float) -> None:
    """Write by how much exponents differ, row against row on the same samples."""
    lines = [
        f"{_DATA_COLUMNS[name]}: {'; '.join(texts)}"
        for name in data
        if (texts := differences(experiment, name))
    ]
    if lines:
        head = "Differences of exponents, tested in pairs on the same samples, with their 95 % intervals:"
        _write(ax, 0, y, "\n".join([head, *lines]), size=8.5, color=_GRAY, va="top")


def _write(ax, x: float, y: float, text: str, *, size: float = 11, va: str = "center", **style) -> None:
    ax.text(x, y, text, fontsize=size, va=va, **{**_FONT, **style})
