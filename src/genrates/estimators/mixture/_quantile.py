"""Quantiles of normal mixtures in one dimension."""

import numpy as np
from scipy.special import ndtr, ndtri

_MAX_ITER = 200
_BLOCK = 8192
_TABLE = 1024
_HALF_LOG_2PI = 0.5 * float(np.log(2 * np.pi))


def mixture_quantile(q: np.ndarray, weights: np.ndarray, means: np.ndarray, sds: np.ndarray) -> np.ndarray:
    """Solve F(x) = q for each level.

    Parameters
    ----------
    q : (n,) in [0, 1]
    weights, means, sds : (K,), or (n, K) where each level has a mixture of its own

    Notes
    -----
    The quantile lies between the components' smallest and largest. Newton's iteration on the logarithm of
    the tail that q is in (there it is nearly quadratic, so that far tails converge as fast as the middle),
    with bisection whenever it leaves the bracket; O(n K) for each of about 5 iterations. Many levels of one
    mixture start from a table.
    """
    q = np.asarray(q, dtype=np.float64)
    means, weights, sds = np.asarray(means), np.asarray(weights), np.asarray(sds)
    x = np.where(q <= 0, -np.inf, np.inf)
    # the upper half is solved mirrored, since 1 - F loses its digits there and F(-x) of the mirror does not
    for side, inner in ((1.0, (q > 0) & (q <= 0.5)), (-1.0, (q > 0.5) & (q < 1))):
        inner = np.flatnonzero(inner)
        own = tuple(a[inner] if a.ndim == 2 else a for a in (weights, side * means, sds))
        for start in range(0, len(inner), _BLOCK):
            rows = inner[start : start + _BLOCK]
            part = tuple(a[start : start + _BLOCK] if a.ndim == 2 else a for a in own)
            x[rows] = side * _lower(q[rows] if side > 0 else 1 - q[rows], *part)
    return x


def _log_cdf(x, weights, means, sds):
    """log F and log f at x (n,)."""
    standard = (x[:, None] - means) / sds
    with np.errstate(divide="ignore", under="ignore", over="ignore"):
        cdf = np.log(np.sum(weights * ndtr(standard), axis=-1))
        pdf = np.log(np.sum(weights / sds * np.exp(-0.5 * standard**2), axis=-1))
    return cdf, pdf - _HALF_LOG_2PI


def _lower(q, weights, means, sds):
    target = np.log(q)
    low, high = _bracket(q, weights, means, sds)
    x = 0.5 * (low + high)
    active = np.arange(len(q))
    for _ in range(_MAX_ITER):
        at = x[active]
        own = (a[active] if a.ndim == 2 else a for a in (weights, means, sds))
        log_cdf, log_pdf = _log_cdf(at, *own)
        with np.errstate(over="ignore", invalid="ignore"):
            gap = log_cdf - target[active]
            new = at - gap * np.exp(log_cdf - log_pdf)
        above = gap > 0
        high[active] = np.where(above, at, high[active])
        low[active] = np.where(above, low[active], at)
        outside = ~((new >= low[active]) & (new <= high[active]))
        new = np.where(outside, 0.5 * (low[active] + high[active]), new)
        new = np.where(gap == 0, at, new)
        x[active] = new
        # one more Newton step from here would move by the square of this one
        active = active[np.abs(new - at) > 1e-15 * np.maximum(np.abs(at), high[active] - low[active])]
        if not active.size:
            break
    return x


def _bracket(q, weights, means, sds):
    if means.ndim == 2 or len(q) < 2 * _TABLE:
        z = means + sds * ndtri(q)[:, None]
        if weights.ndim == 2 and not np.all(weights > 0):
            return np.where(weights > 0, z, np.inf).min(axis=1), np.where(weights > 0, z, -np.inf).max(axis=1)
        return z.min(axis=1), z.max(axis=1)
    ends = means + sds * ndtri([[q.min()], [q.max()]])
    grid = np.linspace(ends.min(), ends.max(), _TABLE)
    log_cdf, _ = _log_cdf(grid, weights, means, sds)
    at = np.clip(np.searchsorted(log_cdf, np.log(q)), 1, _TABLE - 1)
    return grid[at - 1], grid[at]
