"""The lecture's summary table: the slide's column, and beside it what was measured, in the slide's units."""

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

from genrates.reporting.figures.lecture_rows import METRIC, SLIDE, limitation, measured, over_all, tuned
from genrates.reporting.verdicts import colors_of

#: data sets that get a column of their own, if they are there: the easiest, and one that no normal fits
_SHOWN = ("marron_wand_01", "marron_wand_06")
_SMALL, _RULE = "0.4", "0.1"
_FONT = {"family": "STIXGeneral", "math_fontfamily": "stix"}
#: inches
_ROW = 0.56
_WIDTHS = {"type": 1.1, "method": 1.75, "slide": 1.95, "data": 1.6, "all": 2.3, "tuning": 1.75, "last": 3.35}


def draw(experiment) -> dict[str, plt.Figure]:
    """The slide's table: a row for each of its models, measured."""
    return {"lecture_table": table(experiment)}


def table(experiment) -> plt.Figure:
    rows = [row for row in SLIDE if row.variant in experiment.variants]
    shown = [name for name in _SHOWN if name in experiment.data]
    kinds = ["type", "method", "slide", *["data"] * len(shown), "all", "tuning", "last"]
    widths = [_WIDTHS[kind] for kind in kinds]
    edges = [0.0]
    for width in widths:
        edges.append(edges[-1] + width)
    height = _ROW * (len(rows) + 1)
    with plt.rc_context({"figure.constrained_layout.use": False}):
        figure = plt.figure(figsize=(edges[-1] + 0.3, height + 1.25))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-0.15, edges[-1] + 0.15), ylim=(-height - 0.62, 0.63))
    ax.set_axis_off()
    _heading(ax, experiment, edges, shown)
    for i, row in enumerate(rows):
        y = -_ROW * (i + 1.5)
        if i == 0 or rows[i - 1].type != row.type:
            _write(ax, edges[0], y, row.type)
            ax.plot([0, edges[-1]], [y + _ROW / 2] * 2, color=_RULE, lw=0.9 if i == 0 else 0.5)
        _row(ax, experiment, row, shown, edges, y)
    ax.plot([0, edges[-1]], [-height] * 2, color=_RULE, lw=1.6)
    _footnote(ax, experiment, -height - 0.14)
    return figure


def _heading(ax, experiment, edges: list[float], shown: list[str]) -> None:
    cell = experiment.cells[0]
    ax.plot([0, edges[-1]], [0, 0], color=_RULE, lw=1.6)
    sizes = f"n = {cell.sizes[0]:,} to {cell.sizes[-1]:,}, {cell.replicates} samples each"
    _write(ax, 0, 0.32, experiment.title, size=15, weight="bold")
    _write(ax, edges[-1], 0.32, sizes, ha="right", color=_SMALL)
    titles = {"marron_wand_01": "standard normal", "marron_wand_06": "bimodal"}
    heads = ["Type", "Method", "Convergence rate"]
    heads += [f"measured:\n{titles[name]}" for name in shown]
    heads += [f"measured: median where\nit falls, {len(experiment.data)} data sets"]
    heads += ["Tuning parameter", "Limitation, and its number"]
    for x, head in zip(edges, heads, strict=False):
        _write(ax, x, -_ROW / 2, head, weight="bold")


def _row(ax, experiment, row, shown: list[str], edges: list[float], y: float) -> None:
    _write(ax, edges[1], y, row.method)
    _two_lines(ax, edges[2], y, row.rate, row.note)
    column = 3
    for name in shown:
        large, small, verdict = measured(row, experiment.summary(name, row.variant, METRIC))
        _fill(ax, edges[column], edges[column + 1], y, colors_of(verdict).tint)
        _two_lines(ax, edges[column] + 0.08, y, large, small)
        column += 1
    large, small = over_all(row, [experiment.summary(d, row.variant, METRIC) for d in experiment.data])
    _two_lines(ax, edges[column] + 0.08, y, large, small)
    _two_lines(ax, edges[column + 1], y, row.tuning, tuned(row, experiment))
    _two_lines(ax, edges[column + 2], y, row.limitation, limitation(row, experiment))


def _two_lines(ax, x: float, y: float, large: str, small: str) -> None:
    """The slide's words, or the number, and below them in gray what else there is to say."""
    if not small or not large:
        _write(ax, x, y, large or small, color=_RULE if large else _SMALL)
        return
    _write(ax, x, y + 0.09, large)
    _write(ax, x, y - 0.13, small, size=8.5, color=_SMALL)


def _fill(ax, left: float, right: float, y: float, ink: str) -> None:
    box = (left, y - _ROW / 2 + 0.04), right - left - 0.1, _ROW - 0.08
    ax.add_patch(FancyBboxPatch(*box, boxstyle="round,pad=0,rounding_size=0.06", fc=ink, ec="none"))


def _footnote(ax, experiment, y: float) -> None:
    words = (
        "Rates are of the root of the mean integrated squared error of the density; the last row's, as on "
        'its slide, of the squared one. In brackets the 95 % interval; "exact": the slope of exact '
        'finite-n theory on the same sizes, "theory": where there is none, the exponent on these data '
        "without end,\nof this error (of nearest neighbors: over the line). "
        "The tint is the verdict: green agrees, blue faster, red slower than that, yellow a plateau. "
        "Costs are at the largest n, medians over the data."
    )
    _write(ax, 0, y, words, size=8.5, color=_SMALL, va="top")


def _write(ax, x: float, y: float, text: str, *, size: float = 11, va: str = "center", **style) -> None:
    ax.text(x, y, text, fontsize=size, va=va, **{**_FONT, **style})
