"""Kernel sums in d dimensions: k-d tree of the points, blocks of near queries, pruning with a bound.

The part of a node that is left out is at most its weight times the kernel at the nearest point of its box. It
is kept below `error` times the sum so far. Exponentially small sums are stored relative to a near point
(log-sum-exp with a running maximum), so the log-density is accurate where the density underflows, unlike
scikit-learn's (its issue 7492).
"""

import math

import numpy as np
from numba import njit

from genrates.estimators._numerics.fast_exp import fast_exp
from genrates.estimators.kernel import _kd_tree

_CODES = {"gaussian": 0, "exponential": 1, "tophat": 2, "epanechnikov": 3, "linear": 4, "cosine": 5}
_BLOCK = 32


@njit(cache=True, fastmath={"contract", "reassoc", "nsz", "nnan", "ninf"})
def _squares(flat, d, first, count, query, square):
    """Write the squared distances from `query` to the points of a leaf to `square`."""
    base = first * d
    q = query[0]
    for i in range(count):
        t = flat[base + i] - q
        square[i] = t * t
    for j in range(1, d):
        q = query[j]
        offset = base + j * count
        for i in range(count):
            t = flat[offset + i] - q
            square[i] += t * t


@njit(cache=True, fastmath={"contract", "reassoc", "nsz"})
def _leaf_sum(code, square, count, reference, weight, first):
    """Return the sum of the kernel over a leaf, relative to the kernel at `reference` for codes 0 and 1."""
    total = 0.0
    if code == 0:
        for i in range(count):
            square[i] = fast_exp(max(0.5 * (reference - square[i]), -700.0))
    elif code == 1:
        root = math.sqrt(reference)
        for i in range(count):
            square[i] = fast_exp(max(root - math.sqrt(square[i]), -700.0))
    elif code == 2:
        for i in range(count):
            square[i] = 1.0 if square[i] < 1 else 0.0
    elif code == 3:
        for i in range(count):
            square[i] = max(1 - square[i], 0.0)
    elif code == 4:
        for i in range(count):
            square[i] = max(1 - math.sqrt(square[i]), 0.0)
    else:
        for i in range(count):
            square[i] = math.cos(0.5 * math.pi * math.sqrt(square[i])) if square[i] < 1 else 0.0
    if len(weight):
        for i in range(count):
            total += square[i] * weight[first + i]
    else:
        for i in range(count):
            total += square[i]
    return total


@njit(cache=True)
def _limit(code, total, reference, mass, error):
    """Return the squared distance beyond which all points together, of weight `mass`, are negligible."""
    if code > 1:
        return 1.0
    if total == 0.0:
        return np.inf
    margin = max(math.log(mass / (error * total)), 0.0)
    if code == 0:
        return reference + 2 * margin
    root = math.sqrt(reference) + margin
    return root * root


@njit(cache=True)
def _box_gap(node, block, low, high, q_low, q_high):
    """Return the squared distance between the boxes of a node and of a block of queries."""
    gap = 0.0
    for j in range(low.shape[1]):
        t = max(max(low[node, j] - q_high[block, j], q_low[block, j] - high[node, j]), 0.0)
        gap += t * t
    return gap


@njit(cache=True)
def _closer(child, block, low, high, q_low, q_high):
    """Return whether the middle of node child + 1 is closer to the block's middle than that of `child`."""
    difference = 0.0
    for j in range(low.shape[1]):
        middle = q_low[block, j] + q_high[block, j]
        left = low[child, j] + high[child, j] - middle
        right = low[child + 1, j] + high[child + 1, j] - middle
        difference += right * right - left * left
    return difference < 0


@njit(cache=True)
def log_sums(code, queries, q_begin, q_end, q_low, q_high, flat, weight, begin, end, low, high, mass, error):
    """Return the log of the kernel sum at each query.

    Parameters
    ----------
    code : int
        The kernel's number in `_CODES`.
    queries : ndarray of shape (m, d)
        In the order of their own k-d tree, whose leaves are the blocks; in bandwidths.
    q_begin, q_end : ndarray of shape (q_nodes,)
        Range of each node of the queries' tree.
    q_low, q_high : ndarray of shape (q_nodes, d)
        Corners of its boxes.
    flat : ndarray of shape (n d,)
        Coordinates of the points, leaf by leaf.
    weight : ndarray of shape (n,) or (0,)
        In the tree's order. Empty: all weights are 1.
    begin, end : ndarray of shape (n_nodes,)
        Range of each node of the points' tree.
    low, high : ndarray of shape (n_nodes, d)
        Corners of its boxes.
    mass : float
        Sum of the weights.
    error : float
        Largest relative error, from the points that are left out.

    Returns
    -------
    ndarray of shape (m,)
        In nats.
    """
    m, d = queries.shape
    n_nodes = len(begin)
    out = np.empty(m)
    longest = 0
    for node in range(n_nodes // 2, n_nodes):
        longest = max(longest, end[node] - begin[node])
    square = np.empty(longest)
    stack = np.empty(128, np.int64)
    key = np.empty(128)
    for block in range(len(q_begin) // 2, len(q_begin)):
        a, b = q_begin[block], q_end[block]
        total = np.zeros(b - a)
        reference = np.full(b - a, np.inf)
        limit = np.full(b - a, np.inf)
        if code > 1:
            limit[:] = 1.0
        top = 1
        stack[0] = 0
        key[0] = 0.0
        block_limit = np.inf if code < 2 else 1.0
        while top:
            top -= 1
            node = stack[top]
            if key[top] > block_limit:
                continue
            child = 2 * node + 1
            if child < n_nodes:
                gap = _box_gap(child, block, low, high, q_low, q_high)
                gap_right = _box_gap(child + 1, block, low, high, q_low, q_high)
                near = child
                if gap_right < gap or (gap_right == gap and _closer(child, block, low, high, q_low, q_high)):
                    near = child + 1
                near_key, far_key = min(gap, gap_right), max(gap, gap_right)
                stack[top] = 2 * child + 1 - near
                key[top] = far_key
                stack[top + 1] = near
                key[top + 1] = near_key
                top += 2
                continue
            first, count = begin[node], end[node] - begin[node]
            block_limit = 0.0
            for i in range(b - a):
                gap = 0.0
                for j in range(d):
                    q = queries[a + i, j]
                    t = max(max(low[node, j] - q, q - high[node, j]), 0.0)
                    gap += t * t
                if gap <= limit[i]:
                    _squares(flat, d, first, count, queries[a + i], square)
                    # the reference moves only where exp(reference - ...) could overflow
                    if code < 2 and reference[i] - gap > (1000.0 if code == 0 else 400.0):
                        nearest = square[:count].min()
                        if nearest < reference[i]:
                            if code == 0:
                                total[i] *= math.exp(0.5 * (nearest - reference[i]))
                            else:
                                total[i] *= math.exp(math.sqrt(nearest) - math.sqrt(reference[i]))
                            reference[i] = nearest
                    total[i] += _leaf_sum(code, square, count, reference[i], weight, first)
                    if code < 2:
                        limit[i] = _limit(code, total[i], reference[i], mass, error)
                block_limit = max(block_limit, limit[i])
        for i in range(b - a):
            value = math.log(total[i]) if total[i] > 0 else -np.inf
            if code == 0:
                value -= 0.5 * reference[i]
            elif code == 1:
                value -= math.sqrt(reference[i])
            out[a + i] = value
    return out


class Tree:
    """Points prepared for `log_sums`.

    Parameters
    ----------
    points : ndarray of shape (n, d)
        In bandwidths, so that the kernel has bandwidth 1.
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    """

    def __init__(self, points: np.ndarray, weight: np.ndarray | None):
        d = points.shape[1]
        order, self.begin, self.end, self.low, self.high = _kd_tree.build(points, 64 if d <= 3 else 128)
        self.flat = _kd_tree.flatten_leaves(points, order, self.begin, self.end)
        self.weight = np.empty(0) if weight is None else weight[order]
        self.mass = float(len(points) if weight is None else weight.sum())

    def log_sums(self, kernel: str, queries: np.ndarray, error: float) -> np.ndarray:
        """Return the log of the sum over points of w k(|q - x|).

        Parameters
        ----------
        kernel : str
            A second-order kernel.
        queries : ndarray of shape (m, d)
            In bandwidths.
        error : float
            Largest relative error, from the points that are left out.

        Returns
        -------
        ndarray of shape (m,)
            In nats.
        """
        order, begin, end, low, high = _kd_tree.build(queries, _BLOCK)
        out = np.empty(len(queries))
        tree = (self.flat, self.weight, self.begin, self.end, self.low, self.high, self.mass, error)
        out[order] = log_sums(_CODES[kernel], queries[order], begin, end, low, high, *tree)
        return out

    def scaled(self, factor: float) -> "Tree":
        """Return the same tree with all coordinates times `factor`.

        Parameters
        ----------
        factor : float

        Returns
        -------
        Tree
        """
        other = object.__new__(Tree)
        other.begin, other.end, other.weight, other.mass = self.begin, self.end, self.weight, self.mass
        other.low, other.high, other.flat = self.low * factor, self.high * factor, self.flat * factor
        return other
