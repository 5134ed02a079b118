"""Exact draws from a density that is bounded below and above on each cell of a partition into boxes."""

from collections.abc import Callable

import numpy as np

from genrates.estimators._numerics.discrete import Alternatives


class CellSampler:
    """Rejection from a piecewise constant envelope, with a squeeze that spares most evaluations.

    The envelope is a mixture of what lies below `lower`, where every point is accepted unseen, and of the
    rest, where alone the density is evaluated. A row whose proposal is rejected is proposed anew.

    Parameters
    ----------
    density : callable
        Maps points (m, d) to unnormalized densities (m,), within `lower` and `upper` of their cell.
    corner, size : ndarray of shape (n_cells, d)
        Lowest corner and edge lengths of each cell.
    lower, upper : ndarray of shape (n_cells,), lower >= 0
    """

    def __init__(
        self,
        density: Callable[[np.ndarray], np.ndarray],
        corner: np.ndarray,
        size: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
    ):
        self._density, self._lower, self._room = density, lower, upper - lower
        # column by column: look-ups in contiguous arrays are the faster ones
        self._corner, size_of = np.ascontiguousarray(corner.T), np.ascontiguousarray(size.T)
        self._size = [None if np.all(s == s[0]) else s for s in size_of]  # None: the same for all cells
        self._edge = size[0]
        volume = size.prod(axis=1)
        self._parts = Alternatives(np.concatenate([lower * volume, self._room * volume]))

    def draw(self, n_samples: int, rng: np.random.Generator) -> np.ndarray:
        """Independent draws, shape (n_samples, d)."""
        X = np.empty((n_samples, len(self._corner)))
        rejected = self._propose(X, rng)
        while len(rejected):
            again = np.empty((len(rejected), X.shape[1]))
            still = self._propose(again, rng)
            X[rejected] = again
            rejected = rejected[still]
        return X

    def _propose(self, X, rng):
        """Fill X with proposals; the rows to reject."""
        d, n_cells = self._corner.shape
        unsure, cells = [], []
        for rows, cell in self._parts.draw(len(X), rng):
            above = np.flatnonzero(cell >= n_cells)
            cell[above] -= n_cells
            unsure.append(rows.start + above)
            cells.append(cell[above])
            columns = rng.random((d, len(cell)))
            for x, corner, size, edge in zip(columns, self._corner, self._size, self._edge, strict=True):
                x *= edge if size is None else size.take(cell, mode="clip")
                x += corner.take(cell, mode="clip")
            X[rows] = columns.T
        row, cell = np.concatenate(unsure), np.concatenate(cells)
        height = self._lower[cell] + self._room[cell] * rng.random(len(cell))
        return row[height >= self._density(X[row])]
