"""Drawing from a finite set of alternatives, fast when many are drawn."""

from collections.abc import Iterator

import numpy as np

_FEW_DRAWS = 20_000
_FEW_ALTERNATIVES = 4096
_BLOCK = 32_768
_SLOT_BITS = 16


def draw_index(
    mass: np.ndarray, n_samples: int, rng: np.random.Generator
) -> Iterator[tuple[slice, np.ndarray]]:
    """Indices with probabilities proportional to `mass`: see :meth:`Alternatives.draw`.

    >>> rng = np.random.default_rng(0)
    >>> [(rows, index.tolist()) for rows, index in draw_index(np.array([0.0, 2.0, 1.0]), 5, rng)]
    [(slice(0, 5, None), [1, 1, 1, 1, 2])]
    """
    return Alternatives(mass).draw(n_samples, rng)


class Alternatives:
    """A finite set of alternatives, with the tables that choosing many needs, made when first wanted.

    Parameters
    ----------
    mass : (m,) probabilities up to a factor, or None: all equal
    m : their number, where `mass` is None
    """

    def __init__(self, mass: np.ndarray | None, m: int | None = None):
        self.mass, self.m = mass, m if mass is None else len(mass)
        self._level = self._table = None

    def draw(self, n_samples: int, rng: np.random.Generator) -> Iterator[tuple[slice, np.ndarray]]:
        """Pairs (rows of the sample, indices), block by block, so that the caller's work stays in the cache.

        Few draws are searched for, many go through a table: exact, and O(1) a draw.
        """
        one = self._one_way(n_samples)
        for start in range(0, n_samples, _BLOCK):
            rows = slice(start, min(start + _BLOCK, n_samples))
            yield rows, one(rows.stop - start, rng)

    def _one_way(self, n_samples):
        if self.mass is None:
            return self._equal
        if n_samples < _FEW_DRAWS:
            return self._searched
        return self._guided if self.m <= _FEW_ALTERNATIVES else self._aliased

    def _equal(self, size, rng):
        return (rng.random(size) * self.m).astype(np.intp)

    def _searched(self, size, rng):
        return self._search(rng.random(size))

    def _search(self, u):
        if self._level is None:
            level = np.cumsum(self.mass)
            self._level, self._last = level / level[-1], int(np.flatnonzero(self.mass)[-1])
        return np.minimum(np.searchsorted(self._level, u, side="right"), self._last)

    def _guided(self, size, rng):
        """A guide table (Chen and Asau 1974), for few alternatives.

        16 random bits choose a slot, most slots belong to one alternative, and only in the others is the
        uniform completed and searched for. Four slots from each 64 random bits are cheaper than uniforms.
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

    def _aliased(self, size, rng):
        """Walker's alias method (1977), for many alternatives: no search, whatever their number."""
        if self._table is None:
            self._table = alias_table(self.mass)
        keep, alias = self._table
        u = rng.random(size)
        u *= self.m
        index = u.astype(np.intp)
        u -= index
        return np.where(u < keep.take(index, mode="clip"), index, alias.take(index, mode="clip"))


def alias_table(mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Walker's table: slot i gives i with probability keep[i], else alias[i].

    Slots below the mean are filled up, in order, by those above it, which are then filled up by the next
    one above when they have given too much away (the sweep of Huebschle-Schneider and Sanders 2022). What
    has been asked for and what has been given are running sums, so that no loop is needed.

    >>> keep, alias = alias_table(np.array([1.0, 6.0, 2.0]))
    >>> (np.bincount(alias, 1 - keep, 3) + keep) / 3
    array([0.11111111, 0.66666667, 0.22222222])
    """
    share = mass * (len(mass) / mass.sum())
    keep, alias = np.minimum(share, 1.0), np.arange(len(mass))
    low, high = np.flatnonzero(share <= 1), np.flatnonzero(share > 1)
    if not len(high):
        return np.ones(len(mass)), alias
    asked, given = np.cumsum(1 - share[low]), np.cumsum(share[high] - 1)
    before = np.concatenate([[0.0], asked[:-1]])
    alias[low] = high[np.minimum(np.searchsorted(given, before, side="right"), len(high) - 1)]
    # the slot below the mean that takes more than the giver has left
    first = np.searchsorted(asked, given, side="right")
    empty = np.flatnonzero(first[:-1] < len(low))
    keep[high[empty]] = np.clip(1 + given[empty] - asked[first[empty]], 0.0, 1.0)
    alias[high[empty]] = high[empty + 1]
    return keep, alias
