"""Likelihood cross-validation (Habbema et al. 1974; Duin 1976): the largest leave-one-out likelihood.

It is optimal in Kullback-Leibler divergence for light tails. With heavy tails an outlier forces a large
bandwidth (Hall 1987). The Gaussian kernel's likelihood is exact up to n = 100 000 on the line and n = 2000 in
space. For larger n only that many points, evenly spread over the training set, are left out in turn.
"""

import numpy as np
import scipy

from genrates.estimators.kernel._line import Line

_MAX_LINE = 100_000
_MAX_SPACE = 2_000


def minimize(Z, weight, size: float) -> float:
    """Return the bandwidth factor with the largest leave-one-out likelihood.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Points in units of the standard deviations.
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    size : float
        Effective number of points.

    Returns
    -------
    float
        Factor of the standard deviations.
    """
    d = Z.shape[1]
    if d == 1:
        Z, weight = _distinct(Z[:, 0], weight)
        risk = _LineRisk(Z, weight)
    else:
        risk = _SpaceRisk(Z, weight)
    largest = 3.0 * size ** (-1 / (d + 4))
    # coarse to fine in half octaves; the likelihood has one broad maximum, so stop two octaves below it
    grid, value = [], []
    for k in range(60):
        grid.append(np.log(largest) - 0.5 * np.log(2) * k)
        value.append(risk(np.exp(grid[-1])))
        if k >= 4 and np.argmin(value) <= k - 4:
            break
    center = grid[int(np.argmin(value))]
    span = (center - 0.5 * np.log(2), center + 0.5 * np.log(2))
    best = scipy.optimize.minimize_scalar(
        lambda s: risk(np.exp(s)), bounds=span, method="bounded", options={"xatol": 1e-4}
    )
    return float(np.exp(best.x))


def _distinct(x, weight):
    """Return the distinct values, ascending, and the weight of each (None: all 1)."""
    v, inverse = np.unique(x, return_inverse=True)
    if len(v) == len(x) and weight is None:
        return v, None
    return v, np.bincount(inverse, weight, len(v)).astype(np.float64)


def _spread_rows(n, limit):
    """Return at most `limit` row numbers, evenly spread over n rows."""
    return np.arange(n) if n <= limit else np.linspace(0, n - 1, limit).astype(np.int64)


def _log_others(log_sum, own, nearest):
    """Return log(exp(log_sum) - own), the log of the sum over the other points.

    `nearest`, the term of the nearest others alone, replaces a difference that has no digits left.

    Returns
    -------
    ndarray of shape (m,)
    """
    rest = -np.expm1(np.log(own) - log_sum)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = log_sum + np.log(np.maximum(rest, 0))
    cancelled = ~(rest > 1e-7)
    out[cancelled] = nearest[cancelled]
    return out


class _LineRisk:
    """Minus the mean log of the leave-one-out density; all copies of a value are left out together."""

    def __init__(self, v, weight):
        self.v, self.weight = v, weight
        self.own = np.ones(len(v)) if weight is None else weight
        self.chosen = _spread_rows(len(v), _MAX_LINE)

    def __call__(self, h):
        line = Line(self.v, self.weight, h, "gaussian")
        log_sum = line.log_density(self.v[self.chosen]) + np.log(h) + 0.5 * np.log(2 * np.pi)
        gap = np.diff(self.v) / h
        left = np.concatenate([[-np.inf], -0.5 * gap**2 + np.log(self.own[:-1])])
        right = np.concatenate([-0.5 * gap**2 + np.log(self.own[1:]), [-np.inf]])
        own = self.own[self.chosen]
        others = _log_others(log_sum, own, np.logaddexp(left, right)[self.chosen])
        density = others - np.log(h) - np.log(self.own.sum() - own)
        return -float(own @ density / own.sum())


class _SpaceRisk:
    """Minus the mean log of the leave-one-out density, in two and more dimensions."""

    def __init__(self, Z, weight):
        from genrates.estimators.kernel._tree_sums import Tree

        self.tree, self.d = Tree(Z, weight), Z.shape[1]
        self.chosen = _spread_rows(len(Z), _MAX_SPACE)
        self.queries = Z[self.chosen]
        self.own = np.ones(len(self.chosen)) if weight is None else weight[self.chosen]
        self.nearest = self._nearest(Z)

    def _nearest(self, Z):
        """Return the squared distance of each chosen row to the nearest other row."""
        out = np.empty(len(self.chosen))
        for start in range(0, len(out), 64):
            q = self.queries[start : start + 64]
            square = np.zeros((len(q), len(Z)))
            for j in range(self.d):
                square += (q[:, j, None] - Z[:, j]) ** 2
            square[np.arange(len(q)), self.chosen[start : start + 64]] = np.inf
            out[start : start + 64] = square.min(axis=1)
        return out

    def __call__(self, h):
        log_sum = self.tree.scaled(1 / h).log_sums("gaussian", self.queries / h, 1e-9)
        others = _log_others(log_sum, self.own, -0.5 * self.nearest / h**2)
        density = others - self.d * np.log(h) - np.log(self.tree.mass - self.own)
        return -float(self.own @ density / self.own.sum())
