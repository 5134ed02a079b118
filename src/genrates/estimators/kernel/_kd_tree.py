"""A balanced k-d tree in flat arrays: order of the points, ranges and boxes of the nodes."""

import numpy as np
from numba import njit


@njit(cache=True)
def _select(points, order, low, high, k, axis):
    """Reorder order[low:high] so that the k-th smallest along `axis` is at position k (Hoare's selection).

    Pivots are medians of three positions from a small random number generator. Fixed positions (the ends and
    the middle) would take quadratic time on sorted points followed by their mirror images.
    """
    high -= 1
    state = 12345
    while low < high:
        state = (1103515245 * state + 12345) & 0x7FFFFFFF
        span = high - low + 1
        a = points[order[low + (state >> 2) % span], axis]
        b = points[order[low + (state >> 5) % span], axis]
        c = points[order[low + (state >> 8) % span], axis]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high
        while i <= j:
            while points[order[i], axis] < pivot:
                i += 1
            while points[order[j], axis] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            return


@njit(cache=True)
def build(points, leaf_size):
    """Split at medians along the widest side until no leaf has more than `leaf_size` points.

    Nodes are numbered as in a heap: the children of i are 2 i + 1 and 2 i + 2, and all leaves are on the last
    level.

    Parameters
    ----------
    points : ndarray of shape (n, d)
    leaf_size : int

    Returns
    -------
    order : ndarray of shape (n,)
        Rows of `points` in the tree's order.
    begin, end : ndarray of shape (n_nodes,)
        Range of each node in that order.
    low, high : ndarray of shape (n_nodes, d)
        Corners of each node's bounding box.
    """
    n, d = points.shape
    levels = 0
    while (n - 1) // 2**levels + 1 > leaf_size:
        levels += 1
    n_nodes = 2 ** (levels + 1) - 1
    order = np.arange(n)
    begin = np.zeros(n_nodes, np.int64)
    end = np.zeros(n_nodes, np.int64)
    low = np.empty((n_nodes, d))
    high = np.empty((n_nodes, d))
    end[0] = n
    for node in range(n_nodes):
        first, last = begin[node], end[node]
        for j in range(d):
            low[node, j] = np.inf
            high[node, j] = -np.inf
        for i in range(first, last):
            for j in range(d):
                value = points[order[i], j]
                low[node, j] = min(low[node, j], value)
                high[node, j] = max(high[node, j], value)
        left = 2 * node + 1
        if left < n_nodes:
            axis = 0
            for j in range(1, d):
                if high[node, j] - low[node, j] > high[node, axis] - low[node, axis]:
                    axis = j
            middle = (first + last) // 2
            _select(points, order, first, last, middle, axis)
            begin[left], end[left] = first, middle
            begin[left + 1], end[left + 1] = middle, last
    return order, begin, end, low, high


@njit(cache=True)
def flatten_leaves(points, order, begin, end):
    """Return the coordinates leaf by leaf, so that inner loops run over contiguous points.

    Parameters
    ----------
    points : ndarray of shape (n, d)
    order : ndarray of shape (n,)
        Rows in the tree's order.
    begin, end : ndarray of shape (n_nodes,)
        Range of each node in that order.

    Returns
    -------
    ndarray of shape (n d,)
        One (d, count) block per leaf.
    """
    n, d = points.shape
    flat = np.empty(n * d)
    for node in range(len(begin) // 2, len(begin)):
        first, count = begin[node], end[node] - begin[node]
        for j in range(d):
            for i in range(count):
                flat[first * d + j * count + i] = points[order[first + i], j]
    return flat
