"""A quantile function as cubics between points, each checked against the distribution function."""

from collections.abc import Callable

import numpy as np

_HALVINGS = 8
_CHECKED = np.array([0.2, 0.5, 0.8])  # levels within a cell, as shares of its mass


class QuantileTable:
    """Solves cdf(z) = q for many q at the price of a polynomial each.

    Between neighboring points the quantile function is Hermite's cubic, with its exact values and slopes 1/f
    at both ends. A cell whose cubic is off by more than `tolerance` at any of three levels inside is halved,
    up to eight times; what is still off then (where the density vanishes, the slope has no end) is left to
    `solve`, and so are levels outside of the points.

    Parameters
    ----------
    cdf, log_density : callable (m,) -> (m,)
    grid : ndarray of shape (g,)
        Increasing points that resolve the law.
    solve : callable (m,) -> (m,)
        Quantiles by iteration.
    tolerance : float
        Of z, at the levels looked at.
    """

    def __init__(
        self, cdf: Callable, log_density: Callable, grid: np.ndarray, solve: Callable, tolerance: float
    ):
        self.solve, self._law = solve, (cdf, log_density)
        end = self._points(grid)
        end[1] = np.maximum.accumulate(end[1])
        cells, done = np.stack([end[:, :-1], end[:, 1:]]), []  # (side, (z, level, slope), cell)
        for halving in range(_HALVINGS + 1):
            fine = self._off(cells) <= tolerance
            final = fine | (cells[1, 1] <= cells[0, 1]) | (halving == _HALVINGS)
            done.append((cells[:, :, final], fine[final]))
            cells = cells[:, :, ~final]
            middle = self._points(0.5 * (cells[0, 0] + cells[1, 0]))
            middle[1] = np.clip(middle[1], cells[0, 1], cells[1, 1])
            cells = np.concatenate([np.stack([cells[0], middle]), np.stack([middle, cells[1]])], axis=2)
        cells, fine = np.concatenate([c for c, _ in done], axis=2), np.concatenate([f for _, f in done])
        order = np.argsort(cells[0, 0])
        cells, self.fine = cells[:, :, order], fine[order]
        self.level = np.append(cells[0, 1], cells[1, 1, -1])
        self.cubics = _cubics(cells)

    def __call__(self, q: np.ndarray) -> np.ndarray:
        """Quantiles at levels q in (0, 1), shape (m,)."""
        i = np.searchsorted(self.level, q, side="right") - 1
        outside = (i < 0) | (i >= len(self.fine))
        i = np.clip(i, 0, len(self.fine) - 1)
        z = _value(self.cubics[:, i], q - self.level[i])
        rest = np.flatnonzero(outside | ~self.fine[i])
        if len(rest):
            z[rest] = self.solve(q[rest])
        return z

    def _points(self, z: np.ndarray) -> np.ndarray:
        cdf, log_density = self._law
        with np.errstate(over="ignore"):
            return np.stack([z, cdf(z), np.exp(-log_density(z))])

    def _off(self, cells: np.ndarray) -> np.ndarray:
        """Error of each cell's cubic, in z; infinite where it cannot be told."""
        cdf, log_density = self._law
        rise = _CHECKED[:, None] * (cells[1, 1] - cells[0, 1])
        z, q = _value(_cubics(cells)[:, None], rise).ravel(), (cells[0, 1] + rise).ravel()
        off, known = np.full(len(q), np.inf), np.isfinite(z)
        with np.errstate(over="ignore", invalid="ignore"):
            off[known] = np.abs(cdf(z[known]) - q[known]) * np.exp(-log_density(z[known]))
        return np.where(np.isnan(off), np.inf, off).reshape(len(_CHECKED), -1).max(axis=0)


def _cubics(cells: np.ndarray) -> np.ndarray:
    """Coefficients (4, cell) of z in powers of the level above each cell's start."""
    (z, level, left), (_, _, right) = cells
    mass = cells[1, 1] - level
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        chord = (cells[1, 0] - z) / mass
        return np.stack(
            [z, left, (3 * chord - 2 * left - right) / mass, (left + right - 2 * chord) / mass**2]
        )


def _value(cubics: np.ndarray, s: np.ndarray) -> np.ndarray:
    a, b, c, d = cubics
    with np.errstate(over="ignore", invalid="ignore"):
        return a + s * (b + s * (c + s * d))
