"""How all figures look: quiet axes, one colour for each model wherever it appears."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
from matplotlib.ticker import NullLocator

_COLOURS = {
    "gaussian": "#7a7a7a",
    "mixture": "#b07aa1",
    "histogram": "#e08214",
    "kde": "#2166ac",
    "adaptive_kde": "#67a9cf",
    "knn": "#1b7837",
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
#: a verdict's tint, light enough to write on
_VERDICTS = {
    "agrees": "#cfe8cf",
    "faster": "#cfe1f3",
    "slower": "#f6cdc6",
    "plateau": "#f9e3a6",
    "skipped": "#f2f2f2",
    "failed": "#c9c9c9",
}
_SPARE = ["#4d9221", "#542788", "#35978f", "#b35806", "#d6604d", "#01665e"]

plt.rcParams.update(
    {
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": "medium",
        "figure.constrained_layout.use": True,
        "figure.dpi": 110,
        "font.size": 9,
        "legend.frameon": False,
        "lines.linewidth": 1.4,
    }
)


def colour(label: str, labels: list[str]) -> str:
    """Colour of a model's label; variants of one model take spare colours in order."""
    if label in _COLOURS:
        return _COLOURS[label]
    others = [name for name in labels if name not in _COLOURS]
    return _SPARE[others.index(label) % len(_SPARE)]


def tint(verdict: str) -> str:
    """The colour behind a verdict; what is no verdict is pale."""
    return _VERDICTS.get(verdict, _VERDICTS["skipped"])


def logarithmic(ax: plt.Axes) -> None:
    """Both axes of a drawn panel logarithmic, with minor ticks only where decades alone would say too little.

    Minor ticks cost more than the rest of a panel, and there are hundreds of panels.
    """
    ax.set(xscale="log", yscale="log")
    for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        if high >= 100 * low:
            axis.set_minor_locator(NullLocator())
