"""How all figures look: quiet axes, one color for each model wherever it appears."""

import math
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import LogFormatter, NullLocator

_COLORS = {
    "gaussian": "#7a7a7a",
    "mixture": "#b07aa1",
    "histogram": "#e08214",
    "kde": "#2166ac",
    "adaptive_kde": "#67a9cf",
    "knn": "#1b7837",
    "knn_global": "#a6dba0",
    "series": "#8c510a",
    "slc": "#c51b7d",
    "sic": "#de77ae",
    "bernoulli_pixels": "#7a7a7a",
    "bernoulli_mixture": "#b07aa1",
    "manifold_pca": "#1b7837",
    "manifold_autoencoder": "#e7298a",
    "manifold_images": "#7fbc41",
    "autoencoder": "#8c510a",
    "dae": "#2166ac",
    "dae_walkback": "#c51b7d",
    "dae_convolutional": "#4393c3",
    "dae_convolutional_walkback": "#e7298a",
}
_SPARE = ["#4d9221", "#542788", "#35978f", "#b35806", "#d6604d", "#01665e"]

_RAISED = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")

plt.rcParams.update(
    {
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": "medium",
        "axes.titley": 1.0,  # else each title is held against every tick label
        "figure.constrained_layout.use": True,
        "figure.dpi": 110,
        "font.size": 9,
        "legend.frameon": False,
        "lines.linewidth": 1.4,
    }
)


def save(figure: plt.Figure, path: Path, dpi: int) -> None:
    """Write a figure, and forget it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=dpi)
    plt.close(figure)


def color(label: str, variants: list[str]) -> str:
    """Color of a model's label; variants of one model take spare colors in order."""
    if label in _COLORS:
        return _COLORS[label]
    others = [name for name in variants if name not in _COLORS]
    return _SPARE[others.index(label) % len(_SPARE)]


def model_lines(variants: list[str]) -> list[Line2D]:
    """A legend's entries: one for each model."""
    return [Line2D([], [], color=color(label, variants), marker="o", ms=4, label=label) for label in variants]


def theory_line() -> Line2D:
    """The legend's entry of the dotted lines."""
    return Line2D([], [], color="0.4", lw=0.8, ls=":", label="slope of exact theory, else of asymptotics")


def power_of_ten(k: int) -> str:
    """10 to the k as plain text: matplotlib's own formulas take longer than the rest of a panel.

    >>> power_of_ten(-2)
    '10\u207b\u00b2'
    """
    return "10" + str(k).translate(_RAISED)


def logarithmic(ax: plt.Axes) -> None:
    """Both axes of a drawn panel logarithmic, with minor ticks only where decades alone would say too little.

    Minor ticks cost more than the rest of a panel, and there are hundreds of panels.
    """
    ax.set(xscale="log", yscale="log")
    for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        if high >= 100 * low:
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(_decade)
        else:
            axis.set_major_formatter(_Number())
            axis.set_minor_formatter(_Number())


def _decade(value: float, _) -> str:
    k = round(math.log10(value))
    return power_of_ten(k) if math.isclose(value, 10.0**k) else f"{value:g}"


class _Number(LogFormatter):
    """Plain numbers where matplotlib would write 6 x 10^-2, which is wider than the margin of a panel."""

    def __call__(self, x, pos=None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""
