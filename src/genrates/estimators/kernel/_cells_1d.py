r"""Sums of Gaussians in one dimension, linear in points plus queries and accurate in the tails.

Points (in bandwidths) are gathered in cells a fraction of a bandwidth wide. Around a cell's center c, with
v = q - c and t = x - c,

.. math:: e^{-(q - x)^2 / 2} = e^{-v^2/2} \, e^{v t} \, e^{-t^2/2}
          = e^{-v^2/2} \sum_k \frac{v^k}{k!} \left( t^k e^{-t^2/2} \right),

so a cell needs its first moments only. The factor e^(-v^2/2) stands outside of the truncated series, which
therefore has a *relative* error: that is what a Taylor or Hermite expansion of the fast Gauss transform
(Greengard and Strain 1991), with its absolute error, lacks. A query farther from all the data than the series
reaches is summed directly over the few nearest points that count.
"""

import math

import numpy as np
from numba import njit

#: a cell with fewer points than this is summed point by point
_FEW = 6


def plan(rtol: float) -> tuple[int, float, float]:
    """Terms, cell width and reach (in bandwidths) for a relative error below `rtol`; 0: to rounding.

    The first neglected term of the series at |v| = reach is at most a^p/p! e^(2a) relative to the sum,
    a = reach * width / 2.
    """
    terms, reach, error = (8, 7.0, rtol / 8) if rtol >= 1e-7 else (24, 16.0, 1e-13)
    a = 4.0
    while a**terms / math.factorial(terms) * math.exp(2 * a) > error:
        a *= 0.98
    return terms, 2 * a / reach, reach


@njit(cache=True, fastmath={"contract"})
def gather_sorted(z, weight, width, terms):
    """Cells of sorted points: (center, first, last + 1, tilted moments, raw moments over k!)."""
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
    """From sums of t^k to sums of t^k e^(-t^2/2) / k!, shape (n_cells, terms)."""
    terms = raw.shape[1]
    matrix = np.zeros((terms, terms))
    for k in range(terms):
        for j in range((terms - 1 - k) // 2 + 1):
            matrix[k + 2 * j, k] = (-0.5) ** j / math.factorial(j) / math.factorial(k)
    return raw @ matrix


@njit(cache=True, fastmath={"contract"})
def _near(center, u):
    """Index of the center nearest to u."""
    c = np.searchsorted(center, u)
    if c == len(center) or (c > 0 and u - center[c - 1] < center[c] - u):
        c -= 1
    return c


@njit(cache=True, fastmath={"contract"})
def _one(row, v):
    """The cell's series at v (Horner)."""
    value = row[len(row) - 1]
    for k in range(len(row) - 2, -1, -1):
        value = value * v + row[k]
    return value


@njit(cache=True, fastmath={"contract"})
def _cell(c, u, reference, gauss, z, weight, begin, tilted, v):
    """Sum of exp(reference - (u - x)^2 / 2) over the points x of cell c; gauss = exp(reference - v^2/2)."""
    if begin[c + 1] - begin[c] < _FEW:
        total = 0.0
        for i in range(begin[c], begin[c + 1]):
            d = u - z[i]
            total += (weight[i] if len(weight) else 1.0) * math.exp(reference - 0.5 * d * d)
        return total
    return _one(tilted[c], v) * gauss


@njit(cache=True, fastmath={"contract"})
def _log_sum(u, z, weight, begin, center, tilted, reach, mass, error):
    """Log of the sum of Gaussians at u."""
    c = _near(center, u)
    near = abs(u - center[c])
    if near > reach:
        return _log_sum_far(u, z, weight, mass, error)
    reference = 0.5 * near * near
    total = _cell(c, u, reference, 1.0, z, weight, begin, tilted, u - center[c])
    # outwards; all that lies beyond a cell is farther than its center, which bounds what is left out
    for side in range(2):
        step = 1 if side else -1
        j = c + step
        while 0 <= j < len(center):
            v = u - center[j]
            gauss = math.exp(reference - 0.5 * v * v)
            total += _cell(j, u, reference, gauss, z, weight, begin, tilted, v)
            if gauss * mass <= error * total:
                break
            j += step
    return math.log(total) - reference


@njit(cache=True, fastmath={"contract"})
def _log_sum_far(u, z, weight, mass, error):
    """The same by direct summation outwards from the nearest point."""
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
    """Log of the sum over points of exp(-(u - x)^2 / 2), for each u."""
    out = np.empty(len(u))
    for i in range(len(u)):
        out[i] = _log_sum(u[i], z, weight, begin, center, tilted, reach, mass, error)
    return out


@njit(cache=True, fastmath={"contract"})
def log_sums_dense(u, z, weight, begin, center, tilted, reach, mass, error, block, transform):
    """As `log_sums` for *sorted* u with many queries per block: Chebyshev interpolation inside blocks.

    Around a block's middle b, sum_i e^(-(b + s - x_i)^2/2) e^(s^2/2) is a positive sum of exponentials of s,
    which a polynomial on Chebyshev nodes matches to a small relative error, as it does in the cells.
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
        c = _near(center, middle)
        far = abs(middle - center[c]) + half > reach
        if far or half == 0.0:
            for j in range(i, stop):
                same = j > i and u[j] == u[j - 1]
                out[j] = (
                    out[j - 1]
                    if same
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
    """Matrix from values at Chebyshev nodes cos(pi (k + 1/2)/m) to coefficients, shape (m, m)."""
    k = np.arange(nodes)
    matrix = np.cos(np.pi * np.outer(k, k + 0.5) / nodes) * 2 / nodes
    matrix[0] /= 2
    return matrix


@njit(cache=True, fastmath={"contract"})
def cdf_sums(u, z, weight, before, begin, center, raw):
    """Sum over points of Phi(u - x), for each u; `before[c]` is the weight of the cells left of c."""
    terms = raw.shape[1]
    out = np.empty(len(u))
    root = 1 / math.sqrt(2 * math.pi)
    for i in range(len(u)):
        c = np.searchsorted(center, u[i] - 9.0)
        total = before[c]
        while c < len(center) and center[c] - u[i] <= 9.0:
            if begin[c + 1] - begin[c] < _FEW:
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
