"""Two interleaved half circles with normal noise."""

import numpy as np

from genrates.data.base import KnownDensity
from genrates.data.given import check_noise
from genrates.data.isotropic_mixture import isotropic_log_density
from genrates.data.quadrature import composite_gauss_legendre


class TwoMoons(KnownDensity):
    """Two half circles of radius 2 with normal noise.

    These are the points of scikit-learn's `make_moons` with standard deviation `noise`, scaled by 2 and
    shifted by (-1, -0.2). The density is the normal density of the noise, integrated along the arcs by
    Gauss-Legendre quadrature. The mean log-likelihood of the truth at noise 0.1 is -2.394 nats.

    Parameters
    ----------
    noise : float >= 0.02, default=0.1
        Standard deviation before scaling.

    Raises
    ------
    ValueError
        For noise below 0.02, which the quadrature along the arcs would not resolve.

    References
    ----------
    W. Grathwohl et al., FFJORD, ICLR 2019 (the authors' toy data).

    Examples
    --------
    >>> TwoMoons().sample(4, np.random.default_rng(0)).shape
    (4, 2)
    """

    n_features = 2

    def __init__(self, *, noise: float = 0.1):
        check_noise("TwoMoons", noise)
        self.noise = float(noise)
        self._sd = 2 * self.noise
        margin = 7 * self._sd
        self.domain = (np.array([-3.0, -1.2]) - margin, np.array([3.0, 1.8]) + margin)
        t, w = composite_gauss_legendre(0.0, np.pi, max(40, round(4 / self.noise)), np.empty(0))
        self._weights = np.tile(w / (2 * np.pi), 2)
        self._centers = np.concatenate([_arc(t, np.zeros(len(t), bool)), _arc(t, np.ones(len(t), bool))])

    def _draw(self, n, rng):
        labels, positions, normals = rng.spawn(3)
        centers = _arc(np.pi * positions.random(n), labels.random(n) < 0.5)
        return centers + self._sd * normals.standard_normal((n, 2))

    def _logpdf(self, X):
        return isotropic_log_density(X, self._weights, self._centers, self._sd)


def _arc(t: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Return the points at angles t, on the inner arc where `inner` is true, else on the outer one."""
    x = np.where(inner, 1 - np.cos(t), np.cos(t))
    y = np.where(inner, 0.5 - np.sin(t), np.sin(t))
    return np.stack([2 * x - 1, 2 * y - 0.2], axis=1)
