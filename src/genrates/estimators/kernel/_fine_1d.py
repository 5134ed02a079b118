"""Gaussian sums on the line at a given relative accuracy, in one pass over points in any order.

This is the series of :mod:`_cells_1d`, truncated after four terms, on a regular grid of cells narrow enough
for it. Cells are adjacent in memory, empty ones included, so the loop of a query over them uses vector
instructions.
"""

import math

import numpy as np
from numba import njit

from genrates.estimators._numerics.fast_exp import fast_exp
from genrates.estimators.kernel._cells_1d import tilt

#: queries farther than this from the nearest point, in bandwidths, need the sorted points instead
_REACH = 7.0


def cell_width(rtol: float) -> float:
    """Return the cell width for which the first neglected term is below rtol/8 of the sum, up to `_REACH`.

    Parameters
    ----------
    rtol : float
        Relative accuracy, positive.

    Returns
    -------
    float
        In bandwidths.
    """
    a = 1.0
    while a**4 / 24 * math.exp(2 * a) > rtol / 8:
        a *= 0.98
    return 2 * a / _REACH


def gather(x, weight, low: float, h: float, width: float, n_cells: int):
    """Gather points in the cells of a regular grid.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Points, in any order.
    weight : ndarray of shape (n,) or (0,)
        Empty: all weights are 1.
    low : float
        Left end of the first cell.
    h : float
        Bandwidth.
    width : float
        Width of a cell, in bandwidths.
    n_cells : int

    Returns
    -------
    tilted : ndarray of shape (4, n_cells)
        Sums of w t^k e^(-t^2/2) / k!, t the offset from the cell's center in bandwidths.
    left : ndarray of shape (n_cells,)
        Nearest filled cell at or to the left of each cell, -1 if there is none.
    right : ndarray of shape (n_cells,)
        Nearest filled cell at or to the right of each cell, n_cells if there is none.
    """
    table = _gather(x, weight, low, 1 / (h * width), n_cells)
    filled = table[:, 0] > 0
    cell = np.arange(n_cells)
    left = np.maximum.accumulate(np.where(filled, cell, -1))
    right = np.minimum.accumulate(np.where(filled, cell, n_cells)[::-1])[::-1]
    return np.ascontiguousarray(tilt(table * width ** np.arange(4.0)).T), left, right


@njit(cache=True, fastmath={"contract"})
def _gather(x, weight, low, scale, n_cells):
    """Return the sums of w t^k for each cell, t in cell widths, shape (n_cells, 4)."""
    table = np.zeros((n_cells, 4))
    if len(weight):
        for i in range(len(x)):
            position = (x[i] - low) * scale
            j = np.uint64(position)
            t = (position - j) - 0.5
            w = weight[i]
            table[j, 0] += w
            table[j, 1] += w * t
            table[j, 2] += w * t * t
            table[j, 3] += w * t * t * t
        return table
    for i in range(len(x)):
        position = (x[i] - low) * scale
        j = np.uint64(position)
        t = (position - j) - 0.5
        square = t * t
        table[j, 0] += 1.0
        table[j, 1] += t
        table[j, 2] += square
        table[j, 3] += square * t
    return table


@njit(cache=True, fastmath={"contract", "reassoc", "nsz"})
def _window(start, reference, width, a0, a1, a2, a3):
    """Return the sum over neighboring cells, the first of which lies `start` to the left of the query."""
    total = 0.0
    for j in range(len(a0)):
        v = start - j * width
        gauss = fast_exp(max(reference - 0.5 * v * v, -700.0))
        total += gauss * (((a3[j] * v + a2[j]) * v + a1[j]) * v + a0[j])
    return total


@njit(cache=True)
def log_sums(u, tilted, left, right, width, mass, error):
    """Return the log of the sum of w exp(-(u - x)^2 / 2) at each u.

    Parameters
    ----------
    u : ndarray of shape (m,)
        Queries, in bandwidths from the left end of the first cell.
    tilted : ndarray of shape (4, n_cells)
        Moments from `gather`.
    left, right : ndarray of shape (n_cells,)
        Nearest filled cells from `gather`.
    width : float
        Width of a cell, in bandwidths.
    mass : float
        Sum of the weights.
    error : float
        Relative error from the cells that are left out.

    Returns
    -------
    ndarray of shape (m,)
        In nats; nan where the nearest filled cell is farther than `_REACH`.
    """
    # the compiler knows that separate rows are contiguous, unlike slices of a matrix
    a0, a1, a2, a3 = tilted[0], tilted[1], tilted[2], tilted[3]
    n = len(a0)
    out = np.empty(len(u))
    for i in range(len(u)):
        own_cell = int(min(max(u[i] / width, 0.0), n - 1.0))
        near, weight = math.inf, 0.0
        for c in (left[own_cell], right[own_cell]):
            if 0 <= c < n and abs(u[i] - (c + 0.5) * width) < near:
                near, weight = abs(u[i] - (c + 0.5) * width), a0[c]
        if near > _REACH:
            out[i] = np.nan
            continue
        # points beyond this radius add less than `error` times what the nearest cell alone adds
        slack = math.log(mass / (error * weight))
        radius = math.sqrt((near + width) ** 2 + 2 * max(slack, 0.0)) + width
        first = max(int((u[i] - radius) / width), 0)
        last = min(int((u[i] + radius) / width) + 1, n)
        reference = 0.5 * near * near
        start = u[i] - (first + 0.5) * width
        total = _window(
            start, reference, width, a0[first:last], a1[first:last], a2[first:last], a3[first:last]
        )
        out[i] = math.log(total) - reference
    return out
