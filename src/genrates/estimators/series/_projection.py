"""Projection of a series f onto the densities above a floor e: e + (f - c)_+, of integral one.

Among all densities g >= e this one minimizes the L2 distance to f, so it is never farther than f itself from
a truth of that kind (Gajek, "On improving density estimators which are not bona fide functions",
Ann. Statist. 14, 1986).
"""

import numpy as np

_PER_TERM = 16
_FEWEST = 128


def monotone_nodes(basis, theta: np.ndarray) -> np.ndarray:
    """Sorted points of [0, 1] between which f is monotone: a grid, and the zeros of f' inside its cells."""
    grid = np.linspace(0, 1, max(_FEWEST, _PER_TERM * len(theta)) + 1)
    slope = basis.derivative(theta, grid)
    inside = np.flatnonzero(slope[:-1] * slope[1:] < 0)
    turning = _bisect(lambda u: basis.derivative(theta, u), grid[inside], grid[inside + 1])
    return np.sort(np.concatenate([grid, turning]))


def project(basis, theta: np.ndarray, floor: float = 0.0) -> tuple[float, np.ndarray]:
    """Level c >= 0 and the intervals of [0, 1] on which f > c, shape (n_intervals, 2).

    The integral of (f - c)_+ is convex and falling in c, so Newton's steps from c = 0 never overshoot.
    Integrals are taken between the exact roots of f - c with the basis' antiderivative.
    """
    nodes = monotone_nodes(basis, theta)
    value = basis.value(theta, nodes)
    level = 0.0
    for _ in range(100):
        intervals = _above(basis, theta, nodes, value, level)
        length = intervals[:, 1] - intervals[:, 0]
        mass = basis.integral(theta, intervals[:, 1]) - basis.integral(theta, intervals[:, 0])
        excess = float((mass - level * length).sum()) - (1.0 - floor)
        if abs(excess) < 1e-13 * len(nodes):
            break
        level = max(level + excess / float(length.sum()), 0.0)
    return level, intervals


def _above(basis, theta, nodes, value, level) -> np.ndarray:
    above = value > level
    change = np.flatnonzero(above[:-1] != above[1:])
    roots = _bisect(lambda u: basis.value(theta, u) - level, nodes[change], nodes[change + 1])
    ends = np.concatenate([[0.0] if above[0] else [], roots, [1.0] if above[-1] else []])
    return ends.reshape(-1, 2)


def _bisect(function, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """A root of the function in each bracket, by the Illinois false position, all brackets at once.

    Ends where the function is below 1e-13 of its size on the brackets: the mass between such a root and the
    true one is the square of that.
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
        safe = (gap != 0) & (step % 8 != 7)  # a plain halving now and then bounds the worst case
        middle = np.where(safe, low - f_low * (high - low) / np.where(gap == 0, 1, gap), 0.5 * (low + high))
        f = function(middle)
        left = np.sign(f) == np.sign(f_low)
        f_high = np.where(left & (side == 1), 0.5 * f_high, f_high)
        f_low = np.where(~left & (side == -1), 0.5 * f_low, f_low)
        side = np.where(left, 1, -1)
        low, f_low = np.where(left, middle, low), np.where(left, f, f_low)
        high, f_high = np.where(left, high, middle), np.where(left, f_high, f)
        if np.all(np.abs(f) <= small):
            break
    return middle
