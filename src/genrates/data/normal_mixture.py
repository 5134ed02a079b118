"""Mixtures of normals in one dimension: any shape, and everything about them in closed form."""

import numpy as np
from scipy.special import logsumexp, ndtr, ndtri

from genrates.data.base import KnownDensity
from genrates.data.quadrature import with_breakpoints

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))


class NormalMixture(KnownDensity):
    r"""Mixture of normals, :math:`f(x) = \sum_j w_j N(x; \mu_j, \sigma_j^2)`.

    Parameters
    ----------
    weights, means, sds : sequences of floats of the same length
        Weights are positive and sum to 1 (to 1e-9); standard deviations are positive.

    Attributes
    ----------
    mixture : tuple of three arrays
        (weights, means, sds), which exact finite-n theory (Marron and Wand 1992) starts from.
    domain
        Seven standard deviations beyond every component: 3e-12 of the mass at most lies outside.

    Raises
    ------
    ValueError
        For lengths that differ, weights that do not sum to 1, standard deviations not positive.

    Examples
    --------
    >>> data = NormalMixture(weights=[0.5, 0.5], means=[-1, 1], sds=[1, 1])
    >>> float(data.cdf(0.0)[0])
    0.5
    >>> data.sample(3, np.random.default_rng(0)).shape
    (3, 1)
    """

    def __init__(self, *, weights, means, sds):
        w, m, s = (np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (weights, means, sds))
        name = type(self).__name__
        if not (w.ndim == 1 and len(w) > 0 and w.shape == m.shape == s.shape):
            lengths = f"{len(w)}, {len(m)}, {len(s)}"
            raise ValueError(f"{name}: weights, means, sds must have one length, got {lengths}.")
        if not (np.all(w > 0) and abs(w.sum() - 1) < 1e-9):
            raise ValueError(f"{name}: weights must be positive and sum to 1, got sum {w.sum():.12g}.")
        if not (np.all(s > 0) and np.all(np.isfinite(s)) and np.all(np.isfinite(m))):
            raise ValueError(f"{name}: means must be finite and sds positive and finite.")
        self.mixture = (w, m, s)
        self.domain = (np.array([np.min(m - 7 * s)]), np.array([np.max(m + 7 * s)]))

    def panel_edges(self):
        # Equal panels resolve the wiggles of a fitted model; a narrow component needs its own.
        edges = super().panel_edges()
        width = edges[1] - edges[0]
        _, means, sds = self.mixture
        fine = [m + s * np.arange(-8, 9) for m, s in zip(means, sds, strict=True) if s < width]
        return with_breakpoints(edges, np.concatenate(fine)) if fine else edges

    def _draw(self, n, rng):
        labels, normals = rng.spawn(2)
        weights, means, sds = self.mixture
        j = np.searchsorted(np.cumsum(weights)[:-1], labels.random(n), side="right")
        return (means[j] + sds[j] * normals.standard_normal(n))[:, None]

    def _logpdf(self, X):
        weights, means, sds = self.mixture
        z = (X - means) / sds
        return logsumexp(-0.5 * z * z + np.log(weights / sds), axis=1) - _LOG_SQRT_2PI

    def _cdf(self, x):
        weights, means, sds = self.mixture
        return np.minimum(ndtr((x[:, None] - means) / sds) @ weights, 1.0)

    def _ppf(self, q):
        return normal_mixture_quantile(q, *self.mixture)


def normal_mixture_quantile(
    q: np.ndarray, weights: np.ndarray, means: np.ndarray, sds: np.ndarray
) -> np.ndarray:
    """Quantiles of a normal mixture at levels q of shape (n,), by bisection between its components' own."""
    each = means + sds * ndtri(q)[:, None]
    low, high = each.min(axis=1), each.max(axis=1)
    inside = np.isfinite(low)
    for _ in range(80):
        middle = 0.5 * (low + high)
        above = np.zeros(len(q), dtype=bool)
        above[inside] = ndtr((middle[inside, None] - means) / sds) @ weights >= q[inside]
        high, low = np.where(above, middle, high), np.where(above | ~inside, low, middle)
    return 0.5 * (low + high)
