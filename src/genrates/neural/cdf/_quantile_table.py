"""A quantile function as cubics between points, each checked against the distribution function."""

from collections.abc import Callable

import numpy as np

#: how often a cell is halved at most
_MAX_HALVINGS = 8
#: levels at which a cell is checked, as fractions of its mass
_CHECKED_LEVELS = np.array([0.2, 0.5, 0.8])


class QuantileTable:
    """A table that solves cdf(z) = q for many q, at the price of one polynomial each.

    Between neighboring points the quantile function is Hermite's cubic, with its exact values and slopes 1/f
    at both ends. A cell is halved, up to eight times, if its cubic has an error above `tolerance` at any of
    three levels inside. Cells that still fail (where the density vanishes, the slope is infinite) are left to
    `solve`, as are levels outside of the points.

    Parameters
    ----------
    cdf, log_density : callable (m,) -> (m,)
        Distribution function, and the logarithm of its derivative.
    grid : ndarray of shape (g,)
        Increasing points that resolve the law.
    solve : callable (m,) -> (m,)
        Quantiles by iteration.
    tolerance : float
        Largest error of z at the checked levels.
    """

    def __init__(
        self, cdf: Callable, log_density: Callable, grid: np.ndarray, solve: Callable, tolerance: float
    ):
        self.solve, self._law = solve, (cdf, log_density)
        end = self._points(grid)
        end[1] = np.maximum.accumulate(end[1])
        cells, final_cells = np.stack([end[:, :-1], end[:, 1:]]), []  # (side, (z, level, slope), cell)
        for halving in range(_MAX_HALVINGS + 1):
            accurate = self._cell_errors(cells) <= tolerance
            final = accurate | (cells[1, 1] <= cells[0, 1]) | (halving == _MAX_HALVINGS)
            final_cells.append((cells[:, :, final], accurate[final]))
            cells = cells[:, :, ~final]
            middle = self._points(0.5 * (cells[0, 0] + cells[1, 0]))
            middle[1] = np.clip(middle[1], cells[0, 1], cells[1, 1])
            cells = np.concatenate([np.stack([cells[0], middle]), np.stack([middle, cells[1]])], axis=2)
        cells, accurate = (
            np.concatenate([c for c, _ in final_cells], axis=2),
            np.concatenate([f for _, f in final_cells]),
        )
        order = np.argsort(cells[0, 0])
        cells, self.accurate = cells[:, :, order], accurate[order]
        self.level = np.append(cells[0, 1], cells[1, 1, -1])
        self.cubics = _cubics(cells)

    def __call__(self, q: np.ndarray) -> np.ndarray:
        """Return the quantiles at levels q in (0, 1), shape (m,)."""
        i = np.searchsorted(self.level, q, side="right") - 1
        outside = (i < 0) | (i >= len(self.accurate))
        i = np.clip(i, 0, len(self.accurate) - 1)
        z = _value(self.cubics[:, i], q - self.level[i])
        rest = np.flatnonzero(outside | ~self.accurate[i])
        if len(rest):
            z[rest] = self.solve(q[rest])
        return z

    def _points(self, z: np.ndarray) -> np.ndarray:
        """Return z, the distribution function and the quantile function's slope there, shape (3, m)."""
        cdf, log_density = self._law
        with np.errstate(over="ignore"):
            return np.stack([z, cdf(z), np.exp(-log_density(z))])

    def _cell_errors(self, cells: np.ndarray) -> np.ndarray:
        """Return the largest error of each cell's cubic, in z; infinite where it is unknown."""
        cdf, log_density = self._law
        rise = _CHECKED_LEVELS[:, None] * (cells[1, 1] - cells[0, 1])
        z, q = _value(_cubics(cells)[:, None], rise).ravel(), (cells[0, 1] + rise).ravel()
        error, known = np.full(len(q), np.inf), np.isfinite(z)
        with np.errstate(over="ignore", invalid="ignore"):
            error[known] = np.abs(cdf(z[known]) - q[known]) * np.exp(-log_density(z[known]))
        return np.where(np.isnan(error), np.inf, error).reshape(len(_CHECKED_LEVELS), -1).max(axis=0)


def _cubics(cells: np.ndarray) -> np.ndarray:
    """Return the coefficients (4, cell) of z in powers of the level above each cell's start."""
    (z, level, left), (_, _, right) = cells
    mass = cells[1, 1] - level
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        chord = (cells[1, 0] - z) / mass
        return np.stack(
            [z, left, (3 * chord - 2 * left - right) / mass, (left + right - 2 * chord) / mass**2]
        )


def _value(cubics: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Evaluate cubics at levels s above their cells' starts."""
    a, b, c, d = cubics
    with np.errstate(over="ignore", invalid="ignore"):
        return a + s * (b + s * (c + s * d))
