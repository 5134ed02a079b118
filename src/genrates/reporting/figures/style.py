"""The style of all figures: no frames, and one color for each model wherever it appears."""

import math
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import LogFormatter, NullLocator

_COLORS = {
    "gaussian": "#7a7a7a",
    "mixture": "#b07aa1",
    "histogram": "#e08214",
    "frequency_polygon": "#fdb863",
    "ash": "#b35806",
    "kde": "#2166ac",
    "adaptive_kde": "#67a9cf",
    "knn": "#1b7837",
    "knn_global": "#a6dba0",
    "sample_point_kde": "#5aae61",
    "series": "#8c510a",
    "log_concave": "#bf812d",
    "wavelet": "#01665e",
    "slc": "#c51b7d",
    "sic": "#de77ae",
    "memorizer": "#1a1a1a",
    "cdf_network": "#762a83",
    "bernoulli_pixels": "#7a7a7a",
    "bernoulli_mixture": "#b07aa1",
    "bernoulli_kernel": "#35978f",
    "manifold_pca": "#1b7837",
    "manifold_autoencoder": "#e7298a",
    "manifold_images": "#7fbc41",
    "autoencoder": "#8c510a",
    "dae": "#2166ac",
    "dae_walkback": "#c51b7d",
    "dae_convolutional": "#4393c3",
    "dae_convolutional_walkback": "#e7298a",
}
#: colors of all other variants, in their order
_SPARE = ["#4d9221", "#542788", "#35978f", "#b35806", "#d6604d", "#c7a500"]

_SUPERSCRIPTS = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)

plt.rcParams.update(
    {
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": "medium",
        "axes.titley": 1.0,  # else each title is compared with every tick label
        "figure.constrained_layout.use": True,
        "figure.dpi": 110,
        "font.size": 9,
        "legend.frameon": False,
        "lines.linewidth": 1.4,
    }
)


def save(figure: plt.Figure, path: Path, dpi: int) -> None:
    """Write a figure to a file, and close it.

    Parameters
    ----------
    figure : Figure
        The figure.
    path : Path
        The file; its folder is made where it is missing.
    dpi : int
        Pixels an inch.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=dpi)
    plt.close(figure)


def ending(experiment, data: str) -> str:
    """Return the ending of the name of a figure that shows one data set.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    data : str
        Name of the data set.

    Returns
    -------
    str
        Empty where there is only one data set.
    """
    return "" if len(experiment.data) == 1 else f"_{data}"


def color(variant: str, variants: list[str]) -> str:
    """Return the color of a variant of a model.

    Parameters
    ----------
    variant : str
        Its name.
    variants : list of str
        All variants of the experiment: those without a color of their own take spare colors in this order.

    Returns
    -------
    str
        A color of matplotlib.
    """
    if variant in _COLORS:
        return _COLORS[variant]
    others = [name for name in variants if name not in _COLORS]
    return _SPARE[others.index(variant) % len(_SPARE)]


def error_bars(errors: np.ndarray, standard_errors: np.ndarray) -> np.ndarray:
    """Return 95 % bars for a logarithmic axis, which has no place for a bar that reaches zero.

    Parameters
    ----------
    errors : ndarray of shape (m,)
        Positive errors.
    standard_errors : ndarray of shape (m,)
        Their standard errors; NaN gives no bar.

    Returns
    -------
    ndarray of shape (2, m)
        Lengths below and above, as `yerr` of matplotlib wants them.
    """
    up = 1.96 * np.nan_to_num(standard_errors)
    return np.stack([np.minimum(up, 0.9 * errors), up])


def model_lines(variants: list[str]) -> list[Line2D]:
    """Return the legend's entries of the models.

    Parameters
    ----------
    variants : list of str
        All variants of the experiment.

    Returns
    -------
    list of Line2D
        One for each.
    """
    return [
        Line2D([], [], color=color(variant, variants), marker="o", ms=4, label=variant)
        for variant in variants
    ]


def theory_line() -> Line2D:
    """Return the legend's entry of the dotted lines.

    Returns
    -------
    Line2D
        A dotted line.
    """
    return Line2D([], [], color="0.4", lw=0.8, ls=":", label="slope of exact theory, else of asymptotics")


def power_of_ten(k: int) -> str:
    """Return 10 to the k as plain text, which is drawn faster than matplotlib's formulas.

    Parameters
    ----------
    k : int
        The exponent.

    Returns
    -------
    str
        With superscripts.

    Examples
    --------
    >>> power_of_ten(-2)
    '10\u207b\u00b2'
    """
    return "10" + str(k).translate(_SUPERSCRIPTS)


def logarithmic(ax: plt.Axes) -> None:
    """Make both axes of a drawn panel logarithmic, with minor ticks only where there are few decades.

    Minor ticks cost more than the rest of a panel, and there are hundreds of panels.

    Parameters
    ----------
    ax : Axes
        The panel.
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
    """Return a tick's label: a power of ten, or a plain number."""
    k = round(math.log10(value))
    return power_of_ten(k) if math.isclose(value, 10.0**k) else f"{value:g}"


class _Number(LogFormatter):
    """Plain numbers where matplotlib would write 6 x 10^-2, which is wider than the margin of a panel."""

    def __call__(self, x, pos=None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""
