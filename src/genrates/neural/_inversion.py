"""Quantiles by inversion: a table brackets them, Newton's method refines them, bisection guards it."""

from collections.abc import Callable

import numpy as np


def invert_increasing(
    cdf: Callable,
    log_density: Callable,
    q: np.ndarray,
    grid: np.ndarray,
    table: np.ndarray,
    reach: np.ndarray,
) -> np.ndarray:
    """Solve cdf(z) = q for each level q in (0, 1).

    Parameters
    ----------
    cdf, log_density : callable (m,) -> (m,)
    q : ndarray of shape (m,)
    grid, table : ndarray of shape (g,)
        Increasing points and the cdf there.
    reach : ndarray of shape (m,)
        Quantiles of a law with heavier tails: where brackets outside of the grid begin to be sought.

    Returns
    -------
    ndarray of shape (m,)
        To rounding. About five evaluations a level.
    """
    i = np.searchsorted(table, q)
    low, high = grid[np.maximum(i - 1, 0)].copy(), grid[np.minimum(i, len(grid) - 1)].copy()
    _widen(low, np.flatnonzero(i == 0), lambda j, z: cdf(z) > q[j], np.minimum(reach, grid[0]) - 1, -1)
    _widen(
        high, np.flatnonzero(i == len(grid)), lambda j, z: cdf(z) < q[j], np.maximum(reach, grid[-1]) + 1, 1
    )
    result = np.empty_like(q)
    left, z = np.arange(len(q)), 0.5 * (low + high)
    for _ in range(200):
        error = cdf(z) - q
        low, high = np.where(error < 0, z, low), np.where(error < 0, high, z)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            new = z - error * np.exp(-log_density(z))
        new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
        new = np.where(error == 0, z, new)
        result[left] = new
        going = np.abs(new - z) > 4 * np.finfo(float).eps * np.maximum(1.0, np.abs(new))
        if not going.any():
            break
        left, q, z, low, high = left[going], q[going], new[going], low[going], high[going]
    return result


def _widen(end: np.ndarray, members: np.ndarray, short: Callable, first: np.ndarray, direction: int) -> None:
    """Move the ends of brackets outwards, twice as far each time, until they hold the quantile."""
    end[members] = first[members]
    step = np.ones(len(members))
    while members.size:
        going = short(members, end[members])
        members, step = members[going], 2 * step[going]
        end[members] += direction * step
        if step.size and step.max() > 1e300:
            break
