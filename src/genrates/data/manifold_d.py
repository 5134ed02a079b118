"""Data near a two-dimensional manifold in many dimensions: the lecture's way round the curse."""

import numpy as np
from scipy.special import ndtri

from genrates.data.base import KnownDensity
from genrates.data.gaussian_d import MixtureD
from genrates.data.quadrature import sobol

_INTRINSIC = 2
_SHAPE_SEED = 20220401  # of the rotation and the folds: part of the data set, not of a draw


class ManifoldD(KnownDensity):
    r"""Points near a (curved) two-dimensional manifold in d dimensions, with their exact density.

    .. math:: x = Q\,(z,\; g(z) + \sigma \varepsilon), \quad z \sim \text{MixtureD}(2), \quad
              \varepsilon \sim N(0, I_{d-2}), \quad g_j(z) = c \sin(a_j \cdot z + \phi_j).

    Q is a rotation; the map (z, e) -> (z, g(z) + e) shears and keeps volume, so that

    .. math:: p(x) = p_z(z)\, N(v; g(z), \sigma^2 I), \quad (z, v) = Q^T x.

    With `curvature=0` the manifold is a plane and PCA finds it; with more it takes an autoencoder.

    Parameters
    ----------
    d : int from 3 to 100, default=10
    noise : float > 0, default=0.05
        Standard deviation across the manifold.
    curvature : float >= 0, default=0.0
        Height of the folds.

    Raises
    ------
    ValueError
        For values out of these ranges.

    Notes
    -----
    Quadrature: 16 384 quasi-random nodes near the manifold, with the inverse of their density as weights.
    An integral of a model's own density misses what the model spreads far from the manifold: a likelihood gap
    is right, a root-MISE is one over the neighborhood of the manifold.

    Examples
    --------
    >>> data = ManifoldD(d=10, noise=0.05)
    >>> X = data.sample(100, np.random.default_rng(0))
    >>> np.linalg.svd(X - X.mean(axis=0), compute_uv=False)[2] < 1.0  # two directions hold the points
    np.True_
    """

    n_nodes = 16_384
    _widening = 1.2

    def __init__(self, *, d: int = 10, noise: float = 0.05, curvature: float = 0.0):
        if isinstance(d, bool) or d not in range(_INTRINSIC + 1, 101):
            raise ValueError(f"ManifoldD: d must be an integer from 3 to 100, got {d!r}.")
        if not 0 < noise < np.inf:
            raise ValueError(f"ManifoldD: noise must be a positive number, got {noise!r}.")
        if not 0 <= curvature < np.inf:
            raise ValueError(f"ManifoldD: curvature must be a number >= 0, got {curvature!r}.")
        self.d, self.noise, self.curvature = int(d), float(noise), float(curvature)
        self.n_features = self.d
        self.intrinsic = MixtureD(d=_INTRINSIC)
        shape = np.random.default_rng(_SHAPE_SEED)
        across = self.d - _INTRINSIC
        self._slopes = shape.uniform(-2, 2, (_INTRINSIC, across))
        self._phases = shape.uniform(0, 2 * np.pi, across)
        self.rotation = np.linalg.qr(shape.standard_normal((self.d, self.d)))[0]
        # A ball holds all of it whatever the rotation.
        flat = np.max(np.abs(self.intrinsic.domain[1])) * np.sqrt(_INTRINSIC)
        radius = np.hypot(flat, np.sqrt(across) * self.curvature + (7 + np.sqrt(across)) * self.noise)
        self.domain = (np.full(self.d, -radius), np.full(self.d, radius))

    def embed(self, Z: np.ndarray) -> np.ndarray:
        """Points (n, d) on the manifold for coordinates Z of shape (n, 2)."""
        return _times(np.hstack([Z, self._folds(Z)]), self.rotation.T)

    def _folds(self, Z):
        return self.curvature * np.sin(_times(Z, self._slopes) + self._phases)

    def _draw(self, n, rng):
        along, across = rng.spawn(2)
        Z = self.intrinsic.sample(n, along)
        noise = self.noise * across.standard_normal((n, self.d - _INTRINSIC))
        return _times(np.hstack([Z, self._folds(Z) + noise]), self.rotation.T)

    def _logpdf(self, X):
        return self._log_density(X, self.intrinsic.logpdf, self.noise)

    def _log_density(self, X, log_along, noise):
        Z, V = np.split(X @ self.rotation, [_INTRINSIC], axis=1)
        squares = np.sum((V - self._folds(Z)) ** 2, axis=1)
        log_norm = (self.d - _INTRINSIC) * (np.log(noise) + 0.5 * np.log(2 * np.pi))
        return log_along(Z) - 0.5 * squares / noise**2 - log_norm

    def _nodes(self):
        wide = MixtureD(d=_INTRINSIC)
        wide.sd *= self._widening
        half = self.n_nodes // 2
        blocks = []
        for center in wide.centers:
            u = ndtri(sobol(half, self.d))
            Z = center + wide.sd * u[:, :_INTRINSIC]
            V = self._folds(Z) + self._widening * self.noise * u[:, _INTRINSIC:]
            blocks.append(np.hstack([Z, V]) @ self.rotation.T)
        nodes = np.concatenate(blocks)
        log_g = self._log_density(nodes, wide._logpdf, self._widening * self.noise)
        return nodes, np.exp(-log_g) / len(nodes)


def _times(X: np.ndarray, M: np.ndarray) -> np.ndarray:
    """X @ M, each row by the same operations however many rows there are: BLAS rounds by the shape of X."""
    return sum(X[:, j, None] * M[j] for j in range(X.shape[1]))
