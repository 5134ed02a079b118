"""Compiled sums of kernels whose bandwidth differs from point to point.

A point at x with factor s and weight w adds w s^-d k(|q - x| / s) at q. Lengths are in units of the global
bandwidth.
"""

import math

import numpy as np
from numba import njit

from genrates.estimators._numerics.fast_exp import fast_exp

#: points in a leaf of the tree, and in a block on the line
LEAF = 64
_NEGLIGIBLE = 39.1  # -log(1e-17): a part this far below the total is negligible
#: numbers of the kernels in the compiled loops
CODES = {"gaussian": 0, "exponential": 1, "tophat": 2, "epanechnikov": 3, "linear": 4, "cosine": 5}


@njit(cache=True, fastmath={"contract", "reassoc", "nsz"})
def _leaf_sum(code, square, amplitude, first, count, reference):
    """Return the sum of amplitude times kernel over a leaf.

    Returns
    -------
    float
        Relative to the kernel at the squared distance `reference` for codes 0 and 1.
    """
    total = 0.0
    if code == 0:
        for i in range(count):
            total += amplitude[first + i] * fast_exp(max(0.5 * (reference - square[i]), -700.0))
    elif code == 1:
        root = math.sqrt(reference)
        for i in range(count):
            total += amplitude[first + i] * fast_exp(max(root - math.sqrt(square[i]), -700.0))
    else:
        for i in range(count):
            if square[i] < 1:
                if code == 2:
                    total += amplitude[first + i]
                elif code == 3:
                    total += amplitude[first + i] * (1 - square[i])
                elif code == 4:
                    total += amplitude[first + i] * (1 - math.sqrt(square[i]))
                else:
                    total += amplitude[first + i] * math.cos(0.5 * math.pi * math.sqrt(square[i]))
    return total


@njit(cache=True)
def tree_log_sums(code, queries, flat, amplitude, inverse, begin, end, low, high, widest, mass, error):
    """Return the log of the kernel sum at each query.

    Parameters
    ----------
    code : int
        The kernel's number in `CODES`.
    queries : ndarray of shape (m, d)
        In bandwidths.
    flat : ndarray of shape (n d,)
        Coordinates of the points, leaf by leaf.
    amplitude : ndarray of shape (n,)
        w s^-d, in the tree's order.
    inverse : ndarray of shape (n,)
        1/s^2, in the tree's order.
    begin, end : ndarray of shape (n_nodes,)
        Range of each node's points.
    low, high : ndarray of shape (n_nodes, d)
        Corners of each node's bounding box.
    widest : ndarray of shape (n_nodes,)
        Largest factor below each node.
    mass : float
        Sum of the amplitudes.
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
    for row in range(m):
        query = queries[row]
        total, reference = 0.0, np.inf
        limit = 1.0 if code > 1 else np.inf
        top = 1
        stack[0] = 0
        key[0] = 0.0
        while top:
            top -= 1
            node = stack[top]
            if key[top] > limit:
                continue
            child = 2 * node + 1
            if child < n_nodes:
                left = _gap(child, query, low, high) / widest[child] ** 2
                right = _gap(child + 1, query, low, high) / widest[child + 1] ** 2
                near = child if left <= right else child + 1
                stack[top] = 2 * child + 1 - near
                key[top] = max(left, right)
                stack[top + 1] = near
                key[top + 1] = min(left, right)
                top += 2
                continue
            first, count = begin[node], end[node] - begin[node]
            nearest = _squares(flat, inverse, d, first, count, query, square)
            if code < 2:
                if nearest < reference:
                    if code == 0:
                        total *= math.exp(0.5 * (nearest - reference))
                    else:
                        total *= math.exp(math.sqrt(nearest) - math.sqrt(reference))
                    reference = nearest
                total += _leaf_sum(code, square, amplitude, first, count, reference)
                margin = max(math.log(mass / (error * total)), 0.0)
                limit = reference + 2 * margin if code == 0 else (math.sqrt(reference) + margin) ** 2
            elif nearest < 1:
                total += _leaf_sum(code, square, amplitude, first, count, 0.0)
        value = math.log(total) if total > 0 else -np.inf
        if code == 0:
            value -= 0.5 * reference
        elif code == 1:
            value -= math.sqrt(reference)
        out[row] = value
    return out


@njit(cache=True)
def _gap(node, query, low, high):
    """Return the squared distance from the query to a node's box."""
    gap = 0.0
    for j in range(low.shape[1]):
        t = max(max(low[node, j] - query[j], query[j] - high[node, j]), 0.0)
        gap += t * t
    return gap


@njit(cache=True, fastmath={"contract", "reassoc", "nsz"})
def _squares(flat, inverse, d, first, count, query, square):
    """Write the squared distances in the points' own bandwidths to `square` and return the smallest."""
    for i in range(count):
        t = flat[first * d + i] - query[0]
        square[i] = t * t
    for j in range(1, d):
        offset = first * d + j * count
        for i in range(count):
            t = flat[offset + i] - query[j]
            square[i] += t * t
    smallest = np.inf
    for i in range(count):
        square[i] *= inverse[first + i]
        smallest = min(smallest, square[i])
    return smallest


@njit(cache=True)
def gaussian_sums(queries, points, amplitude, inverse, reach):
    """Return the log of the Gaussian sum over all points at each query, in one dimension.

    Blocks of points are added from the query's own block outwards. A block is left out if it adds less than a
    relative 1e-17.

    Parameters
    ----------
    queries : ndarray of shape (m,)
        In bandwidths.
    points : ndarray of shape (n,)
        Ascending, in bandwidths.
    amplitude : ndarray of shape (n,)
        w / s of each point; either sign.
    inverse : ndarray of shape (n,)
        1/s^2 of each point.
    reach : float
        The sum is nan if no point is within this many of its own bandwidths.

    Returns
    -------
    ndarray of shape (m,)
        In nats.
    """
    n_blocks = (len(points) + LEAF - 1) // LEAF
    log_amplitude, widest = np.empty(n_blocks), np.empty(n_blocks)
    for b in range(n_blocks):
        first, last = b * LEAF, min((b + 1) * LEAF, len(points))
        # nodes that replace points have weights of either sign
        log_amplitude[b] = math.log(max(np.abs(amplitude[first:last]).sum(), 1e-300))
        widest[b] = inverse[first:last].min()
    out = np.empty(len(queries))
    for row in range(len(queries)):
        q = queries[row]
        own_block = min(np.searchsorted(points, q) // LEAF, n_blocks - 1)
        total, nearest = _block_sum(q, points, amplitude, inverse, own_block)
        log_total = math.log(max(total, 1e-300))
        for step in range(1, 2 * n_blocks):
            b = own_block + (step + 1) // 2 * (1 if step % 2 else -1)
            if b < 0 or b >= n_blocks:
                continue
            gap = points[b * LEAF] - q if b > own_block else q - points[min((b + 1) * LEAF, len(points)) - 1]
            if log_amplitude[b] - 0.5 * gap * gap * widest[b] < log_total - _NEGLIGIBLE:
                continue
            part, part_nearest = _block_sum(q, points, amplitude, inverse, b)
            total, nearest = total + part, min(nearest, part_nearest)
            log_total = math.log(max(total, 1e-300))
        out[row] = log_total if nearest <= reach * reach else np.nan
    return out


@njit(cache=True, fastmath={"contract", "reassoc", "nsz"})
def _block_sum(q, points, amplitude, inverse, b):
    """Return the sum over a block at q, and the smallest squared distance in the points' own bandwidths."""
    total, nearest = 0.0, np.inf
    for i in range(b * LEAF, min((b + 1) * LEAF, len(points))):
        t = q - points[i]
        square = t * t * inverse[i]
        nearest = min(nearest, square)
        total += amplitude[i] * fast_exp(max(-0.5 * square, -700.0))
    return total, nearest


@njit(cache=True)
def gaussian_cdf_sums(queries, points, weight, inverse_scale):
    """Return the sum of w Phi((q - x) / s) at each query.

    A block of points far to the left of a query adds its whole weight. A block far to the right adds nothing.

    Parameters
    ----------
    queries : ndarray of shape (m,)
        In bandwidths.
    points : ndarray of shape (n,)
        Ascending, in bandwidths.
    weight : ndarray of shape (n,)
    inverse_scale : ndarray of shape (n,)
        1 / (s sqrt 2) of each point.

    Returns
    -------
    ndarray of shape (m,)
    """
    n_blocks = (len(points) + LEAF - 1) // LEAF
    before, flattest = np.zeros(n_blocks + 1), np.empty(n_blocks)
    for b in range(n_blocks):
        first, last = b * LEAF, min((b + 1) * LEAF, len(points))
        before[b + 1] = before[b] + weight[first:last].sum()
        flattest[b] = inverse_scale[first:last].min()
    mass = before[n_blocks]
    out = np.empty(len(queries))
    for row in range(len(queries)):
        q, total = queries[row], 0.0
        for b in range(n_blocks):
            first, last = b * LEAF, min((b + 1) * LEAF, len(points))
            if (points[last - 1] - q) * flattest[b] < -6:  # erfc is 2 in double precision
                total += before[b + 1] - before[b]
                continue
            # erfc(6.5)/2 < 2e-20 is negligible, except in the left tail, where the sum is small itself
            limit = 6.5 if total > 1e-3 * mass else 27.0
            if (points[first] - q) * flattest[b] > limit:
                continue
            for i in range(first, last):
                u = (points[i] - q) * inverse_scale[i]
                if u < -6:
                    total += weight[i]
                elif u < limit:
                    total += 0.5 * weight[i] * math.erfc(u)
        out[row] = total
    return out


@njit(cache=True)
def cell_ends(x, scale, width, min_points):
    """Cut sorted points into narrow cells.

    A cell is at most `width` wide, and at most `width` times the smallest factor in it. (The factors are a
    power of the pilot, whose bandwidth is 1, and vary on that scale.)

    Parameters
    ----------
    x : ndarray of shape (n,)
        Ascending, in bandwidths.
    scale : ndarray of shape (n,)
        Factor of each point.
    width : float
        Largest width, in bandwidths.
    min_points : int
        Number of points that makes a cell dense.

    Returns
    -------
    begin : ndarray of shape (n_cells + 1,)
        First point of each cell; the last entry is n.
    dense : ndarray of shape (n_cells,), bool
        Whether the cell holds at least `min_points` points.
    """
    n = len(x)
    begin = np.empty(n + 1, np.int64)
    dense = np.zeros(n, np.bool_)
    n_cells, i = 0, 0
    while i < n:
        begin[n_cells] = i
        smallest, j = scale[i], i + 1
        while j < n and x[j] - x[i] <= width * min(smallest, scale[j], 1.0):
            smallest = min(smallest, scale[j])
            j += 1
        dense[n_cells] = j - i >= min_points
        n_cells += 1
        i = j
    begin[n_cells] = n
    return begin[: n_cells + 1], dense[:n_cells]


@njit(cache=True)
def anterpolate(x, weight, begin, dense, nodes):
    """Replace the points of each dense cell by weights on Chebyshev nodes.

    The weighted sum of a polynomial of degree below `nodes` over the nodes is the same as over the points.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Ascending.
    weight : ndarray of shape (n,) or (0,)
        Empty: all weights are 1.
    begin : ndarray of shape (n_cells + 1,)
        First point of each cell.
    dense : ndarray of shape (n_cells,), bool
        The cells to replace.
    nodes : int
        Nodes per cell.

    Returns
    -------
    position : ndarray of shape (n_dense, nodes)
        Positions of the nodes.
    node_weight : ndarray of shape (n_dense, nodes)
        Their weights, of either sign.
    """
    n_dense = 0
    for c in range(len(dense)):
        n_dense += dense[c]
    position, node_weight = np.empty((n_dense, nodes)), np.zeros((n_dense, nodes))
    row = 0
    for c in range(len(dense)):
        if not dense[c]:
            continue
        first, last = begin[c], begin[c + 1]
        half = 0.5 * (x[last - 1] - x[first])
        middle = x[first] + half
        for k in range(nodes):
            position[row, k] = middle + half * math.cos(math.pi * (k + 0.5) / nodes)
        moment = np.zeros(nodes)
        for i in range(first, last):
            t = (x[i] - middle) / half if half > 0 else 0.0
            w = weight[i] if len(weight) else 1.0
            older, old = 1.0, t
            moment[0] += w
            for k in range(1, nodes):
                moment[k] += w * old
                older, old = old, 2 * t * old - older
        for k in range(nodes):
            total = moment[0]
            for j in range(1, nodes):
                total += 2 * moment[j] * math.cos(math.pi * j * (k + 0.5) / nodes)
            node_weight[row, k] = total / nodes
        row += 1
    return position, node_weight
