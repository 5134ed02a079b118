"""A heavy-tailed density that resembles the k-nearest-neighbor density, to integrate and resample by."""

import numpy as np
from scipy.special import gammaln, logsumexp

_CENTRES = 512
_FREEDOM = 3
_UNIFORM = 0.1  # share of draws spread evenly over the box: it bounds the importance weights


class Proposal:
    """Student-t bumps on some of the points, as wide as the k-th distance there, and a uniform share."""

    def __init__(self, points: np.ndarray, kth, low: np.ndarray, high: np.ndarray):
        d = points.shape[1]
        # evenly spaced in lexicographic order: the choice depends on the set of points alone
        order = np.lexsort(points.T[::-1])
        self._center = points[order[np.linspace(0, len(points) - 1, min(_CENTRES, len(points))).astype(int)]]
        self._width = kth(self._center) / np.sqrt(d)
        self._low, self._high = low, high

    def draw(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """n points and their log-densities; points outside the box are left out, so fewer may come."""
        d = len(self._low)
        i = rng.integers(len(self._center), size=n)
        step = rng.standard_normal((n, d)) / np.sqrt(rng.chisquare(_FREEDOM, size=(n, 1)) / _FREEDOM)
        x = self._center[i] + step * self._width[i, None]
        even = rng.random(n) < _UNIFORM
        x[even] = self._low + (self._high - self._low) * rng.random((int(even.sum()), d))
        x = x[np.all((x >= self._low) & (x <= self._high), axis=1)]
        return x, self._log_density(x)

    def _log_density(self, x):
        d = x.shape[1]
        constant = gammaln((_FREEDOM + d) / 2) - gammaln(_FREEDOM / 2) - 0.5 * d * np.log(_FREEDOM * np.pi)
        out = np.empty(len(x))
        for start in range(0, len(x), 4096):
            square = ((x[start : start + 4096, None] - self._center) ** 2).sum(axis=2) / self._width**2
            bump = -0.5 * (_FREEDOM + d) * np.log1p(square / _FREEDOM) - d * np.log(self._width)
            out[start : start + 4096] = logsumexp(bump, axis=1)
        bumps = np.log1p(-_UNIFORM) + constant - np.log(len(self._center)) + out
        return np.logaddexp(bumps, np.log(_UNIFORM) - np.log(self._high - self._low).sum())
