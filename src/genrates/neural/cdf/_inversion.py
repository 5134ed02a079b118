"""Quantiles by inversion: a table brackets them, Newton's method refines them, bisection is the safeguard."""

from collections.abc import Callable

import numpy as np

#: levels that are solved together, few enough to stay in the cache
_BLOCK = 8192
_ROUNDING = 4 * np.finfo(float).eps


def invert_increasing(
    cdf: Callable,
    log_density: Callable,
    q: np.ndarray,
    grid: np.ndarray,
    table: np.ndarray,
    reach: Callable,
) -> np.ndarray:
    """Solve cdf(z) = q for each level q in (0, 1).

    Newton's method starts from the table's chord; two steps from there reach rounding.

    Parameters
    ----------
    cdf, log_density : callable (m,) -> (m,)
        Distribution function, and the logarithm of its derivative.
    q : ndarray of shape (m,)
        Levels.
    grid, table : ndarray of shape (g,)
        Increasing points and the cdf there.
    reach : callable (m,) -> (m,)
        Quantiles of a law with heavier tails. They are the first brackets outside of the grid.

    Returns
    -------
    ndarray of shape (m,)
        The quantiles z.
    """
    blocks = [
        _invert(cdf, log_density, q[start : start + _BLOCK], grid, table, reach)
        for start in range(0, len(q), _BLOCK)
    ]
    return np.concatenate(blocks) if blocks else np.empty(0)


def _invert(cdf, log_density, q, grid, table, reach):
    """Solve for one block of levels."""
    i = np.searchsorted(table, q)
    before, after = np.maximum(i - 1, 0), np.minimum(i, len(grid) - 1)
    low, high = grid[before], grid[after]
    mass = table[after] - table[before]
    share = np.divide(q - table[before], mass, out=np.full_like(q, 0.5), where=mass > 0)
    z = low + np.clip(share, 0.0, 1.0) * (high - low)
    below, above = np.flatnonzero(i == 0), np.flatnonzero(i == len(grid))
    low[below] = np.minimum(reach(q[below]), grid[0]) - 1
    high[above] = np.maximum(reach(q[above]), grid[-1]) + 1
    _widen(low, below, lambda j, x: cdf(x) > q[j], -1)
    _widen(high, above, lambda j, x: cdf(x) < q[j], 1)
    outside = np.concatenate([below, above])
    z[outside] = 0.5 * (low[outside] + high[outside])
    result, remaining = np.empty_like(q), np.arange(len(q))
    for _ in range(200):
        error = cdf(z) - q
        low, high = np.where(error < 0, z, low), np.where(error < 0, high, z)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            new = z - error * np.exp(-log_density(z))
        new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
        new = np.where(error == 0, z, new)
        result[remaining] = new
        active = np.abs(new - z) > _ROUNDING * np.maximum(1.0, np.abs(new))
        if not active.any():
            break
        remaining, q, z, low, high = remaining[active], q[active], new[active], low[active], high[active]
    return result


def _widen(end: np.ndarray, members: np.ndarray, falls_short: Callable, direction: int) -> None:
    """Move the ends of brackets outwards, twice as far each time, until they enclose the quantile."""
    step = np.ones(len(members))
    while members.size:
        active = falls_short(members, end[members])
        members, step = members[active], 2 * step[active]
        end[members] += direction * step
        if step.size and step.max() > 1e300:
            break
