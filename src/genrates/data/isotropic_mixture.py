"""Mixtures of isotropic normals in any dimension."""

import numpy as np
from scipy.special import logsumexp, ndtri

from genrates.data.base import KnownDensity
from genrates.data.given import numbers_in
from genrates.data.quadrature import sobol
from genrates.errors import LARGEST_SCALE, is_scale, shown
from genrates.rates.mixture import NormalMixture

_MAX_PAIRS = 4_000_000  # largest number of (point, center) pairs in memory at once


def isotropic_log_density(X: np.ndarray, weights: np.ndarray, centers: np.ndarray, sd: float) -> np.ndarray:
    """Return the log-density of a mixture of k normals N(center, sd^2 I).

    It costs O(n k d) operations in bounded memory.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Points.
    weights : ndarray of shape (k,)
        Positive, with sum 1.
    centers : ndarray of shape (k, d)
    sd : float
        Positive.

    Returns
    -------
    ndarray of shape (n,)
        In nats.

    Examples
    --------
    >>> isotropic_log_density(np.zeros((1, 2)), np.ones(1), np.zeros((1, 2)), 1.0).round(4)
    array([-1.8379])
    """
    log_norm = centers.shape[1] * (np.log(sd) + 0.5 * np.log(2 * np.pi))
    out = np.empty(len(X))
    step = max(1, _MAX_PAIRS // len(centers))
    for i in range(0, len(X), step):
        part = X[i : i + step]
        squares = sum((part[:, j, None] - centers[:, j]) ** 2 for j in range(centers.shape[1]))
        out[i : i + step] = logsumexp(np.log(weights) - 0.5 * squares / sd**2, axis=1) - log_norm
    return out


class IsotropicMixture(KnownDensity):
    r"""Mixture :math:`\sum_j w_j N(\mu_j, \sigma^2 I_d)`.

    Parameters
    ----------
    weights : array-like of shape (k,)
        Positive, with sum 1.
    centers : array-like of shape (k, d)
        Means of the components.
    sd : float > 0
        Standard deviation of all components.

    Attributes
    ----------
    mixture : NormalMixture
        The density with its closed forms, from which exact finite-n theory starts.

    Raises
    ------
    ValueError
        For shapes that do not fit, weights that are not positive with sum 1, or an sd that is not positive.

    Notes
    -----
    The quadrature uses panels for d = 1 and a grid for d = 2. From d = 3 on it uses m = 16 384 quasi-random
    nodes from the density g, which is this density with its sd increased by a fifth, and weights 1 / (m g).
    Up to d = 10, integrals of the density have an error below 1e-3, and integrals of its square below 1e-2.
    The root integrated squared error of a kernel estimate differs from its closed form by up to 0.3 % on
    average over fits, and by up to 4 % for a single fit (d = 6, n = 100, where peaks are sharpest).

    Examples
    --------
    >>> data = IsotropicMixture(weights=[0.5, 0.5], centers=[[0, 0], [1, 1]], sd=0.5)
    >>> data.sample(2, np.random.default_rng(0)).shape
    (2, 2)
    """

    n_nodes = 16_384
    _widening = 1.2

    def __init__(self, *, weights, centers, sd: float):
        name = type(self).__name__
        given = numbers_in(weights)
        if given is None or given.ndim > 1 or not np.all(given > 0) or not abs(given.sum() - 1) < 1e-9:
            raise ValueError(f"{name}: weights must be positive and sum to 1, got {shown(weights)}.")
        self.weights = np.atleast_1d(given)
        given = numbers_in(centers)
        if given is not None:
            given = np.atleast_2d(given)
        if (
            given is None
            or given.ndim != 2
            or not given.size
            or len(given) != len(self.weights)
            or np.abs(given).max() > LARGEST_SCALE
        ):
            raise ValueError(
                f"{name}: centers must be one finite point for each of {len(self.weights)} weights, "
                f"got {shown(centers)}."
            )
        self.centers = given
        if not is_scale(sd):
            raise ValueError(f"{name}: sd must be a positive number, 1e-150 to 1e150, got {shown(sd)}.")
        self.sd = float(sd)
        self.n_features = self.centers.shape[1]
        self.domain = (self.centers.min(axis=0) - 7 * self.sd, self.centers.max(axis=0) + 7 * self.sd)
        means = self.centers[:, 0] if self.n_features == 1 else self.centers
        self.mixture = NormalMixture(self.weights, means, np.full(len(self.weights), self.sd))

    def _draw(self, n, rng):
        labels, normals = rng.spawn(2)
        j = np.searchsorted(np.cumsum(self.weights)[:-1], labels.random(n), side="right")
        return self.centers[j] + self.sd * normals.standard_normal((n, self.n_features))

    def _logpdf(self, X):
        return isotropic_log_density(X, self.weights, self.centers, self.sd)

    def _cdf(self, x):
        if self.n_features > 1:
            return super()._cdf(x)
        return np.minimum(self.mixture.cdf(x), 1.0)

    def _ppf(self, q):
        return self.mixture.ppf(q) if self.n_features == 1 else super()._ppf(q)

    def _nodes(self):
        if self.n_features == 2:
            return super()._nodes()
        sd = self._widening * self.sd
        counts = np.diff(np.round(self.n_nodes * np.concatenate([[0], np.cumsum(self.weights)])).astype(int))
        nodes = np.concatenate(
            [c + sd * ndtri(sobol(m, self.n_features)) for c, m in zip(self.centers, counts, strict=True)]
        )
        log_g = isotropic_log_density(nodes, counts / self.n_nodes, self.centers, sd)
        return nodes, np.exp(-log_g) / self.n_nodes
