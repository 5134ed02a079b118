"""Draws from a normal mixture: by component, or by successive conditionals."""

import numpy as np
from scipy.special import logsumexp

from genrates.estimators._numerics.discrete import draw_index
from genrates.estimators.mixture._quantile import mixture_quantile

_BLOCK = 4096


def draw_mixture(
    n_samples: int,
    weights: np.ndarray,
    means: np.ndarray,
    factors: np.ndarray,
    diagonal: bool,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw points from a normal mixture.

    Parameters
    ----------
    n_samples : int
        Number of draws.
    weights : ndarray of shape (K,)
        Weights of the components.
    means : ndarray of shape (K, d)
        Means of the components.
    factors : ndarray of shape (K, d, d)
        Lower Cholesky factors of the covariances.
    diagonal : bool
        Whether all factors are diagonal.
    rng : numpy.random.Generator
        Source of random numbers.

    Returns
    -------
    ndarray of shape (n_samples, d)
        The draws.
    """
    d = means.shape[1]
    X = np.empty((n_samples, d))
    if not diagonal and d > 3:
        for rows, component in draw_index(weights, n_samples, rng):
            _draw_rows(X[rows], component, means, factors, rng)
        return X
    other_columns = range(0) if diagonal else range(d)
    means, factors = means.T.copy(), np.ascontiguousarray(factors.transpose(1, 2, 0))
    for rows, component in draw_index(weights, n_samples, rng):
        z = X[rows].T if d == 1 else np.empty((d, len(component)))
        rng.standard_normal(out=z)
        term = np.empty(len(component))
        # the last column first, because it needs the normals of the other columns
        for i in reversed(range(d)):
            z[i] *= factors[i, i].take(component, out=term, mode="clip")
            for j in other_columns[:i]:
                factors[i, j].take(component, out=term, mode="clip")
                term *= z[j]
                z[i] += term
            z[i] += means[i].take(component, out=term, mode="clip")
        if d > 1:
            X[rows] = z.T
    return X


def _draw_rows(out, component, means, factors, rng):
    """Fill `out` with draws from the given components, as one matrix product for each component.

    This is cheaper than column by column from about 4 dimensions on.
    """
    z = rng.standard_normal(out.shape)
    # numpy sorts 16-bit integers by radix, which is fast
    order = np.argsort(component.astype(np.uint16) if len(means) < 2**16 else component, kind="stable")
    n_done = 0
    for factor, m in zip(factors, np.bincount(component), strict=False):
        z[n_done : n_done + m] = z[n_done : n_done + m] @ factor.T
        n_done += m
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    np.take(z, rank, axis=0, out=out, mode="clip")
    out += np.take(means, component, axis=0, mode="clip")


def successive_conditionals(
    z: np.ndarray, weights: np.ndarray, means: np.ndarray, factors: np.ndarray
) -> np.ndarray:
    """Map uniforms to points, one column after the other (the inverse of Rosenblatt 1952).

    Given the first columns, each component is a normal again, and its weight is its responsibility.

    Parameters
    ----------
    z : ndarray of shape (n, d)
        Uniforms in (0, 1).
    weights : ndarray of shape (K,)
        Weights of the components.
    means : ndarray of shape (K, d)
        Means of the components.
    factors : ndarray of shape (K, d, d)
        Lower Cholesky factors of the covariances.

    Returns
    -------
    ndarray of shape (n, d)
        The points.
    """
    out = np.empty_like(z)
    for start in range(0, len(z), _BLOCK):
        u, X = z[start : start + _BLOCK], out[start : start + _BLOCK]
        standard = np.empty((len(u), len(weights), u.shape[1]))
        with np.errstate(divide="ignore"):
            log_weights = np.broadcast_to(np.log(weights), (len(u), len(weights)))
        for j in range(u.shape[1]):
            sd = factors[:, j, j]
            mean = means[:, j] + np.einsum("nki,ki->nk", standard[:, :, :j], factors[:, j, :j])
            conditional = np.exp(log_weights - logsumexp(log_weights, axis=1, keepdims=True))
            X[:, j] = mixture_quantile(u[:, j], conditional, mean, sd)
            standard[:, :, j] = (X[:, [j]] - mean) / sd
            log_weights = log_weights - 0.5 * standard[:, :, j] ** 2 - np.log(sd)
    return out
