"""Exact draws from a density that is bounded below and above on each cell of a partition into boxes."""

from collections.abc import Callable

import numpy as np

from genrates.estimators._numerics.discrete import Alternatives
from genrates.estimators._numerics.spread import power_of_two

_MAX_ROUNDS = 10_000  # in which rejected rows get new proposals
_MAX_PROPOSALS = 100  # for each draw and each round


class CellSampler:
    """Rejection sampler with a piecewise constant envelope and a squeeze.

    The envelope is a mixture of two parts. A point below `lower` is accepted without evaluating the density.
    Only a point between `lower` and `upper` needs an evaluation. A rejected row gets a new proposal.

    Parameters
    ----------
    name : str
        The estimator, for messages.
    density : callable
        Maps points (m, d) to unnormalized densities (m,), between `lower` and `upper` of their cell.
    corner : ndarray of shape (n_cells, d)
        Lowest corner of each cell.
    size : ndarray of shape (n_cells, d)
        Edge lengths of each cell.
    lower : ndarray of shape (n_cells,)
        Lower bound of the density on each cell, at least 0.
    upper : ndarray of shape (n_cells,)
        Upper bound of the density on each cell.
    """

    def __init__(
        self,
        name: str,
        density: Callable[[np.ndarray], np.ndarray],
        corner: np.ndarray,
        size: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
    ):
        self._name, self._density, self._lower, self._gap = name, density, lower, upper - lower
        # column by column, since lookups in contiguous arrays are faster
        self._corner, size_of = np.ascontiguousarray(corner.T), np.ascontiguousarray(size.T)
        self._size = [None if np.all(s == s[0]) else s for s in size_of]  # None if all cells have the same
        self._edge = size[0]
        # in units of the largest edges, so that no product under- or overflows
        volume = (size / power_of_two(size)).prod(axis=1)
        self._choice = Alternatives(np.concatenate([lower * volume, self._gap * volume]))

    def draw(self, n_samples: int, rng: np.random.Generator) -> np.ndarray:
        """Return independent draws.

        Parameters
        ----------
        n_samples : int
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of shape (n_samples, d)

        Raises
        ------
        ValueError
            If nearly all proposals are rejected, so that the draws would take for ever.
        """
        X = np.empty((n_samples, len(self._corner)))
        rejected = self._propose(X, rng)
        n_proposed = n_samples
        for _ in range(_MAX_ROUNDS):
            if not len(rejected) or n_proposed > _MAX_PROPOSALS * (n_samples + _MAX_ROUNDS):
                break
            n_proposed += len(rejected)
            proposal = np.empty((len(rejected), X.shape[1]))
            rejected_again = self._propose(proposal, rng)
            X[rejected] = proposal
            rejected = rejected[rejected_again]
        if len(rejected):
            raise ValueError(
                f"{self._name}: {len(rejected)} of {n_samples} draws were still rejected after {n_proposed} "
                "proposals. The density varies too much for floating-point numbers: look for far values in "
                "the training set."
            )
        return X

    def _propose(self, X, rng):
        """Fill X with proposals and return the indices of the rows to reject."""
        d, n_cells = self._corner.shape
        unsure_rows, unsure_cells = [], []
        for rows, cell in self._choice.draw(len(X), rng):
            above = np.flatnonzero(cell >= n_cells)
            cell[above] -= n_cells
            unsure_rows.append(rows.start + above)
            unsure_cells.append(cell[above])
            columns = rng.random((d, len(cell)))
            for x, corner, size, edge in zip(columns, self._corner, self._size, self._edge, strict=True):
                x *= edge if size is None else size.take(cell, mode="clip")
                x += corner.take(cell, mode="clip")
            X[rows] = columns.T
        row, cell = np.concatenate(unsure_rows), np.concatenate(unsure_cells)
        height = self._lower[cell] + self._gap[cell] * rng.random(len(cell))
        return row[height >= self._density(X[row])]
