"""Drawing from a finite set of alternatives, fast when many are drawn."""

import numpy as np

_FEW = 20_000


def draw_index(mass: np.ndarray, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Indices with probabilities proportional to `mass`, shape (n_samples,), dtype intp.

    Many draws go through a guide table (Chen and Asau 1974): the first bits of a uniform choose a slot, most
    slots belong to one alternative, and only in the others is the uniform completed and searched for.
    Exact, and O(1) a draw where alternatives are fewer than slots.
    """
    level = np.cumsum(mass)
    level /= level[-1]
    last = int(np.flatnonzero(mass)[-1])
    if n_samples < _FEW:
        return np.minimum(np.searchsorted(level, rng.random(n_samples), side="right"), last)
    bits = 16 if len(mass) <= 4096 else min(len(mass).bit_length() + 3, 22)
    ends = np.searchsorted(level, np.arange(2**bits + 1) / 2**bits, side="right")
    table = np.where(ends[:-1] == ends[1:], ends[:-1], -1)
    kind = np.uint16 if bits == 16 else np.uint32
    slot = rng.integers(0, 2**bits, size=n_samples, dtype=kind)
    index = np.take(table, slot, mode="clip")
    shared = np.flatnonzero(index < 0)
    full = (slot[shared] + rng.random(len(shared))) / 2**bits
    index[shared] = np.minimum(np.searchsorted(level, full, side="right"), last)
    return index
