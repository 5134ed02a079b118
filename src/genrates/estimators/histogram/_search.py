"""Bin counts of a sorted sample for many numbers of bins, compiled: worth it from some 10^5 points on."""

import numpy as np
from numba import njit


def squared_shares(x: np.ndarray, total: np.ndarray | None, candidates: np.ndarray, n: float) -> np.ndarray:
    """Sum over the bins of (share of the weight)^2, for each number of equal bins on [x[0], x[-1]].

    A table of where equal slots of the range begin in x leaves each edge a handful of points to search.

    Parameters
    ----------
    x : (size,), sorted
    total : (size + 1,) running sum of the weights from 0, or None where all are 1
    candidates : (k,) integers
    n : sum of the weights
    """
    return _squared_shares(x, np.empty(0) if total is None else total, candidates, n, 2**16)


@njit(cache=True)
def _squared_shares(x, total, candidates, n, n_slots):
    low, span, size = x[0], x[-1] - x[0], len(x)
    scale = n_slots / span
    # table[s]: how many points lie in slots before s, by the same rounding as an edge's slot below
    table = np.zeros(n_slots + 2, dtype=np.int64)
    for i in range(size):
        table[int((x[i] - low) * scale) + 1] += 1
    for s in range(n_slots + 1):
        table[s + 1] += table[s]
    out = np.empty(len(candidates))
    for c in range(len(candidates)):
        m = candidates[c]
        step = span / m
        before, square = 0, 0.0
        for k in range(1, m + 1):
            if k == m:
                at = size
            else:
                edge = k * step + low
                slot = int((edge - low) * scale)
                first, last = table[slot], table[slot + 1]
                while first < last:
                    middle = (first + last) // 2
                    if x[middle] < edge:
                        first = middle + 1
                    else:
                        last = middle
                at = first
            share = ((total[at] - total[before]) if len(total) else float(at - before)) / n
            square += share * share
            before = at
        out[c] = square
    return out
