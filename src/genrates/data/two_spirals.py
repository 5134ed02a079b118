"""Two interleaved spirals with uniform and normal noise."""

import numpy as np
from scipy.special import log_ndtr, logsumexp, ndtr

from genrates.data.base import KnownDensity
from genrates.data.quadrature import composite_gauss_legendre

_SD, _SIDE = 0.1, 0.5 / 3  # sd of the normal noise; side of the square of the uniform noise
_END = 3 * np.pi  # the angle, in radians, at which the spirals end
_MAX_PAIRS = 2_000_000  # largest number of (point, quadrature node) pairs in memory at once


class TwoSpirals(KnownDensity):
    r"""Two spirals of one and a half windings, each rotated by half a turn against the other.

    A point is :math:`\pm (-t \cos t + v_1,\; t \sin t + v_2) / 3` plus normal noise of standard deviation
    0.1, with :math:`t = 3 \pi \sqrt u`, u uniform on [0, 1] and v uniform on [0, 0.5]^2. Given t, the
    coordinates are independent, and each is the sum of a uniform and a normal variable. The density of such a
    sum is a difference of two normal distribution functions. The density of the point is the integral of the
    product of these two densities along the spirals, by Gauss-Legendre quadrature. The mean log-likelihood of
    the truth is -2.645 nats.

    Notes
    -----
    One log-density takes 768 evaluations of that product.

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
        labels, positions, squares, normals = rng.spawn(4)
        t = _END * np.sqrt(positions.random(n))
        arm = _curve(t) + _SIDE * squares.random((n, 2))
        sign = np.where(labels.random(n) < 0.5, 1.0, -1.0)[:, None]
        return sign * arm + _SD * normals.standard_normal((n, 2))

    def _logpdf(self, X):
        step = max(1, _MAX_PAIRS // len(self._t))
        blocks = [self._block_logpdf(X[i : i + step]) for i in range(0, len(X), step)]
        return np.concatenate(blocks or [np.empty(0)])

    def _block_logpdf(self, X):
        """Return the log-density of few enough points for the memory."""
        centers = _curve(self._t)
        with np.errstate(under="ignore"):
            f = sum(
                (_noise_density(s * X[:, :1] - centers[:, 0]) * _noise_density(s * X[:, 1:] - centers[:, 1]))
                @ self._weights
                for s in (1, -1)
            )
        out = np.log(f)
        far = f < 1e-250  # products of tails underflow, so logarithms are used there
        if far.any():
            out[far] = logsumexp(
                [
                    _log_noise_density(s * X[far, :1] - centers[:, 0])
                    + _log_noise_density(s * X[far, 1:] - centers[:, 1])
                    + np.log(self._weights)
                    for s in (1, -1)
                ],
                axis=(0, 2),
            )
        return out


def _curve(t: np.ndarray) -> np.ndarray:
    """Return the points of one spiral at angles t, shape (n, 2)."""
    return np.stack([-t * np.cos(t), t * np.sin(t)], axis=1) / 3


def _noise_density(z: np.ndarray) -> np.ndarray:
    """Return the density at z of a uniform on [0, _SIDE] plus a normal of standard deviation _SD."""
    z = np.abs(z - 0.5 * _SIDE)  # by symmetry; in the lower tail no digits cancel
    return (ndtr((0.5 * _SIDE - z) / _SD) - ndtr((-0.5 * _SIDE - z) / _SD)) / _SIDE


def _log_noise_density(z: np.ndarray) -> np.ndarray:
    """Return the logarithm of :func:`_noise_density`, also where that underflows."""
    z = np.abs(z - 0.5 * _SIDE)
    high, low = log_ndtr((0.5 * _SIDE - z) / _SD), log_ndtr((-0.5 * _SIDE - z) / _SD)
    return high + np.log1p(-np.exp(low - high)) - np.log(_SIDE)
