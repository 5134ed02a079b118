"""Pictures of a fitted density, of draws over data, and of a learning curve."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np

from genrates.estimators.base import DensityEstimator
from genrates.own.learning import LearningCurve

_MOST_COLUMNS = 6  # that a matrix of pairs shows
_MOST_POINTS = 2000
_DATA, _MODEL = "#7a7a7a", "#c51b7d"


def plot(
    model: DensityEstimator, X: np.ndarray | None = None, *, names: Sequence[str] = (), n_draws: int = 2000
):
    """Draw a fitted density.

    One column: its density over a histogram of the data. More: histograms of data and draws on the diagonal,
    and for each pair of columns the data above it and draws below. Six columns are shown.

    Parameters
    ----------
    model : DensityEstimator
        A fitted model that has a density or can be sampled.
    X : ndarray of shape (n, d), optional
        Data to show beside it.
    names : sequence of str, optional
        Names of the columns.
    n_draws : int, default=2000
        Draws of the model.

    Returns
    -------
    Figure
    """
    draws = model.sample(n_draws, random_state=0) if "sampling" in model.capabilities_ else None
    shown = draws if X is None else np.asarray(X, dtype=float)
    d = model.n_features_in_
    names = list(names) or [f"column {j}" for j in range(d)]
    return _line(model, shown, X is not None, names[0]) if d == 1 else _pairs(shown, draws, names)


def _line(model: DensityEstimator, shown: np.ndarray, is_data: bool, name: str):
    """Draw a density on the line, between the outermost thousandths of what is shown."""
    figure, axis = plt.subplots(figsize=(6, 3.4), layout="constrained")
    low, high = np.quantile(shown[:, 0], [0.001, 0.999])
    margin = 0.08 * (high - low or 1.0)
    x = np.linspace(low - margin, high + margin, 2000)
    label = "data" if is_data else "draws"
    axis.hist(shown[:, 0], bins="fd", range=(x[0], x[-1]), density=True, color=_DATA, alpha=0.35, label=label)
    if "likelihood" in model.capabilities_:
        axis.plot(x, np.exp(model.score_samples(x[:, None])), color=_MODEL, label=type(model).__name__)
    axis.set(xlabel=name, ylabel="density")
    axis.legend(frameon=False)
    return figure


def _pairs(data: np.ndarray, draws: np.ndarray | None, names: Sequence[str]):
    """Draw marginals on the diagonal, data above it, draws below."""
    k = min(data.shape[1], _MOST_COLUMNS)
    figure, axes = plt.subplots(k, k, figsize=(1.9 * k, 1.9 * k), squeeze=False, layout="constrained")
    ends = np.quantile(data[:, :k], [0.002, 0.998], axis=0)
    for i in range(k):
        for j in range(k):
            axis = axes[i, j]
            if i == j:
                for X, color in ((data, _DATA), (draws, _MODEL)):
                    if X is not None:
                        axis.hist(
                            X[:, i], bins=40, range=tuple(ends[:, i]), density=True, color=color, alpha=0.45
                        )
            else:
                X, color = (data, _DATA) if j > i else (draws, _MODEL)
                if X is not None:
                    axis.plot(X[:_MOST_POINTS, j], X[:_MOST_POINTS, i], ".", ms=2, alpha=0.4, color=color)
                axis.set_ylim(ends[:, i])
            axis.set_xlim(ends[:, j])
            axis.tick_params(labelsize=6)
            if i == k - 1:
                axis.set_xlabel(names[j], fontsize=8)
            if j == 0:
                axis.set_ylabel(names[i], fontsize=8)
    figure.suptitle("data above the diagonal, draws below", fontsize=9)
    return figure


def plot_learning(curve: LearningCurve):
    """Draw held-out log-likelihood against the number of rows.

    Parameters
    ----------
    curve : LearningCurve

    Returns
    -------
    Figure
    """
    figure, axis = plt.subplots(figsize=(6, 3.0), layout="constrained")
    axis.errorbar(curve.sizes, curve.log_likelihood, 1.96 * curve.se, fmt="o-", color=_MODEL, capsize=3)
    if len(curve.sizes) and np.isfinite(curve.gain):
        n, last = curve.sizes[-1], curve.log_likelihood[-1]
        gap = [[curve.gain - curve.gain_low], [curve.gain_high - curve.gain]]
        axis.errorbar([2 * n], [last + curve.gain], gap, fmt="o", mfc="white", color=_DATA, capsize=3)
        axis.plot([n, 2 * n], [last, last + curve.gain], ":", color=_DATA)
    axis.set(xscale="log", xlabel="rows to learn from", ylabel="held-out log-likelihood, nats a row")
    return figure
