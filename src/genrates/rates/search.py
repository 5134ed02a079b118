"""Global minimum of a smooth function of a positive tuning parameter."""

from collections.abc import Callable

import numpy as np


def log_grid_minimum(
    function: Callable[[np.ndarray], np.ndarray], low: float, high: float, *, points: int = 256
) -> tuple[float, float]:
    """The global minimizer of `function` on [low, high] and its value there.

    The error of a density estimator as a function of its bandwidth can have several valleys (one per
    scale of a comb density), in one of which a local search gets stuck. So a fine logarithmic grid finds
    the valley, and ever finer grids around the best point find its bottom.

    Parameters
    ----------
    function : callable
        Maps an array of shape (m,) to an array of shape (m,).
    low, high : float
        0 < low < high.

    >>> x, value = log_grid_minimum(lambda h: h**2 + 2 / h, 0.01, 100.0)
    >>> round(x, 6), round(value, 6)
    (1.0, 3.0)
    """
    if not 0 < low < high:
        raise ValueError(f"log_grid_minimum: need 0 < low < high, got {low!r} and {high!r}.")
    left, right = np.log(low), np.log(high)
    for _ in range(5):
        grid = np.linspace(left, right, points)
        values = function(np.exp(grid))
        best = int(np.argmin(values))
        left, right = grid[max(best - 1, 0)], grid[min(best + 1, points - 1)]
        points = 64
    return float(np.exp(grid[best])), float(values[best])
