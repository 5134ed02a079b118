"""Two interleaved spirals with noise."""

import numpy as np
from scipy.special import log_ndtr, logsumexp, ndtr

from genrates.data.base import KnownDensity
from genrates.data.quadrature import composite_gauss_legendre

_SD, _SIDE = 0.1, 0.5 / 3  # normal noise; side of the square of uniform noise
_END = 3 * np.pi  # the angle, in radians, at which the spirals end
_PAIRS = 2_000_000  # points times quadrature nodes held at once


class TwoSpirals(KnownDensity):
    r"""Two spirals, each the other's half turn, of one and a half windings.

    With :math:`t = 3 \pi \sqrt u`, u uniform: :math:`\pm (-t \cos t + v_1,\; t \sin t + v_2) / 3` with v
    uniform on [0, 0.5]^2, plus normal noise of standard deviation 0.1. Given t the coordinates are
    independent, each a uniform plus a normal, whose density is a difference of two normal distribution
    functions; the density is its integral along the spirals by Gauss-Legendre quadrature. Mean
    log-likelihood of the truth: -2.645 nats.

    Notes
    -----
    A log-density costs O(768) evaluations of that product.

    References
    ----------
    W. Grathwohl et al., FFJORD, ICLR 2019 (the authors' toy data).

    Examples
    --------
    >>> TwoSpirals().sample(4, np.random.default_rng(0)).shape
    (4, 2)
    """

    n_features = 2
    n_cells = 130

    def __init__(self):
        end = _END / 3 + _SIDE + 7 * _SD
        self.domain = (np.full(2, -end), np.full(2, end))
        self._t, w = composite_gauss_legendre(0.0, _END, 96, np.empty(0))
        # u = (t / 3 pi)^2 is uniform, so t has density 2 t / (3 pi)^2; half the mass on each spiral
        self._weights = w * self._t / _END**2

    def _draw(self, n, rng):
        labels, places, squares, normals = rng.spawn(4)
        t = _END * np.sqrt(places.random(n))
        arm = _curve(t) + _SIDE * squares.random((n, 2))
        sign = np.where(labels.random(n) < 0.5, 1.0, -1.0)[:, None]
        return sign * arm + _SD * normals.standard_normal((n, 2))

    def _logpdf(self, X):
        step = max(1, _PAIRS // len(self._t))
        return np.concatenate([self._part(X[i : i + step]) for i in range(0, len(X), step)] or [np.empty(0)])

    def _part(self, X):
        centers = _curve(self._t)
        with np.errstate(under="ignore"):
            f = sum(
                (_smeared(s * X[:, :1] - centers[:, 0]) * _smeared(s * X[:, 1:] - centers[:, 1]))
                @ self._weights
                for s in (1, -1)
            )
        out = np.log(f)
        far = f < 1e-250  # products of tails underflow: go through logarithms there
        if far.any():
            out[far] = logsumexp(
                [
                    _log_smeared(s * X[far, :1] - centers[:, 0])
                    + _log_smeared(s * X[far, 1:] - centers[:, 1])
                    + np.log(self._weights)
                    for s in (1, -1)
                ],
                axis=(0, 2),
            )
        return out


def _curve(t: np.ndarray) -> np.ndarray:
    return np.stack([-t * np.cos(t), t * np.sin(t)], axis=1) / 3


def _smeared(z: np.ndarray) -> np.ndarray:
    """Density at z of a uniform on [0, _SIDE] plus a normal of standard deviation _SD."""
    z = np.abs(z - 0.5 * _SIDE)  # symmetric: the lower tail loses no digits
    return (ndtr((0.5 * _SIDE - z) / _SD) - ndtr((-0.5 * _SIDE - z) / _SD)) / _SIDE


def _log_smeared(z: np.ndarray) -> np.ndarray:
    z = np.abs(z - 0.5 * _SIDE)
    high, low = log_ndtr((0.5 * _SIDE - z) / _SD), log_ndtr((-0.5 * _SIDE - z) / _SD)
    return high + np.log1p(-np.exp(low - high)) - np.log(_SIDE)
