r"""Sums of Gaussians in one dimension, linear in points plus queries and accurate in the tails.

Points (in bandwidths) are gathered in cells a fraction of a bandwidth wide. Around a cell's center c, with
v = q - c and t = x - c,

.. math:: e^{-(q - x)^2 / 2} = e^{-v^2/2} \, e^{v t} \, e^{-t^2/2}
          = e^{-v^2/2} \sum_k \frac{v^k}{k!} \left( t^k e^{-t^2/2} \right),

so only the first moments of a cell are needed. The factor e^(-v^2/2) stands outside of the truncated series,
which therefore has a small *relative* error. A Taylor or Hermite expansion of the fast Gauss transform
(Greengard and Strain 1991) has a small absolute error only. A query farther from all the data than the series
reaches is summed directly over the few nearest points that count.
"""

import math

import numpy as np
from numba import njit

#: a cell with fewer points than this is summed point by point
_MIN_POINTS = 6


def plan(rtol: float) -> tuple[int, float, float]:
    """Return the number of terms, cell width and reach of the series for a relative error below `rtol`.

    The first neglected term of the series at |v| = reach is at most a^p/p! e^(2a) relative to the sum, with
    a = reach * width / 2 and p the number of terms.

    Parameters
    ----------
    rtol : float
        0: to rounding.

    Returns
    -------
    terms : int
    width : float
        In bandwidths.
    reach : float
        In bandwidths.
    """
    terms, reach, error = (8, 7.0, rtol / 8) if rtol >= 1e-7 else (24, 16.0, 1e-13)
    a = 4.0
    while a**terms / math.factorial(terms) * math.exp(2 * a) > error:
        a *= 0.98
    return terms, 2 * a / reach, reach


@njit(cache=True, fastmath={"contract"})
def gather_sorted(z, weight, width, terms):
    """Gather sorted points in cells.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Points, ascending, in bandwidths.
    weight : ndarray of shape (n,) or (0,)
        Empty: all weights are 1.
    width : float
        Largest width of a cell, in bandwidths.
    terms : int
        Number of moments.

    Returns
    -------
    center : ndarray of shape (n_cells,)
        Centers of the cells.
    begin : ndarray of shape (n_cells + 1,)
        First point of each cell; the last entry is n.
    raw : ndarray of shape (n_cells, terms)
        Sums of w t^k over each cell, t the offset from the center.
    """
    n = len(z)
    n_cells = 0
    i = 0
    while i < n:
        edge = z[i] + width
        while i < n and z[i] <= edge:
            i += 1
        n_cells += 1
    center = np.empty(n_cells)
    begin = np.empty(n_cells + 1, np.int64)
    raw = np.zeros((n_cells, terms))
    i = 0
    for c in range(n_cells):
        begin[c] = i
        edge = z[i] + width
        first = z[i]
        while i < n and z[i] <= edge:
            i += 1
        mid = 0.5 * (first + z[i - 1])
        center[c] = mid
        row = raw[c]
        for j in range(begin[c], i):
            t = z[j] - mid
            power = weight[j] if len(weight) else 1.0
            for k in range(terms):
                row[k] += power
                power *= t
    begin[n_cells] = n
    return center, begin, raw


def tilt(raw: np.ndarray) -> np.ndarray:
    """Turn the sums of w t^k into sums of w t^k e^(-t^2/2) / k!.

    Parameters
    ----------
    raw : ndarray of shape (n_cells, terms)

    Returns
    -------
    ndarray of shape (n_cells, terms)
    """
    terms = raw.shape[1]
    matrix = np.zeros((terms, terms))
    for k in range(terms):
        for j in range((terms - 1 - k) // 2 + 1):
            matrix[k + 2 * j, k] = (-0.5) ** j / math.factorial(j) / math.factorial(k)
    return raw @ matrix


@njit(cache=True, fastmath={"contract"})
def _nearest_center(center, u):
    """Return the index of the center nearest to u."""
    c = np.searchsorted(center, u)
    if c == len(center) or (c > 0 and u - center[c - 1] < center[c] - u):
        c -= 1
    return c


@njit(cache=True, fastmath={"contract"})
def _series(row, v):
    """Return the series of a cell at v (Horner's rule)."""
    value = row[len(row) - 1]
    for k in range(len(row) - 2, -1, -1):
        value = value * v + row[k]
    return value


@njit(cache=True, fastmath={"contract"})
def _cell_sum(c, u, reference, gauss, z, weight, begin, tilted, v):
    """Return the sum of exp(reference - (u - x)^2 / 2) over the points x of cell c.

    Expects gauss = exp(reference - v^2/2) for the distance v from the cell's center.

    Returns
    -------
    float
    """
    if begin[c + 1] - begin[c] < _MIN_POINTS:
        total = 0.0
        for i in range(begin[c], begin[c + 1]):
            d = u - z[i]
            total += (weight[i] if len(weight) else 1.0) * math.exp(reference - 0.5 * d * d)
        return total
    return _series(tilted[c], v) * gauss


@njit(cache=True, fastmath={"contract"})
def _log_sum(u, z, weight, begin, center, tilted, reach, mass, error):
    """Return the log of the sum of Gaussians at u."""
    c = _nearest_center(center, u)
    near = abs(u - center[c])
    if near > reach:
        return _log_sum_far(u, z, weight, mass, error)
    reference = 0.5 * near * near
    total = _cell_sum(c, u, reference, 1.0, z, weight, begin, tilted, u - center[c])
    # outwards: the points beyond a cell are farther than its center, which bounds the error of stopping there
    for side in range(2):
        step = 1 if side else -1
        j = c + step
        while 0 <= j < len(center):
            v = u - center[j]
            gauss = math.exp(reference - 0.5 * v * v)
            total += _cell_sum(j, u, reference, gauss, z, weight, begin, tilted, v)
            if gauss * mass <= error * total:
                break
            j += step
    return math.log(total) - reference


@njit(cache=True, fastmath={"contract"})
def _log_sum_far(u, z, weight, mass, error):
    """Return the log of the sum of Gaussians at u, directly, outwards from the nearest point."""
    n = len(z)
    right = np.searchsorted(z, u)
    near = math.inf
    if right < n:
        near = z[right] - u
    if right > 0:
        near = min(near, u - z[right - 1])
    total = 0.0
    for side in range(2):
        step = 1 if side else -1
        i = right if side else right - 1
        while 0 <= i < n:
            d = abs(u - z[i])
            gauss = math.exp(-0.5 * (d - near) * (d + near))
            total += (weight[i] if len(weight) else 1.0) * gauss
            if gauss * mass <= error * total:
                break
            i += step
    return math.log(total) - 0.5 * near * near


@njit(cache=True, fastmath={"contract"})
def log_sums(u, z, weight, begin, center, tilted, reach, mass, error):
    """Return the log of the sum over points of w exp(-(u - x)^2 / 2), for each u.

    Parameters
    ----------
    u : ndarray of shape (m,)
        Queries, in bandwidths.
    z : ndarray of shape (n,)
        Points, ascending, in bandwidths.
    weight : ndarray of shape (n,) or (0,)
        Empty: all weights are 1.
    begin : ndarray of shape (n_cells + 1,)
        First point of each cell; the last entry is n.
    center : ndarray of shape (n_cells,)
        Centers of the cells.
    tilted : ndarray of shape (n_cells, terms)
        Moments from `tilt`.
    reach : float
        Distance up to which the series of a cell is used, in bandwidths.
    mass : float
        Sum of the weights.
    error : float
        Relative error from the cells that are left out.

    Returns
    -------
    ndarray of shape (m,)
        In nats.
    """
    out = np.empty(len(u))
    for i in range(len(u)):
        out[i] = _log_sum(u[i], z, weight, begin, center, tilted, reach, mass, error)
    return out


@njit(cache=True, fastmath={"contract"})
def log_sums_dense(u, z, weight, begin, center, tilted, reach, mass, error, block, transform):
    """Return the same as `log_sums` for many sorted queries, by Chebyshev interpolation inside blocks.

    Around the middle b of a block, sum_i e^(-(b + s - x_i)^2/2) e^(s^2/2) is a positive sum of exponentials
    of s. A polynomial on Chebyshev nodes matches it to a small relative error, as in the cells.

    Parameters
    ----------
    u : ndarray of shape (m,)
        Queries, ascending, in bandwidths.
    z : ndarray of shape (n,)
        Points, ascending, in bandwidths.
    weight : ndarray of shape (n,) or (0,)
        Empty: all weights are 1.
    begin : ndarray of shape (n_cells + 1,)
        First point of each cell; the last entry is n.
    center : ndarray of shape (n_cells,)
        Centers of the cells.
    tilted : ndarray of shape (n_cells, terms)
        Moments from `tilt`.
    reach : float
        Distance up to which the series of a cell is used, in bandwidths.
    mass : float
        Sum of the weights.
    error : float
        Relative error from the cells that are left out.
    block : float
        Largest width of a block of queries, in bandwidths.
    transform : ndarray of shape (nodes, nodes)
        Matrix from `chebyshev_transform`.

    Returns
    -------
    ndarray of shape (m,)
        In nats.
    """
    nodes = transform.shape[0]
    out = np.empty(len(u))
    value = np.empty(nodes)
    i = 0
    while i < len(u):
        stop = i
        while stop < len(u) and u[stop] <= u[i] + block:
            stop += 1
        if stop - i < 2 * nodes:
            for j in range(i, stop):
                out[j] = _log_sum(u[j], z, weight, begin, center, tilted, reach, mass, error)
            i = stop
            continue
        half = 0.5 * (u[stop - 1] - u[i])
        middle = u[i] + half
        reference = _log_sum(middle, z, weight, begin, center, tilted, reach, mass, error)
        c = _nearest_center(center, middle)
        far = abs(middle - center[c]) + half > reach
        if far or half == 0.0:
            for j in range(i, stop):
                repeated = j > i and u[j] == u[j - 1]
                out[j] = (
                    out[j - 1]
                    if repeated
                    else _log_sum(u[j], z, weight, begin, center, tilted, reach, mass, error)
                )
            i = stop
            continue
        for k in range(nodes):
            s = half * math.cos(math.pi * (k + 0.5) / nodes)
            log_f = _log_sum(middle + s, z, weight, begin, center, tilted, reach, mass, error)
            value[k] = math.exp(log_f + 0.5 * s * s - reference)
        coefficient = transform @ value
        for j in range(i, stop):
            s = u[j] - middle
            x = s / half
            b1 = 0.0
            b2 = 0.0
            for k in range(nodes - 1, 0, -1):
                b1, b2 = coefficient[k] + 2 * x * b1 - b2, b1
            out[j] = math.log(coefficient[0] + x * b1 - b2) - 0.5 * s * s + reference
        i = stop
    return out


def chebyshev_transform(nodes: int) -> np.ndarray:
    """Return the matrix from values at the Chebyshev nodes cos(pi (k + 1/2)/m) to coefficients.

    Parameters
    ----------
    nodes : int
        The number m of nodes.

    Returns
    -------
    ndarray of shape (m, m)
    """
    k = np.arange(nodes)
    matrix = np.cos(np.pi * np.outer(k, k + 0.5) / nodes) * 2 / nodes
    matrix[0] /= 2
    return matrix


@njit(cache=True, fastmath={"contract"})
def cdf_sums(u, z, weight, before, begin, center, raw):
    """Return the sum over points of w Phi(u - x), for each u.

    Parameters
    ----------
    u : ndarray of shape (m,)
        Queries, in bandwidths.
    z : ndarray of shape (n,)
        Points, ascending, in bandwidths.
    weight : ndarray of shape (n,) or (0,)
        Empty: all weights are 1.
    before : ndarray of shape (n_cells + 1,)
        Weight of the cells to the left of each cell.
    begin : ndarray of shape (n_cells + 1,)
        First point of each cell; the last entry is n.
    center : ndarray of shape (n_cells,)
        Centers of the cells.
    raw : ndarray of shape (n_cells, terms)
        Moments from `gather_sorted`.

    Returns
    -------
    ndarray of shape (m,)
    """
    terms = raw.shape[1]
    out = np.empty(len(u))
    root = 1 / math.sqrt(2 * math.pi)
    for i in range(len(u)):
        c = np.searchsorted(center, u[i] - 9.0)
        total = before[c]
        while c < len(center) and center[c] - u[i] <= 9.0:
            if begin[c + 1] - begin[c] < _MIN_POINTS:
                for j in range(begin[c], begin[c + 1]):
                    w = weight[j] if len(weight) else 1.0
                    total += w * 0.5 * math.erfc((z[j] - u[i]) / math.sqrt(2.0))
            else:
                # Phi(v - t) = Phi(v) - phi(v) sum_{k>=1} t^k/k! He_{k-1}(v)
                v = u[i] - center[c]
                series = 0.0
                older, old = 0.0, 1.0
                factorial = 1.0
                for k in range(1, terms):
                    factorial *= k
                    series += raw[c, k] / factorial * old
                    older, old = old, v * old - (k - 1) * older
                total += raw[c, 0] * 0.5 * math.erfc(-v / math.sqrt(2.0))
                total -= root * math.exp(-0.5 * v * v) * series
            c += 1
        out[i] = total
    return out
