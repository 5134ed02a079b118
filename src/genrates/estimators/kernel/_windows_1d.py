"""Sums on the line for the kernels other than the Gaussian, over sorted points."""

import math

import numpy as np
from numba import njit

CODES = {"tophat": 0, "epanechnikov": 1, "linear": 2, "cosine": 3}


@njit(cache=True)
def cdf_compact(code, u, z, weight, before):
    """Return the sum over points of w times the kernel's distribution function at u - z, for each u.

    Parameters
    ----------
    code : int
        The kernel's number in `CODES`.
    u : ndarray of shape (m,)
        Queries, in bandwidths.
    z : ndarray of shape (n,)
        Points, ascending, in bandwidths.
    weight : ndarray of shape (n,) or (0,)
        Empty: all weights are 1.
    before : ndarray of shape (n + 1,)
        Weight of the first i points.

    Returns
    -------
    ndarray of shape (m,)
    """
    out = np.empty(len(u))
    for q in range(len(u)):
        first = np.searchsorted(z, u[q] - 1.0)
        last = np.searchsorted(z, u[q] + 1.0)
        total = 0.0
        for i in range(first, last):
            c = min(max(u[q] - z[i], -1.0), 1.0)
            if code == 0:
                part = 0.5 * (1 + c)
            elif code == 1:
                part = 0.25 * (2 + 3 * c - c * c * c)
            elif code == 2:
                part = 0.5 + c - 0.5 * c * abs(c)
            else:
                part = 0.5 * (1 + math.sin(0.5 * math.pi * c))
            total += part * weight[i] if len(weight) else part
        out[q] = before[first] + total
    return out


@njit(cache=True)
def decayed_sums(z, weight):
    """Return the one-sided sums of w exp(-distance) at each point.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Points, ascending, in bandwidths.
    weight : ndarray of shape (n,) or (0,)
        Empty: all weights are 1.

    Returns
    -------
    left : ndarray of shape (n,)
        Sum over the points up to this one.
    right : ndarray of shape (n,)
        Sum over the points from this one on.
    """
    n = len(z)
    left, right = np.empty(n), np.empty(n)
    total = 0.0
    for i in range(n):
        if i > 0:
            total *= math.exp(z[i - 1] - z[i])
        total += weight[i] if len(weight) else 1.0
        left[i] = total
    total = 0.0
    for i in range(n - 1, -1, -1):
        if i < n - 1:
            total *= math.exp(z[i] - z[i + 1])
        total += weight[i] if len(weight) else 1.0
        right[i] = total
    return left, right


def log_one_sided_sums(u, z, left, right):
    """Return the logs of the one-sided sums of w exp(-|u - z|), in O(log n) a query.

    Parameters
    ----------
    u : ndarray of shape (m,)
        Queries, in bandwidths.
    z : ndarray of shape (n,)
        Points, ascending, in bandwidths.
    left, right : ndarray of shape (n,)
        Sums from `decayed_sums`.

    Returns
    -------
    log_below : ndarray of shape (m,)
        Over the points at or below u, in nats.
    log_above : ndarray of shape (m,)
        Over the points above u, in nats.
    j : ndarray of shape (m,)
        Number of points at or below u.
    """
    j = np.searchsorted(z, u, side="right")
    below, above = np.maximum(j - 1, 0), np.minimum(j, len(z) - 1)
    log_below = np.where(j > 0, np.log(left[below]) - (u - z[below]), -np.inf)
    log_above = np.where(j < len(z), np.log(right[above]) - (z[above] - u), -np.inf)
    return log_below, log_above, j
