"""Projection of a series f onto the densities above a floor e: e + (f - c)_+, with integral one.

Among all densities g >= e the projection minimizes the L2 distance to f. So if the truth is such a density,
the projection is never farther from it than f (Gajek, "On improving density estimators which are not bona
fide functions", Ann. Statist. 14, 1986).
"""

import numpy as np

_CELLS_PER_TERM = 16
_MIN_CELLS = 128


def monotone_nodes(basis, theta: np.ndarray) -> np.ndarray:
    """Return points between which the series f is monotone.

    They are a grid and the zeros of f' inside its cells.

    Parameters
    ----------
    basis : type
        One of the classes in `BASES`.
    theta : ndarray of shape (M,)
        Coefficients of the series.

    Returns
    -------
    ndarray of shape (n_nodes,)
        Sorted points of [0, 1].
    """
    grid = np.linspace(0, 1, max(_MIN_CELLS, _CELLS_PER_TERM * len(theta)) + 1)
    slope = basis.derivative(theta, grid)
    inside = np.flatnonzero(slope[:-1] * slope[1:] < 0)
    turning = _find_roots(lambda u: basis.derivative(theta, u), grid[inside], grid[inside + 1])
    return np.sort(np.concatenate([grid, turning]))


def project(basis, theta: np.ndarray, floor: float = 0.0) -> tuple[float, np.ndarray]:
    """Return the level c of the projection, and the intervals on which f > c.

    The integral of (f - c)_+ is convex and falling in c, so Newton's steps from c = 0 never overshoot.
    Integrals are taken between the exact roots of f - c, with the antiderivative of the basis.

    Parameters
    ----------
    basis : type
        One of the classes in `BASES`.
    theta : ndarray of shape (M,)
        Coefficients of the series.
    floor : float, default=0.0
        The floor e.

    Returns
    -------
    level : float
        The level c >= 0.
    intervals : ndarray of shape (n_intervals, 2)
        Ends of the intervals of [0, 1] on which f > c.
    """
    nodes = monotone_nodes(basis, theta)
    value = basis.value(theta, nodes)
    level = 0.0
    for _ in range(100):
        intervals = _intervals_above(basis, theta, nodes, value, level)
        length = intervals[:, 1] - intervals[:, 0]
        mass = basis.integral(theta, intervals[:, 1]) - basis.integral(theta, intervals[:, 0])
        excess = float((mass - level * length).sum()) - (1.0 - floor)
        if abs(excess) < 1e-13 * len(nodes):
            break
        level = max(level + excess / float(length.sum()), 0.0)
    return level, intervals


def _intervals_above(basis, theta, nodes, value, level) -> np.ndarray:
    """Return the intervals (n_intervals, 2) on which the series exceeds the level."""
    above = value > level
    change = np.flatnonzero(above[:-1] != above[1:])
    roots = _find_roots(lambda u: basis.value(theta, u) - level, nodes[change], nodes[change + 1])
    ends = np.concatenate([[0.0] if above[0] else [], roots, [1.0] if above[-1] else []])
    return ends.reshape(-1, 2)


def _find_roots(function, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Find a root of the function in each bracket, by the Illinois variant of false position.

    All brackets are processed at once. The search stops where the function is below 1e-13 of its size on the
    brackets. The mass between such a root and the true one is of the order of the square of that.

    Returns
    -------
    ndarray of shape (n_brackets,)
        The roots.
    """
    f_low, f_high = function(low), function(high)
    small = 1e-13 * max(np.abs(f_low).max(initial=0), np.abs(f_high).max(initial=0))
    low, high = low.copy(), high.copy()
    middle = 0.5 * (low + high)
    side = np.zeros(len(low), dtype=int)
    for step in range(60):
        if not len(low) or np.all(np.abs(high - low) <= 4e-16):
            break
        gap = f_high - f_low
        safe = (gap != 0) & (step % 8 != 7)  # a regular halving bounds the worst case
        middle = np.where(safe, low - f_low * (high - low) / np.where(gap == 0, 1, gap), 0.5 * (low + high))
        f = function(middle)
        has_sign_of_low = np.sign(f) == np.sign(f_low)
        f_high = np.where(has_sign_of_low & (side == 1), 0.5 * f_high, f_high)
        f_low = np.where(~has_sign_of_low & (side == -1), 0.5 * f_low, f_low)
        side = np.where(has_sign_of_low, 1, -1)
        low, f_low = np.where(has_sign_of_low, middle, low), np.where(has_sign_of_low, f, f_low)
        high, f_high = np.where(has_sign_of_low, high, middle), np.where(has_sign_of_low, f_high, f)
        if np.all(np.abs(f) <= small):
            break
    return middle
