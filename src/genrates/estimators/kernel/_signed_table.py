"""Sums of a kernel of order above two on a fine regular grid, for any number of points.

Points are gathered at their nearest grid point as moments of the offset t. The series K(q - c - t) =
sum_k (-t)^k/k! K^(k)(q - c) turns the sum into a few convolutions. With 16 grid points per bandwidth seven
terms leave an error of 1e-13 of the kernel's height.
"""

import math

import numpy as np
from scipy import fft

PER_BANDWIDTH = 16
_TERMS = 7
_MAX_SIZE = 1 << 20


def table(points, weight, low: float, high: float, h: float, kernel: str):
    """Return a grid and sum_i w_i K((grid - x_i)/h) on it.

    Parameters
    ----------
    points : ndarray of shape (n,)
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    low, high : float
        Ends that the grid covers. It covers all points as well.
    h : float
        Bandwidth.
    kernel : {"gaussian4", "sinc"}

    Returns
    -------
    grid : ndarray of shape (m,)
    value : ndarray of shape (m,)

    Raises
    ------
    ValueError
        If the range is too many bandwidths wide for the table.
    """
    step = h / PER_BANDWIDTH
    # points beyond [low, high] count too, so the grid covers them
    start = min(low, float(points.min()))
    stop = max(high, float(points.max()))
    size = int(np.ceil((stop - start) / step)) + 8
    if size > _MAX_SIZE:
        raise ValueError(
            f"kernel={kernel!r} needs the range of the data within {_MAX_SIZE // PER_BANDWIDTH} bandwidths, "
            f"got {(stop - start) / h:.3g}; take a larger bandwidth or kernel='gaussian'."
        )
    position = (points - start) / step
    j = np.rint(position).astype(np.int64)
    t = (position - j) / PER_BANDWIDTH
    u = np.arange(size) / PER_BANDWIDTH
    n_fft = fft.next_fast_len(2 * size, real=True)
    total = 0.0
    power = np.ones(len(points)) if weight is None else weight.astype(np.float64)
    for k, derivative in enumerate(_derivatives(kernel, u)):
        moments = np.bincount(j, power, size)
        wrapped = np.zeros(n_fft)
        wrapped[:size] = derivative
        wrapped[n_fft - size + 1 :] = (-1) ** k * derivative[:0:-1]
        total = total + (-1) ** k / math.factorial(k) * fft.rfft(moments, n_fft) * fft.rfft(wrapped)
        power = power * t
    value = fft.irfft(total, n_fft)[:size]
    grid = start + step * np.arange(size)
    return grid, value


def _derivatives(kernel, u):
    """Return K^(k)(u) for k = 0, ..., at u >= 0."""
    if kernel == "gaussian4":  # K = phi - phi''/2 and phi^(k) = (-1)^k He_k phi
        phi = np.exp(-0.5 * u * u) / math.sqrt(2 * math.pi)
        hermite = [np.ones_like(u), u]
        for k in range(1, _TERMS + 2):
            hermite.append(u * hermite[k] - k * hermite[k - 1])
        return [(-1) ** k * phi * (hermite[k] - 0.5 * hermite[k + 2]) for k in range(_TERMS)]
    # sinc: K^(k)(u) = Re(i^k I_k)/pi with I_k = int_0^1 s^k e^(i u s) ds; by parts where u is not small
    out = np.empty((_TERMS, len(u)))
    small = np.searchsorted(u, 12.0)
    node, node_weight = np.polynomial.legendre.leggauss(32)
    s = 0.5 * (node + 1)
    wave = np.exp(1j * np.outer(u[:small], s)) * (0.5 * node_weight)
    far = u[small:]
    integral = 0.0
    for k in range(_TERMS):
        integral = (np.exp(1j * far) - (1.0 if k == 0 else k * integral)) / (1j * far)
        out[k, :small] = (1j**k * (wave @ s**k)).real / math.pi
        out[k, small:] = (1j**k * integral).real / math.pi
    return out
