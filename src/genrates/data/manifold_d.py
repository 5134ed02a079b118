"""Data near a two-dimensional manifold in many dimensions, which avoid the curse of dimensionality."""

import numpy as np
from scipy.special import ndtri

from genrates.data.base import KnownDensity
from genrates.data.gaussian_d import MixtureD
from genrates.data.quadrature import sobol
from genrates.errors import is_count, is_number, shown

_INTRINSIC = 2
_SHAPE_SEED = 20220401  # for the rotation and the folds, which belong to the data set and not to its points

_SMALLEST_NOISE = 1e-3  # of data of size 1: 98 such factors are multiplied


class ManifoldD(KnownDensity):
    r"""Points near a (curved) two-dimensional manifold in d dimensions, with their exact density.

    .. math:: x = Q\,(z,\; g(z) + \sigma \varepsilon), \quad z \sim \text{MixtureD}(2), \quad
              \varepsilon \sim N(0, I_{d-2}), \quad g_j(z) = c \sin(a_j \cdot z + \phi_j).

    Q is a rotation. The map (z, e) -> (z, g(z) + e) is a shear and preserves volume, so that

    .. math:: p(x) = p_z(z)\, N(v; g(z), \sigma^2 I), \quad (z, v) = Q^T x.

    With `curvature=0` the manifold is a plane, which PCA finds. A curved one needs an autoencoder.

    Parameters
    ----------
    d : int from 3 to 100, default=10
        Dimension of the space.
    noise : float > 0, default=0.05
        Standard deviation sigma of the noise across the manifold.
    curvature : float >= 0, default=0.0
        Amplitude c of the folds.

    Raises
    ------
    ValueError
        For values out of these ranges.

    Notes
    -----
    The quadrature has 16 384 quasi-random nodes near the manifold, weighted by the inverse of their density.
    An integral of a model's own density therefore misses the mass that the model puts far from the manifold.
    So likelihood gaps are correct, and a root-MISE covers only the neighborhood of the manifold.

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
        if not is_count(d, _INTRINSIC + 1, 100):
            raise ValueError(f"ManifoldD: d must be an integer from 3 to 100, got {shown(d)}.")
        if not is_number(noise) or not _SMALLEST_NOISE <= noise <= 1 / _SMALLEST_NOISE:
            raise ValueError(
                f"ManifoldD: noise must be a positive number, {_SMALLEST_NOISE:g} to {1 / _SMALLEST_NOISE:g}"
                f", got {shown(noise)}."
            )
        if not is_number(curvature) or not 0 <= curvature <= 1 / _SMALLEST_NOISE:
            raise ValueError(
                f"ManifoldD: curvature must be a number >= 0 and <= {1 / _SMALLEST_NOISE:g}, "
                f"got {shown(curvature)}."
            )
        self.d, self.noise, self.curvature = int(d), float(noise), float(curvature)
        self.n_features = self.d
        self.intrinsic = MixtureD(d=_INTRINSIC)
        shape = np.random.default_rng(_SHAPE_SEED)
        across = self.d - _INTRINSIC
        self._slopes = shape.uniform(-2, 2, (_INTRINSIC, across))
        self._phases = shape.uniform(0, 2 * np.pi, across)
        self.rotation = np.linalg.qr(shape.standard_normal((self.d, self.d)))[0]
        # A ball of this radius contains the data for every rotation.
        flat = np.max(np.abs(self.intrinsic.domain[1])) * np.sqrt(_INTRINSIC)
        radius = np.hypot(flat, np.sqrt(across) * self.curvature + (7 + np.sqrt(across)) * self.noise)
        self.domain = (np.full(self.d, -radius), np.full(self.d, radius))

    def embed(self, Z: np.ndarray) -> np.ndarray:
        """Return the points on the manifold with given coordinates.

        Parameters
        ----------
        Z : ndarray of shape (n, 2)
            Coordinates on the manifold.

        Returns
        -------
        ndarray of shape (n, d)
        """
        return _multiply_rows(np.hstack([Z, self._folds(Z)]), self.rotation.T)

    def _folds(self, Z):
        """Return g(z), the offset across the plane, for each row of Z."""
        return self.curvature * np.sin(_multiply_rows(Z, self._slopes) + self._phases)

    def _draw(self, n, rng):
        along, across = rng.spawn(2)
        Z = self.intrinsic.sample(n, along)
        noise = self.noise * across.standard_normal((n, self.d - _INTRINSIC))
        return _multiply_rows(np.hstack([Z, self._folds(Z) + noise]), self.rotation.T)

    def _logpdf(self, X):
        return self._log_density(X, self.intrinsic.logpdf, self.noise)

    def _log_density(self, X, log_along, noise):
        """Return the log-density for the log-density `log_along` of z and the noise across."""
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


def _multiply_rows(X: np.ndarray, M: np.ndarray) -> np.ndarray:
    """Return X @ M with rounding that does not depend on the number of rows, as it would with BLAS."""
    return sum(X[:, j, None] * M[j] for j in range(X.shape[1]))
