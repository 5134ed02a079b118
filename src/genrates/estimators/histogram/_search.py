"""Compiled search for the bin counts of sorted values at many numbers of bins, for large training sets."""

import numpy as np
from numba import njit


def squared_shares(x: np.ndarray, total: np.ndarray | None, candidates: np.ndarray, n: float) -> np.ndarray:
    """Return the sum over the bins of (share of the weight)^2, for each number of equal bins.

    The bins divide [x[0], x[-1]]. A table tells where each of many equal slots of that range begins in x, so
    that only a few points remain to be searched for each edge.

    Parameters
    ----------
    x : ndarray of shape (n_points,)
        Sorted values.
    total : ndarray of shape (n_points + 1,) or None
        Running sum of the weights, from 0; None if all weights are 1.
    candidates : ndarray of int, shape (n_candidates,)
        Numbers of bins.
    n : float
        Sum of the weights.

    Returns
    -------
    ndarray of shape (n_candidates,)
        Sum of squared shares for each number of bins.
    """
    return _squared_shares(x, np.empty(0) if total is None else total, candidates, n, 2**16)


@njit(cache=True)
def _squared_shares(x, total, candidates, n, n_slots):
    """Compute `squared_shares`, with `n_slots` slots in the table."""
    low, span, size = x[0], x[-1] - x[0], len(x)
    scale = n_slots / span
    # table[s]: number of points in slots before s; the rounding is that of an edge's slot below
    table = np.zeros(n_slots + 2, dtype=np.int64)
    for i in range(size):
        table[int((x[i] - low) * scale) + 1] += 1
    for s in range(n_slots + 1):
        table[s + 1] += table[s]
    out = np.empty(len(candidates))
    for c in range(len(candidates)):
        m = candidates[c]
        step = span / m
        previous, square = 0, 0.0
        for k in range(1, m + 1):
            if k == m:
                position = size
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
                position = first
            share = ((total[position] - total[previous]) if len(total) else float(position - previous)) / n
            square += share * share
            previous = position
        out[c] = square
    return out
