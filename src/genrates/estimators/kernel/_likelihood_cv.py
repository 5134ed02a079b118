"""Likelihood cross-validation (Habbema et al. 1974; Duin 1976): the greatest leave-one-out likelihood.

Optimal in Kullback-Leibler divergence for light tails; with heavy tails an outlier forces a large bandwidth
(Hall 1987). Exact for the Gaussian kernel while n is at most 100 000 on the line and 2000 in space; beyond,
that many points, evenly spread, are left out in turn from the whole sample.
"""

import numpy as np
import scipy

from genrates.estimators.kernel._line import _Line

_MOST_LINE = 100_000
_MOST_SPACE = 2_000


def minimize(Z, weight, size: float) -> float:
    """Factor h for rows Z (n, d) in units of the standard deviations."""
    d = Z.shape[1]
    if d == 1:
        Z, weight = _distinct(Z[:, 0], weight)
        risk = _LineRisk(Z, weight)
    else:
        risk = _SpaceRisk(Z, weight)
    top = 3.0 * size ** (-1 / (d + 4))
    # coarse to fine in half octaves; the likelihood has one broad maximum: stop two octaves below it
    grid, value = [], []
    for k in range(60):
        grid.append(np.log(top) - 0.5 * np.log(2) * k)
        value.append(risk(np.exp(grid[-1])))
        if k >= 4 and np.argmin(value) <= k - 4:
            break
    at = grid[int(np.argmin(value))]
    span = (at - 0.5 * np.log(2), at + 0.5 * np.log(2))
    best = scipy.optimize.minimize_scalar(
        lambda s: risk(np.exp(s)), bounds=span, method="bounded", options={"xatol": 1e-4}
    )
    return float(np.exp(best.x))


def _distinct(x, weight):
    v, inverse = np.unique(x, return_inverse=True)
    if len(v) == len(x) and weight is None:
        return v, None
    return v, np.bincount(inverse, weight, len(v)).astype(np.float64)


def _strided(n, most):
    return np.arange(n) if n <= most else np.linspace(0, n - 1, most).astype(np.int64)


def _log_others(log_sum, own, nearest):
    """log(exp(log_sum) - own), by the nearest others where the difference has no digits left."""
    rest = -np.expm1(np.log(own) - log_sum)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = log_sum + np.log(np.maximum(rest, 0))
    lost = ~(rest > 1e-7)
    out[lost] = nearest[lost]
    return out


class _LineRisk:
    """Minus the mean log of the leave-one-out density; all copies of a value are left out together."""

    def __init__(self, v, weight):
        self.v, self.weight = v, weight
        self.own = np.ones(len(v)) if weight is None else weight
        self.chosen = _strided(len(v), _MOST_LINE)

    def __call__(self, h):
        line = _Line(self.v, self.weight, h, "gaussian")
        log_sum = line.log_density(self.v[self.chosen]) + np.log(h) + 0.5 * np.log(2 * np.pi)
        gap = np.diff(self.v) / h
        left = np.concatenate([[-np.inf], -0.5 * gap**2 + np.log(self.own[:-1])])
        right = np.concatenate([-0.5 * gap**2 + np.log(self.own[1:]), [-np.inf]])
        own = self.own[self.chosen]
        others = _log_others(log_sum, own, np.logaddexp(left, right)[self.chosen])
        density = others - np.log(h) - np.log(self.own.sum() - own)
        return -float(own @ density / own.sum())


class _SpaceRisk:
    def __init__(self, Z, weight):
        from genrates.estimators.kernel._tree_sums import _Tree

        self.tree, self.d = _Tree(Z, weight), Z.shape[1]
        self.chosen = _strided(len(Z), _MOST_SPACE)
        self.queries = Z[self.chosen]
        self.own = np.ones(len(self.chosen)) if weight is None else weight[self.chosen]
        self.nearest = self._nearest(Z)

    def _nearest(self, Z):
        """Squared distance to the nearest other row."""
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
