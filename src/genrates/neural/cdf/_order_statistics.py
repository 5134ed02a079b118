"""The sorted sample and its targets: order statistics of the uniform law, drawn exactly at a few ranks."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class RankedSample:
    """A sample reduced to at most `n_ranks` of its distinct values.

    The targets of the slide are the order statistics U_(1) <= ... <= U_(N) of N uniform numbers. Those at
    chosen ranks k_1 < ... < k_m have a joint law of their own: their spacings are Dirichlet with parameters
    k_1, k_2 - k_1, ..., N + 1 - k_m (David and Nagaraja, Order Statistics, 2003, section 2.5), which
    normalized gamma variates draw in O(m). So neither a cycle's time nor its memory grows with N.

    Attributes
    ----------
    x : ndarray of shape (m,)
        Distinct values, increasing.
    low, high : ndarray of shape (m,)
        First and last rank (from 1) of the points that share each value: ties get one averaged target.
    weight : ndarray of shape (m,)
        Share of the sample that each value stands for; sums to 1.
    n : int
        Size N of the sample.
    """

    x: np.ndarray
    low: np.ndarray
    high: np.ndarray
    weight: np.ndarray
    n: int

    @classmethod
    def of(cls, x: np.ndarray, n_ranks: int) -> "RankedSample":
        """Sort x of shape (N,) and choose evenly spaced ranks, both extremes among them. O(N log N)."""
        return cls.of_sorted(np.sort(x), n_ranks)

    @classmethod
    def of_sorted(cls, ordered: np.ndarray, n_ranks: int) -> "RankedSample":
        """The same of a sample that is sorted already."""
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
        """SIC's targets: the mean k/(N + 1) of each order statistic, averaged within ties."""
        return (self.low + self.high) / (2 * (self.n + 1))

    def draw(self, rng: np.random.Generator, size: int = 1, dtype=np.float64) -> np.ndarray:
        """SLC's targets, shape (size, m): draws of uniform order statistics, ends of each tie averaged."""
        u = rng.standard_gamma(self._shapes, (size, len(self._shapes)), dtype=dtype).cumsum(axis=1)
        u = u[:, :-1] / u[:, -1:]
        return u.reshape(size, -1, 2).mean(axis=2) if self._tied else u

    @cached_property
    def _tied(self) -> bool:
        return not np.array_equal(self.low, self.high)

    @cached_property
    def _shapes(self) -> np.ndarray:
        """Parameters of the spacings' gamma variates, which stay the same from draw to draw."""
        ranks = np.stack([self.low, self.high], axis=1).ravel() if self._tied else self.high
        return np.diff(ranks, prepend=0, append=self.n + 1).astype(np.float64)
