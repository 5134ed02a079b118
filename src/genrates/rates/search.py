"""Global minimum of a smooth function of a positive tuning parameter."""

from collections.abc import Callable

import numpy as np


def log_grid_minimum(
    function: Callable[[np.ndarray], np.ndarray], low: float, high: float, *, points: int = 256
) -> tuple[float, float]:
    """Return the global minimizer of `function` on [low, high], and the minimum.

    The error of a density estimator as a function of its bandwidth can have several local minima (one for
    each scale of a comb density), so a local search can end in the wrong one. A fine logarithmic grid finds
    the right one, and ever finer grids around the best point locate it.

    Parameters
    ----------
    function : callable
        Maps an array of shape (m,) to an array of shape (m,).
    low, high : float
        0 < low < high.
    points : int, default=256
        Size of the first grid.

    Returns
    -------
    x, value : float

    Raises
    ------
    ValueError
        Unless 0 < low < high.

    Examples
    --------
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
