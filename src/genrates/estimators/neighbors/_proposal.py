"""Heavy-tailed density that resembles the k-nearest-neighbor density, for importance sampling."""

import numpy as np
from scipy.special import gammaln, logsumexp

_N_CENTERS = 512
_DOF = 3  # degrees of freedom of the bumps
_UNIFORM = 0.1  # share of uniform draws over the box, which bounds the importance weights


class Proposal:
    """Mixture of Student-t bumps on some of the points and a uniform density on the box.

    The width of each bump is proportional to the k-th distance at its center.

    Parameters
    ----------
    points : ndarray of shape (n, d)
        Training set.
    kth : callable
        Maps points (m, d) to their k-th distances (m,).
    low, high : ndarray of shape (d,)
        Ends of the box.
    """

    def __init__(self, points: np.ndarray, kth, low: np.ndarray, high: np.ndarray):
        d = points.shape[1]
        # evenly spaced in lexicographic order, so that the order of the rows does not matter
        order = np.lexsort(points.T[::-1])
        self._center = points[
            order[np.linspace(0, len(points) - 1, min(_N_CENTERS, len(points))).astype(int)]
        ]
        self._width = kth(self._center) / np.sqrt(d)
        self._low, self._high = low, high

    def draw(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw up to n points; points outside the box are dropped.

        Parameters
        ----------
        n : int
            Number of draws before points are dropped.
        rng : numpy.random.Generator
            Source of random numbers.

        Returns
        -------
        x : ndarray of shape (m, d)
            The draws, m <= n.
        log_density : ndarray of shape (m,)
            Their log-densities under the proposal, in nats.
        """
        d = len(self._low)
        i = rng.integers(len(self._center), size=n)
        step = rng.standard_normal((n, d)) / np.sqrt(rng.chisquare(_DOF, size=(n, 1)) / _DOF)
        x = self._center[i] + step * self._width[i, None]
        uniform = rng.random(n) < _UNIFORM
        x[uniform] = self._low + (self._high - self._low) * rng.random((int(uniform.sum()), d))
        x = x[np.all((x >= self._low) & (x <= self._high), axis=1)]
        return x, self._log_density(x)

    def _log_density(self, x):
        """Return the log-densities (n,) of points x (n, d), in nats."""
        d = x.shape[1]
        constant = gammaln((_DOF + d) / 2) - gammaln(_DOF / 2) - 0.5 * d * np.log(_DOF * np.pi)
        out = np.empty(len(x))
        for start in range(0, len(x), 4096):
            square = ((x[start : start + 4096, None] - self._center) ** 2).sum(axis=2) / self._width**2
            bump = -0.5 * (_DOF + d) * np.log1p(square / _DOF) - d * np.log(self._width)
            out[start : start + 4096] = logsumexp(bump, axis=1)
        bumps = np.log1p(-_UNIFORM) + constant - np.log(len(self._center)) + out
        return np.logaddexp(bumps, np.log(_UNIFORM) - np.log(self._high - self._low).sum())
