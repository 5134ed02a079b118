"""Fewer points with the same Gaussian sums, where no formula gives the bandwidth of each point.

A Gaussian of variance s^2 obeys the heat equation in the time s^2 / 2. So in a narrow cell, where bandwidths
are nearly equal, weights on nodes of one bandwidth c stand for a point of bandwidth s. They are the
polynomials that interpolate at the nodes, after heat has flowed for the time (s^2 - c^2) / 2, backwards where
s < c.
"""

import math

import numpy as np
from numba import njit

#: A cell is this many bandwidths wide; halves of the variances in it differ by up to this share of the least.
WIDTH, SPREAD = 0.4, 0.02
#: nodes of a cell, and how many bandwidths they reach to either side of its middle
NODES, HALF = 16, 0.6
# exact for polynomials of degree 15
_FLOW, _FLOW_WEIGHT = np.polynomial.hermite_e.hermegauss(8)
_FLOW_WEIGHT = _FLOW_WEIGHT / _FLOW_WEIGHT.sum()


@njit(cache=True)
def cell_ends(x, scale, min_points):
    """Cut sorted points into cells that are narrow, and nearly of one bandwidth.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Ascending.
    scale : ndarray of shape (n,)
        Bandwidth of each point.
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
        least = largest = scale[i]
        j = i + 1
        while j < n:
            low, high = min(least, scale[j]), max(largest, scale[j])
            if x[j] - x[i] > WIDTH * low or 0.5 * ((high / low) ** 2 - 1) > SPREAD:
                break
            least, largest = low, high
            j += 1
        dense[n_cells] = j - i >= min_points
        n_cells += 1
        i = j
    begin[n_cells] = n
    return begin[: n_cells + 1], dense[:n_cells]


@njit(cache=True)
def anterpolate(x, scale, weight, begin, dense):
    """Replace the points of each dense cell by weights on Chebyshev nodes of one bandwidth.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Ascending.
    scale : ndarray of shape (n,)
        Bandwidth of each point.
    weight : ndarray of shape (n,)
        Weights of the points.
    begin : ndarray of shape (n_cells + 1,)
        First point of each cell.
    dense : ndarray of shape (n_cells,), bool
        The cells to replace.

    Returns
    -------
    position : ndarray of shape (n_dense, NODES)
        Positions of the nodes.
    node_weight : ndarray of shape (n_dense, NODES)
        Their weights, of either sign.
    node_scale : ndarray of shape (n_dense, NODES)
        Their bandwidth.
    """
    n_dense = 0
    for c in range(len(dense)):
        n_dense += dense[c]
    position, node_weight = np.empty((n_dense, NODES)), np.zeros((n_dense, NODES))
    node_scale = np.empty((n_dense, NODES))
    row = 0
    for c in range(len(dense)):
        if not dense[c]:
            continue
        first, last = begin[c], begin[c + 1]
        least, largest = scale[first:last].min(), scale[first:last].max()
        common = math.sqrt(0.5 * (least * least + largest * largest))
        half, middle = HALF * common, 0.5 * (x[first] + x[last - 1])
        moment = np.zeros(NODES)
        for i in range(first, last):
            t = (x[i] - middle) / half
            # the root of twice the time that heat flows; imaginary where it flows backwards
            flow = np.sqrt(complex((scale[i] / half) ** 2 - (common / half) ** 2, 0.0))
            for q in range(len(_FLOW)):
                z, w = t + flow * _FLOW[q], weight[i] * _FLOW_WEIGHT[q]
                older, old = 1.0 + 0.0j, z
                moment[0] += w
                for k in range(1, NODES):
                    moment[k] += w * old.real
                    older, old = old, 2 * z * old - older
        for k in range(NODES):
            angle = math.pi * (k + 0.5) / NODES
            total = moment[0]
            for j in range(1, NODES):
                total += 2 * moment[j] * math.cos(j * angle)
            position[row, k] = middle + half * math.cos(angle)
            node_weight[row, k] = total / NODES
            node_scale[row, k] = common
        row += 1
    return position, node_weight, node_scale
