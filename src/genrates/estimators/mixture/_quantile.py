"""Quantiles of normal mixtures in one dimension."""

import numpy as np
from scipy.special import ndtr, ndtri

_MAX_ITER = 200
_BLOCK = 8192
_TABLE = 1024
_HALF_LOG_2PI = 0.5 * float(np.log(2 * np.pi))


def mixture_quantile(q: np.ndarray, weights: np.ndarray, means: np.ndarray, sds: np.ndarray) -> np.ndarray:
    """Return the solutions of F(x) = q.

    Parameters
    ----------
    q : ndarray of shape (n,)
        Levels in [0, 1].
    weights, means, sds : ndarray of shape (K,) or (n, K)
        Weights, means and standard deviations of one mixture, or of a separate mixture for each level.

    Returns
    -------
    ndarray of shape (n,)
        The quantiles; -inf at level 0 and inf at level 1.

    Notes
    -----
    The quantile lies between the smallest and the largest quantile of the components. Newton's iteration runs
    on the logarithm of the tail that contains q. There it is nearly quadratic, so that far tails converge as
    fast as the middle. A step that leaves the bracket is replaced by a bisection. The cost is O(n K) for each
    of about 5 iterations. Many levels of one mixture start from a table.
    """
    q = np.asarray(q, dtype=np.float64)
    means, weights, sds = np.asarray(means), np.asarray(weights), np.asarray(sds)
    x = np.where(q <= 0, -np.inf, np.inf)
    # The upper half is solved for the mirrored mixture: 1 - F loses digits there, the mirrored F does not.
    for side, selected in ((1.0, (q > 0) & (q <= 0.5)), (-1.0, (q > 0.5) & (q < 1))):
        selected = np.flatnonzero(selected)
        side_mixture = tuple(a[selected] if a.ndim == 2 else a for a in (weights, side * means, sds))
        for start in range(0, len(selected), _BLOCK):
            rows = selected[start : start + _BLOCK]
            part = tuple(a[start : start + _BLOCK] if a.ndim == 2 else a for a in side_mixture)
            x[rows] = side * _lower_half_quantile(q[rows] if side > 0 else 1 - q[rows], *part)
    return x


def _log_cdf(x, weights, means, sds):
    """Return log F and log f at x (n,)."""
    standard = (x[:, None] - means) / sds
    with np.errstate(divide="ignore", under="ignore", over="ignore"):
        cdf = np.log(np.sum(weights * ndtr(standard), axis=-1))
        pdf = np.log(np.sum(weights / sds * np.exp(-0.5 * standard**2), axis=-1))
    return cdf, pdf - _HALF_LOG_2PI


def _lower_half_quantile(q, weights, means, sds):
    """Return the quantiles at levels q in (0, 1/2]."""
    target = np.log(q)
    low, high = _bracket(q, weights, means, sds)
    x = 0.5 * (low + high)
    active = np.arange(len(q))
    for _ in range(_MAX_ITER):
        current = x[active]
        mixture = (a[active] if a.ndim == 2 else a for a in (weights, means, sds))
        log_cdf, log_pdf = _log_cdf(current, *mixture)
        with np.errstate(over="ignore", invalid="ignore"):
            gap = log_cdf - target[active]
            new = current - gap * np.exp(log_cdf - log_pdf)
        above = gap > 0
        high[active] = np.where(above, current, high[active])
        low[active] = np.where(above, low[active], current)
        outside = ~((new >= low[active]) & (new <= high[active]))
        new = np.where(outside, 0.5 * (low[active] + high[active]), new)
        new = np.where(gap == 0, current, new)
        x[active] = new
        # Newton converges quadratically, so a further step would be of the order of this one's square
        active = active[
            np.abs(new - current) > 1e-15 * np.maximum(np.abs(current), high[active] - low[active])
        ]
        if not active.size:
            break
    return x


def _bracket(q, weights, means, sds):
    """Return lower and upper bounds (n,) of the quantiles."""
    if means.ndim == 2 or len(q) < 2 * _TABLE:
        z = means + sds * ndtri(q)[:, None]
        if weights.ndim == 2 and not np.all(weights > 0):
            return np.where(weights > 0, z, np.inf).min(axis=1), np.where(weights > 0, z, -np.inf).max(axis=1)
        return z.min(axis=1), z.max(axis=1)
    ends = means + sds * ndtri([[q.min()], [q.max()]])
    grid = np.linspace(ends.min(), ends.max(), _TABLE)
    log_cdf, _ = _log_cdf(grid, weights, means, sds)
    index = np.clip(np.searchsorted(log_cdf, np.log(q)), 1, _TABLE - 1)
    return grid[index - 1], grid[index]
