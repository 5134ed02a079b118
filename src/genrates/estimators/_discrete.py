"""Drawing from a finite set of alternatives, fast when many are drawn."""

from collections.abc import Iterator

import numpy as np

_FEW = 20_000
_BLOCK = 32_768


def draw_index(
    mass: np.ndarray, n_samples: int, rng: np.random.Generator
) -> Iterator[tuple[slice, np.ndarray]]:
    """Indices with probabilities proportional to `mass`, block by block: (rows of the sample, indices).

    Blocks keep what the caller does with them in the cache. Many draws go through a guide table (Chen and
    Asau 1974): the first bits of a uniform choose a slot, most slots belong to one alternative, and only in
    the others is the uniform completed and searched for. Exact, and O(1) a draw.

    >>> rng = np.random.default_rng(0)
    >>> [(rows, index.tolist()) for rows, index in draw_index(np.array([0.0, 2.0, 1.0]), 5, rng)]
    [(slice(0, 5, None), [1, 1, 1, 1, 2])]
    """
    level = np.cumsum(mass)
    level /= level[-1]
    last = int(np.flatnonzero(mass)[-1])
    bits = 0 if n_samples < _FEW else max(12, min(len(mass).bit_length() + 4, 22))
    if bits:
        ends = np.searchsorted(level, np.arange(2**bits + 1) / 2**bits, side="right")
        table = np.where(ends[:-1] == ends[1:], ends[:-1], -1)
    for start in range(0, n_samples, _BLOCK):
        rows = slice(start, min(start + _BLOCK, n_samples))
        size = rows.stop - start
        if not bits:
            yield rows, np.minimum(np.searchsorted(level, rng.random(size), side="right"), last)
            continue
        if bits <= 16:  # four slots from each 64 random bits are cheaper than uniforms
            four = rng.integers(0, 2**64, size=(size + 3) // 4, dtype=np.uint64).view(np.uint16)
            slot = four[:size] >> (16 - bits)
        else:
            uniform = rng.random(size)
            slot = (uniform * 2**bits).astype(np.intp)
        index = np.take(table, slot, mode="clip")
        shared = np.flatnonzero(index < 0)
        full = (slot[shared] + rng.random(len(shared))) / 2**bits if bits <= 16 else uniform[shared]
        index[shared] = np.minimum(np.searchsorted(level, full, side="right"), last)
        yield rows, index
