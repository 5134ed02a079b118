"""Draws from a finite set of alternatives, fast for many draws."""

from collections.abc import Iterator

import numpy as np

_FEW_DRAWS = 20_000
_FEW_ALTERNATIVES = 4096
_BLOCK = 32_768
_SLOT_BITS = 16


def draw_index(
    mass: np.ndarray, n_samples: int, rng: np.random.Generator
) -> Iterator[tuple[slice, np.ndarray]]:
    """Draw indices with probabilities proportional to `mass`.

    See :meth:`Alternatives.draw`.

    Parameters
    ----------
    mass : ndarray of shape (m,)
        Probabilities up to a factor.
    n_samples : int
    rng : numpy.random.Generator

    Returns
    -------
    iterator of (slice, ndarray)
        Blocks of rows and the indices drawn for them.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> [(rows, index.tolist()) for rows, index in draw_index(np.array([0.0, 2.0, 1.0]), 5, rng)]
    [(slice(0, 5, None), [1, 1, 1, 1, 2])]
    """
    return Alternatives(mass).draw(n_samples, rng)


class Alternatives:
    """A finite set of alternatives, with the lookup tables that many draws need.

    The tables are built at the first draw that uses them.

    Parameters
    ----------
    mass : ndarray of shape (m,) or None
        Probabilities up to a factor. None makes all alternatives equally likely.
    m : int, optional
        The number of alternatives, needed if `mass` is None.
    """

    def __init__(self, mass: np.ndarray | None, m: int | None = None):
        self.mass, self.m = mass, m if mass is None else len(mass)
        self._level = self._table = None

    def draw(self, n_samples: int, rng: np.random.Generator) -> Iterator[tuple[slice, np.ndarray]]:
        """Draw indices block by block, so that the caller's work stays in the cache.

        A few draws are found by binary search. Many draws go through a table, which is exact and takes
        constant time for each draw.

        Parameters
        ----------
        n_samples : int
        rng : numpy.random.Generator

        Yields
        ------
        rows : slice
            The rows of the output that the block fills.
        index : ndarray of shape (rows.stop - rows.start,)
            Their alternatives, integers from 0 to m - 1.
        """
        method = self._method(n_samples)
        for start in range(0, n_samples, _BLOCK):
            rows = slice(start, min(start + _BLOCK, n_samples))
            yield rows, method(rows.stop - start, rng)

    def _method(self, n_samples):
        """Return the method that suits this number of draws."""
        if self.mass is None:
            return self._draw_equal
        if n_samples < _FEW_DRAWS:
            return self._draw_by_search
        return self._draw_by_guide if self.m <= _FEW_ALTERNATIVES else self._draw_by_alias

    def _draw_equal(self, size, rng):
        """Draw `size` equally likely indices."""
        return (rng.random(size) * self.m).astype(np.intp)

    def _draw_by_search(self, size, rng):
        """Draw `size` indices by binary search."""
        return self._search(rng.random(size))

    def _search(self, u):
        """Return the index at which the distribution function passes each level u."""
        if self._level is None:
            level = np.cumsum(self.mass)
            self._level, self._last = level / level[-1], int(np.flatnonzero(self.mass)[-1])
        return np.minimum(np.searchsorted(self._level, u, side="right"), self._last)

    def _draw_by_guide(self, size, rng):
        """Draw `size` indices through a guide table (Chen and Asau 1974), for few alternatives.

        16 random bits choose a slot. Most slots belong to one alternative. Only in the other slots is the
        uniform completed and searched for. Four slots from each 64 random bits are cheaper than four
        uniforms.

        Returns
        -------
        ndarray of shape (size,)
        """
        if self._table is None:
            ends = self._search(np.arange(2**_SLOT_BITS + 1) / 2**_SLOT_BITS)
            self._table = np.where(ends[:-1] == ends[1:], ends[:-1], -1)
        bits = rng.integers(0, 2**64, size=(size + 3) // 4, dtype=np.uint64)
        slot = bits.view(np.uint16)[:size]
        index = np.take(self._table, slot, mode="clip")
        shared = np.flatnonzero(index < 0)
        index[shared] = self._search((slot[shared] + rng.random(len(shared))) / 2**_SLOT_BITS)
        return index

    def _draw_by_alias(self, size, rng):
        """Draw `size` indices by Walker's alias method (1977), for many alternatives."""
        if self._table is None:
            self._table = alias_table(self.mass)
        keep, alias = self._table
        u = rng.random(size)
        u *= self.m
        index = u.astype(np.intp)
        u -= index
        return np.where(u < keep.take(index, mode="clip"), index, alias.take(index, mode="clip"))


def alias_table(mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Walker's alias table: slot i gives i with probability keep[i], else alias[i].

    Each slot below the mean is filled up by one above it, in order. A slot that has given too much away is
    then filled up by the next one above the mean (the sweep of Huebschle-Schneider and Sanders 2022). Running
    sums of the deficits and of the surpluses make a loop unnecessary.

    Parameters
    ----------
    mass : ndarray of shape (m,)
        Probabilities up to a factor.

    Returns
    -------
    keep : ndarray of shape (m,)
        Probability that slot i gives i.
    alias : ndarray of shape (m,)
        What slot i gives otherwise.

    Examples
    --------
    >>> keep, alias = alias_table(np.array([1.0, 6.0, 2.0]))
    >>> (np.bincount(alias, 1 - keep, 3) + keep) / 3
    array([0.11111111, 0.66666667, 0.22222222])
    """
    share = mass * (len(mass) / mass.sum())
    keep, alias = np.minimum(share, 1.0), np.arange(len(mass))
    low, high = np.flatnonzero(share <= 1), np.flatnonzero(share > 1)
    if not len(high):
        return np.ones(len(mass)), alias
    deficit, surplus = np.cumsum(1 - share[low]), np.cumsum(share[high] - 1)
    before = np.concatenate([[0.0], deficit[:-1]])
    alias[low] = high[np.minimum(np.searchsorted(surplus, before, side="right"), len(high) - 1)]
    # the first slot below the mean that needs more than the giver has left
    first = np.searchsorted(deficit, surplus, side="right")
    empty = np.flatnonzero(first[:-1] < len(low))
    keep[high[empty]] = np.clip(1 + surplus[empty] - deficit[first[empty]], 0.0, 1.0)
    alias[high[empty]] = high[empty + 1]
    return keep, alias
