"""Errors of the distribution function of a Gaussian-kernel density estimate on a normal mixture.

The estimate is a mean of n independent terms, F^(x) = mean of Phi((x - X_i) / h). Its mean and its covariance
are known at every n, and its law is taken as normal, as the central limit theorem says. Errors that follow
from mean and covariance alone, as the MISE does, need no such step; the two below do.
"""

from functools import lru_cache

import numpy as np
from scipy.special import ndtr, owens_t

from genrates.rates.mixture import NormalMixture

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
_SEED = 1933  # of the normal draws: the same for every n and mixture, so that their chance cancels in a slope
_DRAWS, _LEVELS = 8192, 320
_JITTER = 1e-11  # of the largest variance: a smooth process on a fine grid has a singular covariance


def kernel_cdf_moments(mixture, n: int, bandwidth: float, x) -> tuple[np.ndarray, np.ndarray]:
    r"""Return bias and variance of the estimate's distribution function.

    With :math:`t_j^2 = s_j^2 + h^2` and :math:`a_j = (x - m_j)/t_j` the mean is
    :math:`\sum_j w_j \Phi(a_j)`. The second moment of one term is the chance that two points at the same
    :math:`X`, each moved by its own kernel, both lie below x:
    :math:`\sum_j w_j \{\Phi(a_j) - 2 T(a_j, h / (h^2 + 2 s_j^2)^{1/2})\}`, T Owen's function.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    bandwidth : float
        Standard deviation h of the kernel.
    x : ndarray of shape (m,)

    Returns
    -------
    bias, variance : ndarray of shape (m,)

    Examples
    --------
    >>> bias, variance = kernel_cdf_moments(([1], [0], [1]), 100, 0.5, np.array([0.0]))
    >>> bias.round(6) + 0.0, variance.round(6)
    (array([0.]), array([0.001476]))
    """
    mixture, x = NormalMixture.univariate(mixture), np.asarray(x, dtype=np.float64)
    a = (x[:, None] - mixture.means) / np.hypot(mixture.sds, bandwidth)
    below = ndtr(a)
    mean = below @ mixture.weights
    angle = bandwidth / np.sqrt(bandwidth**2 + 2 * mixture.sds**2)
    second = (below - 2 * owens_t(a, angle)) @ mixture.weights
    return mean - mixture.cdf(x), np.maximum(second - mean**2, 0.0) / n


def kernel_wasserstein(mixture, n: int, bandwidth: float) -> float:
    r"""Return the mean Wasserstein-1 distance of the estimate's law from the truth.

    That is :math:`\mathrm E \int |\hat F - F|`. With b the bias and v the variance of :math:`\hat F` at x,

    .. math:: \int \Big\{\sqrt{2v/\pi}\, e^{-b^2/2v} + b\,\big(1 - 2\Phi(-b/\sqrt v)\big)\Big\} dx,

    the mean of the absolute value of a normal variable.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    bandwidth : float
        Standard deviation of the kernel.

    Returns
    -------
    float
        In the unit of the data.

    Examples
    --------
    >>> round(kernel_wasserstein(([1], [0], [1]), 10_000, 0.17), 5)
    0.01582
    """
    mixture = NormalMixture.univariate(mixture)
    x, weights = _quadrature(mixture, bandwidth)
    bias, variance = kernel_cdf_moments(mixture, n, bandwidth, x)
    sd = np.sqrt(variance)
    z = np.divide(bias, sd, out=np.zeros_like(sd), where=sd > 0)
    mean = np.sqrt(2 / np.pi) * sd * np.exp(-0.5 * z * z) + bias * (1 - 2 * ndtr(-z))
    return float(weights @ np.where(sd > 0, mean, np.abs(bias)))


def kernel_sup_cdf(mixture, n: int, bandwidth: float) -> float:
    r"""Return the root of the mean squared largest error of the estimate's distribution function.

    That is the root of :math:`\mathrm E \sup |\hat F - F|^2`.
    Bias and covariance are exact on a grid; the supremum is that of normal draws with these moments, from a
    fixed seed.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    bandwidth : float
        Standard deviation of the kernel.

    Returns
    -------
    float
        Its standard error is 0.3 %, and much less in a slope, since all sizes share the draws. A finer grid
        gives 0.2 to 0.3 % more.

    Examples
    --------
    >>> round(kernel_sup_cdf(([1], [0], [1]), 10_000, 0.17), 4)
    0.0077
    """
    mixture = NormalMixture.univariate(mixture)
    parts = (tuple(part.tolist()) for part in (mixture.weights, mixture.means, mixture.sds))
    return _kernel_sup_cdf(*parts, n, bandwidth)


@lru_cache(maxsize=256)  # rows of one data set, and rows of several experiments, ask for the same
def _kernel_sup_cdf(weights: tuple, means: tuple, sds: tuple, n: int, bandwidth: float) -> float:
    """Return what :func:`kernel_sup_cdf` does, for a mixture that can be compared."""
    mixture = NormalMixture(weights, means, sds)
    grid = mixture.ppf((np.arange(_LEVELS) + 0.5) / _LEVELS)
    bias, _ = kernel_cdf_moments(mixture, n, bandwidth, grid)
    covariance = kernel_cdf_covariance(mixture, n, bandwidth, grid)
    covariance[np.diag_indices(_LEVELS)] += _JITTER * covariance.max()
    draws = np.random.default_rng(_SEED).standard_normal((_DRAWS, _LEVELS))
    paths = bias + draws @ np.linalg.cholesky(covariance).T
    return float(np.sqrt(np.mean(np.max(np.abs(paths), axis=1) ** 2)))


def kernel_cdf_covariance(mixture, n: int, bandwidth: float, x: np.ndarray) -> np.ndarray:
    r"""Return the covariance of the estimate's distribution function on a grid.

    The mixed moment of one term, :math:`\int \Phi((x - u)/h)\, \Phi((y - u)/h) f(u)\, du`, is integrated
    by quadrature: as a product of matrices it is cheaper than the normal law in the plane that it equals.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    bandwidth : float
        Standard deviation of the kernel.
    x : ndarray of shape (m,)

    Returns
    -------
    ndarray of shape (m, m)
    """
    mixture = NormalMixture.univariate(mixture)
    u, weights = _quadrature(mixture, bandwidth)
    mass = weights * mixture.pdf(u)
    below = ndtr((x[:, None] - u) / bandwidth)
    mean = below @ mass
    return ((below * mass) @ below.T - np.outer(mean, mean)) / n


def _quadrature(mixture: NormalMixture, bandwidth: float) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights over the line, whose panels resolve the kernel and every component."""
    step = 0.5 * np.arange(-17, 18)
    edges = (mixture.means[:, None] + np.hypot(mixture.sds, bandwidth)[:, None] * step).ravel()
    details = (mixture.means[:, None] + mixture.sds[:, None] * step).ravel()
    even = np.arange(edges.min(), edges.max(), bandwidth)
    edges = np.unique(np.concatenate([edges, details, even]))
    half = np.diff(edges)[:, None] / 2
    nodes = edges[:-1, None] + half * (1 + _NODES)
    return nodes.ravel(), (half * _WEIGHTS).ravel()
