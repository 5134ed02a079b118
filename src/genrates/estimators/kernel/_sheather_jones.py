"""The improved Sheather-Jones plug-in bandwidth (Botev, Grotowski and Kroese 2010, Algorithm 1).

The squared norm of each derivative of the density is estimated with a bandwidth that depends on the norm of
the next higher derivative. The bandwidth is the fixed point of that chain, without a normal reference. The
norms are sums over the cosine transform of the binned data.
"""

import numpy as np
import scipy
from scipy import fft

from genrates.estimators._numerics.rounding import resolution_of
from genrates.estimators.kernel import _pairs_1d as pairs
from genrates.estimators.kernel._ties import distinct

_STAGES = 7


def improved_sheather_jones(x, weight, size: float) -> float:
    """Return the plug-in bandwidth.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Points, not all equal.
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    size : float
        Effective number of points.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the fixed-point equation has no root, as for very few or mostly tied points.
    """
    v, w, tied = distinct(x, weight)
    resolution = resolution_of(v) if tied else 0.0
    if w is not None and not resolution:
        # repeats add no information: the noise is that of this number of equal weights
        size = float(w.sum() ** 2 / (w @ w))
    v = v - v[0]
    spread = np.subtract(*v[[(3 * len(v)) // 4, len(v) // 4]]) or np.ptp(v)
    # an empty interval adds nothing to the norms: closing it lets the grid resolve the rest of the data
    v = pairs.close_gaps(v, 4 * spread)
    extent = 1.5 * v[-1]
    for n_bins in (1 << 14, 1 << 17, 1 << 20):
        t = _fixed_point(v, w, extent, n_bins, size, resolution)
        if t is not None and np.sqrt(t) * n_bins > 8:
            return float(np.sqrt(t) * extent)
    if t is None:
        raise ValueError(
            "bandwidth='improved_sheather_jones' found no root: it needs more distinct points "
            f"than these {len(v)}; use 'lscv' or 'silverman'."
        )
    return float(np.sqrt(t) * extent)


def _fixed_point(v, w, extent, n_bins, size, resolution):
    """Return the smallest root of the fixed-point equation, (h / extent)^2, or None."""
    grid = pairs.bin_linearly(v, w, -v[-1] / 4, extent / (n_bins - 1), n_bins + 1)[:n_bins]
    coefficient = fft.dct(grid / grid.sum(), type=2)[1:]
    k2 = np.arange(1, n_bins, dtype=np.float64) ** 2
    square = (coefficient / 2) ** 2
    norm = _Norms(k2, square)

    def difference(t):
        return t - norm.stage(t, size)

    # the smallest root, from half a bin (or the resolution of rounded data) upwards
    t = np.geomspace(max(0.5 / n_bins, resolution / extent) ** 2, 0.1, 64)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        value = np.array([difference(s) for s in t])
    change = np.flatnonzero((value[:-1] < 0) & (value[1:] >= 0))
    if not change.size:
        return None
    i = int(change[0])
    return scipy.optimize.brentq(difference, t[i], t[i + 1], xtol=1e-300, rtol=1e-14)


class _Norms:
    """Squared norms of derivatives, from squared frequencies k2 and squared coefficients."""

    def __init__(self, k2, square):
        self.k2, self.square = k2, square

    def norm(self, s: int, t: float) -> float:
        """Return the squared norm of the s-th derivative of the estimate smoothed for the time t."""
        last = np.searchsorted(self.k2, 745 / (np.pi**2 * t)) + 1
        k2 = self.k2[:last]
        # powers as exponentials, so that k^(2 s) cannot overflow before it is damped
        return float(2 * np.pi ** (2 * s) * (np.exp(s * np.log(k2) - k2 * np.pi**2 * t) @ self.square[:last]))

    def stage(self, t: float, size: float) -> float:
        """Return the squared bandwidth at the end of the chain that starts at t: the paper's xi gamma^[l]."""
        f = self.norm(_STAGES, t)
        for s in range(_STAGES - 1, 1, -1):
            odd = np.prod(np.arange(1, 2 * s, 2)) / np.sqrt(2 * np.pi)
            constant = (1 + 0.5 ** (s + 0.5)) / 3
            time = (2 * constant * odd / (size * f)) ** (2 / (3 + 2 * s))
            f = self.norm(s, time)
        return (2 * size * np.sqrt(np.pi) * f) ** (-2 / 5)
