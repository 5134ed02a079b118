"""Bandwidth selectors: rules of thumb, least-squares and likelihood cross-validation, plug-in."""

import numpy as np

from genrates.estimators import _lscv_1d


def effective_size(n: int, weight: np.ndarray | None) -> float:
    """How many observations the weights stand for.

    Whole-numbered weights are repeats and count as such; any others are importance weights and
    count by Kish's effective size, (sum w)^2 / sum w^2.

    >>> effective_size(2, np.array([1.0, 3.0])), effective_size(2, np.array([0.5, 0.5]))
    (4.0, 2.0)
    """
    if weight is None:
        return float(n)
    if np.all(weight == np.floor(weight)):
        return float(weight.sum())
    return float(weight.sum() ** 2 / (weight @ weight))


def column_sd(X: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Standard deviation of each column with divisor n - 1, shape (d,)."""
    n = effective_size(len(X), weight)
    w = None if weight is None else weight / weight.sum()
    mean = X.mean(axis=0) if w is None else w @ X
    square = np.square(X - mean)
    variance = square.mean(axis=0) if w is None else w @ square
    return np.sqrt(variance * (n / (n - 1) if n > 1 else 1.0))


def silverman(X: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Silverman's rule: sd_j (n (d + 2) / 4)^(-1/(d + 4)), shape (d,) (Silverman 1986)."""
    d = X.shape[1]
    return column_sd(X, weight) * (effective_size(len(X), weight) * (d + 2) / 4) ** (-1 / (d + 4))


def scott(X: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Scott's rule: sd_j n^(-1/(d + 4)), shape (d,) (Scott 1992)."""
    return column_sd(X, weight) * effective_size(len(X), weight) ** (-1 / (X.shape[1] + 4))


def lscv(X: np.ndarray, weight: np.ndarray | None = None, kernel: str = "gaussian") -> np.ndarray:
    """Least-squares cross-validation, the lecture's empirical risk, shape (d,)."""
    if X.shape[1] == 1:
        return np.array([_lscv_1d.minimise(X[:, 0], weight, kernel)])
    sd = column_sd(X, weight)
    n, d = X.shape
    m = min(n, 2000)
    Z = (X / sd)[np.linspace(0, n - 1, m).astype(int)]
    square = sum((Z[:, j, None] - Z[:, j]) ** 2 for j in range(d))[np.triu_indices(m, 1)]
    grid = np.geomspace(0.02, 1.5, 60) * m ** (-1 / (d + 4)) * 1.2

    def risk(h):
        a = (4 * np.pi * h * h) ** (-d / 2)
        b = (2 * np.pi * h * h) ** (-d / 2)
        pairs_a = 2 * a * np.exp(-square / (4 * h * h)).sum() / m**2
        return a / m + pairs_a - 4 * b * np.exp(-square / (2 * h * h)).sum() / (m * (m - 1))

    return sd * grid[np.argmin([risk(h) for h in grid])] * (n / m) ** (-1 / (d + 4))


def _rule(rule):
    def select(X, weight, kernel, bounds):
        from genrates.estimators._kernel_functions import canonical_ratio

        return rule(X, weight) * canonical_ratio(kernel, X.shape[1])

    return select


#: selectors by name: functions of (X, weight, kernel, bounds) that return bandwidths of shape (d,)
SELECTORS = {"lscv": _rule(lscv), "silverman": _rule(silverman), "scott": _rule(scott)}
