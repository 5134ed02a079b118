"""The models that are tried on a table, fast ones first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genrates.estimators import (
    AdaptiveKernelDensity,
    FrequencyPolygon,
    GaussianDensity,
    HistogramDensity,
    KernelDensity,
    LogConcaveDensity,
    MixtureDensity,
    NeighborDensity,
    SeriesDensity,
    WaveletDensity,
)
from genrates.estimators.base import DensityEstimator
from genrates.own.facts import Column
from genrates.own.transformed import TransformedDensity

#: rows from which on models that take more than linear time learn from a subset
LARGE = 100_000
_SUBSET = 20_000
_MOST_COLUMNS = {"histogram": 3, "knn": 10, "kde": 30}
_BEYOND = 1e-3  # of the distance from a bound to the nearest value: the bound lies that far out


@dataclass(frozen=True)
class Candidate:
    """A model to try.

    Attributes
    ----------
    name : str
        Its name in the ranking.
    estimator : DensityEstimator
        Not fitted.
    most_rows : int or None
        How many rows it learns from at most; None: all.
    """

    name: str
    estimator: DensityEstimator
    most_rows: int | None = None


def candidates(columns: Sequence[Column], X: np.ndarray) -> list[Candidate]:
    """Return the models that fit a table, fast ones first.

    Parameters
    ----------
    columns : sequence of Column
        Facts about the columns.
    X : ndarray of shape (n_rows, n_columns)
        The table.

    Returns
    -------
    list of Candidate
    """
    found = _line(columns[0], X[:, 0]) if X.shape[1] == 1 else _space(X.shape[1])
    return found + _on_other_scales(columns, X)


def _line(column: Column, x: np.ndarray) -> list[Candidate]:
    """Return the models of one column, on its own scale."""
    few = _subset(len(x))
    found = [
        Candidate("gaussian", GaussianDensity()),
        Candidate("histogram", HistogramDensity()),
        Candidate("frequency_polygon", FrequencyPolygon()),
        Candidate("wavelet", WaveletDensity()),
        Candidate("kde", KernelDensity()),
        Candidate("series", SeriesDensity()),
        Candidate("mixture", MixtureDensity(n_components="bic", random_state=0), few),
        Candidate("log_concave", LogConcaveDensity(), few),
        Candidate("adaptive_kde", AdaptiveKernelDensity(), few),
        Candidate("knn", NeighborDensity(), few),
    ]
    if column.lower is not None or column.upper is not None:
        lower, upper = _ends(column, x)
        found.append(Candidate("kde, bounded", KernelDensity(bounds=(lower, upper))))
    return found


def _space(d: int) -> list[Candidate]:
    """Return the models of several columns, on their own scales."""
    found = [
        Candidate("gaussian", GaussianDensity()),
        Candidate("gaussian, diagonal", GaussianDensity(covariance="diag")),
        Candidate("mixture", MixtureDensity(n_components="bic", random_state=0), _SUBSET * 5),
    ]
    if d <= _MOST_COLUMNS["histogram"]:
        found.append(Candidate("histogram", HistogramDensity()))
    if d <= _MOST_COLUMNS["kde"]:
        found.append(Candidate("kde", KernelDensity(), _SUBSET))
    if d <= _MOST_COLUMNS["knn"]:
        found.append(Candidate("knn", NeighborDensity(), _SUBSET))
    return found


def _on_other_scales(columns: Sequence[Column], X: np.ndarray) -> list[Candidate]:
    """Return models of bounded or heavy-tailed columns on logarithmic scales; none if there are no such."""
    transforms = [transform_of(column, x) for column, x in zip(columns, X.T, strict=True)]
    if all(kind == "identity" for kind, _, _ in transforms):
        return []
    few = _subset(len(X))
    models = {
        "gaussian": (GaussianDensity(), None),
        "kde": (KernelDensity(), None if X.shape[1] == 1 else _SUBSET),
        "mixture": (MixtureDensity(n_components="bic", random_state=0), few),
    }
    return [
        Candidate(f"{name}, other scale", TransformedDensity(model, transforms), most)
        for name, (model, most) in models.items()
    ]


def transform_of(column: Column, x: np.ndarray) -> tuple[str, float, float]:
    """Return the scale on which a column is easier to learn.

    Parameters
    ----------
    column : Column
        Facts about it.
    x : ndarray of shape (n,)
        Its values.

    Returns
    -------
    tuple of (kind, a, b)
        As :class:`genrates.own.transformed.TransformedDensity` takes it.
    """
    lower, upper = _ends(column, x)
    if lower is not None and upper is not None:
        return ("logit", lower, upper)
    if lower is not None:
        return ("log", lower, 0.0)
    if column.is_heavy:
        low, middle, high = np.quantile(x, [0.25, 0.5, 0.75])
        scale = float(high - low) / 1.349 or float(x.std())
        return ("asinh", float(middle), scale)
    return ("identity", 0.0, 1.0)


def _ends(column: Column, x: np.ndarray) -> tuple[float | None, float | None]:
    """Return bounds such that every value lies inside; a rounded column reaches half a unit further."""
    half = column.unit / 2
    lower = None if column.lower is None else column.lower - half
    upper = None if column.upper is None else column.upper + half
    step = _BEYOND * float(np.ptp(x)) / len(x)
    if lower is not None and x.min() <= lower:
        lower -= step
    if upper is not None and x.max() >= upper:
        upper += step
    return lower, upper


def _subset(n: int) -> int | None:
    """Return how many rows a model that takes more than linear time learns from; None: all."""
    return _SUBSET if n > LARGE else None
