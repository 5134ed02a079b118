"""The sorted training set and its targets: uniform order statistics, drawn exactly at a few ranks."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class RankedSample:
    """A training set reduced to at most `n_ranks` of its distinct values.

    The slide's targets are the order statistics U_(1) <= ... <= U_(N) of N uniform numbers. Those at chosen
    ranks k_1 < ... < k_m have a joint law of their own: their spacings are Dirichlet with parameters k_1, k_2
    - k_1, ..., N + 1 - k_m (David and Nagaraja, Order Statistics, 2003, section 2.5). Normalized gamma
    variates draw them in O(m), so neither the time of a cycle nor its memory grows with N.

    Parameters
    ----------
    x : ndarray of shape (m,)
        Distinct values, increasing.
    low, high : ndarray of shape (m,)
        First and last rank (from 1) of the points that share each value; ties get one averaged target.
    weight : ndarray of shape (m,)
        Fraction of the training set that each value represents; sums to 1.
    n : int
        Size N of the training set.
    """

    x: np.ndarray
    low: np.ndarray
    high: np.ndarray
    weight: np.ndarray
    n: int

    @classmethod
    def of(cls, x: np.ndarray, n_ranks: int) -> "RankedSample":
        """Sort a training set and choose evenly spaced ranks, both extremes included, in O(N log N).

        Parameters
        ----------
        x : ndarray of shape (N,)
            Training set.
        n_ranks : int
            Largest number of ranks.

        Returns
        -------
        RankedSample
        """
        return cls.of_sorted(np.sort(x), n_ranks)

    @classmethod
    def of_sorted(cls, ordered: np.ndarray, n_ranks: int) -> "RankedSample":
        """Choose evenly spaced ranks of a training set that is sorted already.

        Parameters
        ----------
        ordered : ndarray of shape (N,)
            Training set, sorted.
        n_ranks : int
            Largest number of ranks.

        Returns
        -------
        RankedSample
        """
        n = len(ordered)
        distinct = 1 + np.count_nonzero(ordered[1:] != ordered[:-1])
        if distinct > n_ranks:
            chosen = ordered[np.rint(np.linspace(1, n, n_ranks)).astype(np.int64) - 1]
        else:
            chosen = ordered
        values = np.unique(chosen)
        low, high = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
        low = low + 1
        edges = np.concatenate([[0.0], (high[:-1] + low[1:] - 1) / 2, [n]])
        return cls(values, low, high, np.diff(edges) / n, n)

    def expected(self) -> np.ndarray:
        """Return SIC's targets: the mean k/(N + 1) of each order statistic, averaged within ties.

        Returns
        -------
        ndarray of shape (m,)
        """
        return (self.low + self.high) / (2 * (self.n + 1))

    def draw(self, rng: np.random.Generator, size: int = 1, dtype=np.float64) -> np.ndarray:
        """Draw SLC's targets, uniform order statistics; a tie gets the mean of its first and last rank's.

        Parameters
        ----------
        rng : Generator
            Source of the draws.
        size : int, default=1
            Number of independent draws.
        dtype : numpy dtype, default=float64
            Type of the targets.

        Returns
        -------
        ndarray of shape (size, m)
        """
        u = rng.standard_gamma(self._shapes, (size, len(self._shapes)), dtype=dtype).cumsum(axis=1)
        u = u[:, :-1] / u[:, -1:]
        return u.reshape(size, -1, 2).mean(axis=2) if self._tied else u

    @cached_property
    def _tied(self) -> bool:
        """Whether any chosen value occurs more than once in the training set."""
        return not np.array_equal(self.low, self.high)

    @cached_property
    def _shapes(self) -> np.ndarray:
        """Parameters of the gamma variates of the spacings, the same for all draws."""
        ranks = np.stack([self.low, self.high], axis=1).ravel() if self._tied else self.high
        return np.diff(ranks, prepend=0, append=self.n + 1).astype(np.float64)
