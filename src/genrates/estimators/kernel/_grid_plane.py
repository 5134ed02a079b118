"""Gaussian sums in the plane on a fine grid, for many points and queries at a given relative accuracy.

Points are spread over 6 x 6 grid points, and queries are read from 6 x 6 grid points, with Lagrange's
weights. This amounts to interpolating the kernel. At distance u (in bandwidths) the relative error of the
interpolated kernel is at most 0.0195 (s u)^6, where s is the grid's spacing. The spacing is chosen for u =
5.5, beyond which a pair hardly counts. A query whose sum is too small for that, or for the FFT's rounding,
needs the tree instead.
"""

import math

import numpy as np
from numba import njit
from scipy import fft

_FAR = 5.5
_MAX_CELLS = 1 << 23


def log_sums(points, weight, mass: float, queries, rtol: float):
    """Return the logs of the sums of w exp(-|q - x|^2 / 2).

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        In bandwidths.
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    mass : float
        Sum of the weights.
    queries : ndarray of shape (m, 2)
        In bandwidths.
    rtol : float
        Relative accuracy, positive.

    Returns
    -------
    ndarray of shape (m,) or None
        In nats; nan where the grid is not accurate enough. None if the grid would be too large.
    """
    spacing = (rtol / 4 / 0.0195) ** (1 / 6) / _FAR
    low = np.minimum(points.min(axis=0), queries.min(axis=0)) - 3 * spacing
    extent = np.maximum(points.max(axis=0), queries.max(axis=0)) - low
    if not np.prod(extent / spacing + 8) <= _MAX_CELLS:
        return None
    shape = tuple((extent / spacing).astype(np.int64) + 8)
    grid = np.zeros(shape)
    _spread(points, np.empty(0) if weight is None else weight, low, 1 / spacing, grid)
    reach = int(8.5 / spacing) + 1
    sizes = [fft.next_fast_len(s + reach, real=True) for s in shape]
    spectrum = fft.rfft2(grid, sizes)
    u, v = (np.minimum(np.arange(s), s - np.arange(s)) * spacing for s in sizes)
    kernel = [np.where(t <= 8.5, np.exp(-0.5 * t * t), 0.0) for t in (u, v)]
    spectrum *= fft.fft(kernel[0]).real[:, None]
    spectrum *= fft.rfft(kernel[1]).real
    total = fft.irfft2(spectrum, sizes)
    out = _interpolate(queries, low, 1 / spacing, total)
    floor = max(mass * math.exp(-0.5 * _FAR**2), 1e-14 / rtol * float(total.max()))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(out >= floor, np.log(out), np.nan)


@njit(cache=True)
def _lagrange(t, w):
    """Write the weights of the nodes -2, ..., 3 at t in [0, 1) to w."""
    a, b, c, d, e = t + 2, t + 1, t - 1, t - 2, t - 3
    w[0] = -b * t * c * d * e / 120
    w[1] = a * t * c * d * e / 24
    w[2] = -a * b * c * d * e / 12
    w[3] = a * b * t * d * e / 12
    w[4] = -a * b * t * c * e / 24
    w[5] = a * b * t * c * d / 120


@njit(cache=True)
def _spread(points, weight, low, scale, grid):
    """Add the weight of each point to the 6 x 6 grid points around it."""
    wx, wy = np.empty(6), np.empty(6)
    for i in range(len(points)):
        x, y = (points[i, 0] - low[0]) * scale, (points[i, 1] - low[1]) * scale
        a, b = int(x), int(y)
        _lagrange(x - a, wx)
        _lagrange(y - b, wy)
        w = weight[i] if len(weight) else 1.0
        for j in range(6):
            for k in range(6):
                grid[a - 2 + j, b - 2 + k] += w * wx[j] * wy[k]


@njit(cache=True)
def _interpolate(queries, low, scale, grid):
    """Interpolate the grid at each query."""
    out = np.empty(len(queries))
    wx, wy = np.empty(6), np.empty(6)
    for i in range(len(queries)):
        x, y = (queries[i, 0] - low[0]) * scale, (queries[i, 1] - low[1]) * scale
        a, b = int(x), int(y)
        _lagrange(x - a, wx)
        _lagrange(y - b, wy)
        total = 0.0
        for j in range(6):
            for k in range(6):
                total += grid[a - 2 + j, b - 2 + k] * wx[j] * wy[k]
        out[i] = total
    return out
