"""Kernel sums whose bandwidth differs from point to point: compiled loops.

A point at x with factor s and weight w adds w s^-d k(|q - x| / s) at q, all in units of the global bandwidth.
"""

import math

import numpy as np
from numba import njit

from genrates.estimators._numerics.fast_exp import fast_exp

#: leaves of the tree, and what the loops call the kernels
LEAF = 64
_NOTHING = 39.1  # -log of a share of 1e-17
CODES = {"gaussian": 0, "exponential": 1, "tophat": 2, "epanechnikov": 3, "linear": 4, "cosine": 5}


@njit(cache=True, fastmath={"contract", "reassoc", "nsz"})
def _leaf(code, square, amplitude, first, count, reference):
    """Sum of amplitude times kernel over a leaf; relative to the one at `reference` for codes 0 and 1."""
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
    """Log of the sum at each query, shape (m,), leaving out at most a share `error` of it.

    Parameters
    ----------
    flat : (n d,) coordinates, leaf by leaf
    amplitude, inverse : (n,) w s^-d and 1/s^2 in the tree's order
    widest : (n_nodes,) largest factor below each node
    mass : sum of the amplitudes
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
                total += _leaf(code, square, amplitude, first, count, reference)
                margin = max(math.log(mass / (error * total)), 0.0)
                limit = reference + 2 * margin if code == 0 else (math.sqrt(reference) + margin) ** 2
            elif nearest < 1:
                total += _leaf(code, square, amplitude, first, count, 0.0)
        value = math.log(total) if total > 0 else -np.inf
        if code == 0:
            value -= 0.5 * reference
        elif code == 1:
            value -= math.sqrt(reference)
        out[row] = value
    return out


@njit(cache=True)
def _gap(node, query, low, high):
    gap = 0.0
    for j in range(low.shape[1]):
        t = max(max(low[node, j] - query[j], query[j] - high[node, j]), 0.0)
        gap += t * t
    return gap


@njit(cache=True, fastmath={"contract", "reassoc", "nsz"})
def _squares(flat, inverse, d, first, count, query, square):
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
    """Log of the Gaussian sum over all *sorted* points, shape (m,); nan if none is within `reach` bandwidths.

    Blocks of points count from the query's own outwards; one that can add no share of 1e-17 is left out.
    """
    blocks = (len(points) + LEAF - 1) // LEAF
    log_amplitude, widest = np.empty(blocks), np.empty(blocks)
    for b in range(blocks):
        first, last = b * LEAF, min((b + 1) * LEAF, len(points))
        # nodes that stand for points have weights of either sign
        log_amplitude[b] = math.log(max(np.abs(amplitude[first:last]).sum(), 1e-300))
        widest[b] = inverse[first:last].min()
    out = np.empty(len(queries))
    for row in range(len(queries)):
        q = queries[row]
        home = min(np.searchsorted(points, q) // LEAF, blocks - 1)
        total, nearest = _block(q, points, amplitude, inverse, home)
        log_total = math.log(max(total, 1e-300))
        for step in range(1, 2 * blocks):
            b = home + (step + 1) // 2 * (1 if step % 2 else -1)
            if b < 0 or b >= blocks:
                continue
            gap = points[b * LEAF] - q if b > home else q - points[min((b + 1) * LEAF, len(points)) - 1]
            if log_amplitude[b] - 0.5 * gap * gap * widest[b] < log_total - _NOTHING:
                continue
            more, near = _block(q, points, amplitude, inverse, b)
            total, nearest = total + more, min(nearest, near)
            log_total = math.log(max(total, 1e-300))
        out[row] = log_total if nearest <= reach * reach else np.nan
    return out


@njit(cache=True, fastmath={"contract", "reassoc", "nsz"})
def _block(q, points, amplitude, inverse, b):
    """A block's sum at q, and the least squared distance in bandwidths."""
    total, nearest = 0.0, np.inf
    for i in range(b * LEAF, min((b + 1) * LEAF, len(points))):
        t = q - points[i]
        square = t * t * inverse[i]
        nearest = min(nearest, square)
        total += amplitude[i] * fast_exp(max(-0.5 * square, -700.0))
    return total, nearest


@njit(cache=True)
def gaussian_cdf_sums(queries, points, weight, root):
    """Sum of w Phi((q - x) / s), shape (m,), with `root` = 1 / (s sqrt 2) and *sorted* points.

    Blocks of points that lie far to the left of a query count as a whole, those far to the right not at all.
    """
    blocks = (len(points) + LEAF - 1) // LEAF
    before, flattest = np.zeros(blocks + 1), np.empty(blocks)
    for b in range(blocks):
        first, last = b * LEAF, min((b + 1) * LEAF, len(points))
        before[b + 1] = before[b] + weight[first:last].sum()
        flattest[b] = root[first:last].min()
    mass = before[blocks]
    out = np.empty(len(queries))
    for row in range(len(queries)):
        q, total = queries[row], 0.0
        for b in range(blocks):
            first, last = b * LEAF, min((b + 1) * LEAF, len(points))
            if (points[last - 1] - q) * flattest[b] < -6:  # erfc is 2 in double precision
                total += before[b + 1] - before[b]
                continue
            # erfc(6.5)/2 < 2e-20: nothing to a sum above a thousandth of all; in the left tail it counts
            limit = 6.5 if total > 1e-3 * mass else 27.0
            if (points[first] - q) * flattest[b] > limit:
                continue
            for i in range(first, last):
                u = (points[i] - q) * root[i]
                if u < -6:
                    total += weight[i]
                elif u < limit:
                    total += 0.5 * weight[i] * math.erfc(u)
        out[row] = total
    return out


@njit(cache=True)
def cell_ends(x, scale, share, fewest):
    """Cut sorted points into cells at most `share` wide, nor `share` of the least bandwidth in them.

    (The factors, a power of the pilot, vary on the scale of its bandwidth, 1.)

    Returns the cells' first points, (n_cells + 1,), and whether each holds `fewest` points or more.
    """
    n = len(x)
    begin = np.empty(n + 1, np.int64)
    dense = np.zeros(n, np.bool_)
    cells, i = 0, 0
    while i < n:
        begin[cells] = i
        least, j = scale[i], i + 1
        while j < n and x[j] - x[i] <= share * min(least, scale[j], 1.0):
            least = min(least, scale[j])
            j += 1
        dense[cells] = j - i >= fewest
        cells += 1
        i = j
    begin[cells] = n
    return begin[: cells + 1], dense[:cells]


@njit(cache=True)
def anterpolate(x, weight, begin, dense, nodes):
    """Weights on `nodes` Chebyshev points of each dense cell that act on polynomials as the cell's points do.

    Returns node positions and weights, shape (n_dense, nodes).
    """
    many = 0
    for c in range(len(dense)):
        many += dense[c]
    place, out = np.empty((many, nodes)), np.zeros((many, nodes))
    at = 0
    for c in range(len(dense)):
        if not dense[c]:
            continue
        first, last = begin[c], begin[c + 1]
        half = 0.5 * (x[last - 1] - x[first])
        middle = x[first] + half
        for k in range(nodes):
            place[at, k] = middle + half * math.cos(math.pi * (k + 0.5) / nodes)
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
            out[at, k] = total / nodes
        at += 1
    return place, out
