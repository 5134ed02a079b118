"""Draw any fitted density: a curve in one dimension, levels in two, pairs of columns in more."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genrates.estimators.base import DensityEstimator

_POINTS_1D, _POINTS_2D = 500, 120
_MOST_COLUMNS = 5
_DRAWS = 2000
_DATA, _MODEL = "0.55", "#0072b2"


def plot(
    model: DensityEstimator, X=None, *, names: Sequence[str] | None = None, random_state=0, draws=None
) -> Figure:
    """Draw a fitted density, over data if there are any.

    Parameters
    ----------
    model : DensityEstimator
        Fitted.
    X : array-like of shape (n, d), optional
        Data to draw in gray.
    names : sequence of str, optional
        Of the columns; default: x in one dimension, x1 to xd in more.
    random_state : int, default=0
        Of the model's draws.
    draws : ndarray of shape (m, d), optional
        Draws of the model; default: 2 000.

    Returns
    -------
    matplotlib.figure.Figure
        One column: the density over a histogram. Two: levels of the density over the points. More, up to
        five: draws over data for each pair of columns, with histograms of each column on the diagonal.

    Examples
    --------
    >>> from genrates.estimators import GaussianDensity
    >>> X = np.random.default_rng(0).normal(size=(50, 1))
    >>> len(plot(GaussianDensity().fit(X), X).axes)
    1
    """
    d = model.n_features_in_
    if names is None:
        names = ["x"] if d == 1 else [f"x{j + 1}" for j in range(d)]
    draws = model.sample(_DRAWS, random_state=random_state) if draws is None else draws
    X = None if X is None else np.asarray(X, dtype=np.float64)
    seen = draws if X is None else X
    has_density = "likelihood" in model.capabilities_
    if d == 1:
        figure = Figure(figsize=(6, 3.6), layout="constrained")
        _curve(figure.subplots(), model if has_density else None, X, draws, seen, names[0])
    elif d == 2 and has_density:
        figure = Figure(figsize=(5.4, 4.8), layout="constrained")
        _levels(figure.subplots(), model, X, seen, names)
    else:
        figure = _pairs(X, draws, list(names)[:_MOST_COLUMNS])
    return figure


def _middle(values: np.ndarray) -> tuple[float, float]:
    """Return the range that a picture shows: without the outermost 0.1 %, and a little wider."""
    low, high = np.quantile(values, [0.001, 0.999])
    margin = 0.04 * (high - low) or 1.0
    return float(low - margin), float(high + margin)


def _curve(axes: Axes, model, X, draws: np.ndarray, seen: np.ndarray, name: str) -> None:
    low, high = _middle(seen[:, 0])
    for values, color, label in ((X, _DATA, "data"), (None if model else draws, _MODEL, "draws")):
        if values is not None:
            edges = np.linspace(low, high, 61)
            # A density of all values, those outside the picture too.
            heights = np.histogram(values[:, 0], edges)[0] / (len(values) * (edges[1] - edges[0]))
            axes.stairs(heights, edges, fill=color == _DATA, color=color, label=label)
    if model is not None:
        x = np.linspace(low, high, _POINTS_1D)
        axes.plot(x, np.exp(model.score_samples(x[:, None])), color=_MODEL, label="model")
    axes.set(xlabel=name, ylabel="density", xlim=(low, high))
    axes.legend(frameon=False)


def _levels(axes: Axes, model, X, seen: np.ndarray, names: Sequence[str]) -> None:
    ranges = [_middle(seen[:, j]) for j in range(2)]
    x, y = (np.linspace(*ends, _POINTS_2D) for ends in ranges)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    density = np.exp(model.score_samples(grid)).reshape(_POINTS_2D, _POINTS_2D)
    picture = axes.pcolormesh(x, y, density, cmap="Blues", shading="nearest", rasterized=True)
    axes.figure.colorbar(picture, ax=axes, label="density")
    if X is not None:
        part = X[np.random.default_rng(0).permutation(len(X))[:_DRAWS]]
        axes.plot(*part.T, ".", color="0.3", markersize=2, alpha=0.4)
    axes.set(xlabel=names[0], ylabel=names[1], xlim=ranges[0], ylim=ranges[1])


def _pairs(X, draws: np.ndarray, names: list[str]) -> Figure:
    d = len(names)
    figure = Figure(figsize=(1.9 * d + 0.6, 1.9 * d + 0.6), layout="constrained")
    panels = figure.subplots(d, d, squeeze=False)
    seen = draws if X is None else X
    rng = np.random.default_rng(0)
    part = None if X is None else X[rng.permutation(len(X))[:_DRAWS]]
    for i in range(d):
        for j in range(d):
            axes, ends = panels[i, j], _middle(seen[:, j])
            if j > i:
                axes.set_axis_off()
                continue
            for values, color, label in ((part, _DATA, "data"), (draws[:_DRAWS], _MODEL, "draws")):
                if values is None:
                    continue
                if i == j:
                    axes.hist(
                        values[:, j],
                        bins=40,
                        range=ends,
                        density=True,
                        histtype="step",
                        color=color,
                        label=label,
                    )
                else:
                    axes.plot(values[:, j], values[:, i], ".", color=color, markersize=1.5, alpha=0.4)
            axes.set_xlim(ends)
            if i != j:
                axes.set_ylim(_middle(seen[:, i]))
            axes.set_xlabel(names[j] if i == d - 1 else "")
            axes.set_ylabel(names[i] if j == 0 and i else "")
    panels[0, 0].legend(frameon=False, fontsize=8)
    return figure
