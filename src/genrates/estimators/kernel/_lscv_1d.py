r"""Least-squares cross-validation in one dimension (Rudemo 1982; Bowman 1984).

.. math:: \mathrm{LSCV}(h) = \int \hat f_h^2 - \frac{2}{n} \sum_i \hat f_{h,-i}(x_i),

the lecture's leave-one-out empirical risk. Both parts are sums over pairs, of K*K and of K, and are computed
from the pair counts of :mod:`_pairs_1d`. The minimum is global: every octave of h is searched, from twice the
oversmoothing bandwidth (Terrell 1990) downwards, and the best is refined.
"""

import numpy as np
import scipy
from scipy import fft

from genrates.estimators._numerics.rounding import resolution_of
from genrates.estimators.kernel import _boundary
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel import _pairs_1d as pairs
from genrates.estimators.kernel._ties import distinct

#: bandwidths tried per octave
_PER_OCTAVE = 8


def minimize(x, weight, kernel: str, bounds, size: float) -> float:
    """Return the bandwidth of least risk.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Points, not all equal.
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    kernel : str
    bounds : pair (lower, upper)
        Support, infinite where open.
    size : float
        Effective number of points.

    Returns
    -------
    float

    Notes
    -----
    Exact ties would drive h to 0. If all distances are multiples of a resolution r (rounded data), h stays
    above r/2. Other ties are repeats, and a point is then left out together with its copies.

    The search ends where fewer than a quarter of the points have a neighbor within two bandwidths, since the
    risk is positive from there on. For n > 65 536 it ends at 2^-15 of the range (with gaps closed), unless
    the minimum lies there.
    """
    v, w, tied = distinct(x, weight)
    resolution = resolution_of(v) if tied else 0.0
    if kernel == "sinc":
        return _minimize_sinc(v, w, size, resolution)
    largest = 2.3 * _robust_scale(v, w) * size**-0.2 * kernels.canonical_ratio(kernel, 1)
    bins, radius = _grid_resolution(kernel, len(v))
    images = _images(v, w, bounds, 2 * radius * largest)
    if images is None:
        v -= v[0]
        v = pairs.close_gaps(v, 1.01 * radius * largest)
    risk = _Risk(kernel, w, len(v), resolution > 0)

    def evaluate(level):
        h = level.step * bins * 2 ** np.linspace(1, 0, _PER_OCTAVE + 1)
        h = h[h >= resolution / 2] if resolution else h
        return [(value, bandwidth, level) for value, bandwidth in zip(risk(h, level), h, strict=True)]

    n_lags = int(2 * bins * radius) + 1
    extent = np.ptp(v) if images is None else np.ptp(images[0])
    n_bins_allowed = min(max(16 * len(v), 1 << 12), 1 << 18)
    n_dense = int(max(1, min(12, np.floor(np.log2(n_bins_allowed * largest / 2 / bins / extent)) + 1)))
    levels = pairs.dense_levels(v, w, images, largest / bins / 2**n_dense, n_dense, n_lags)
    candidates = [entry for level in levels for entry in evaluate(level)]
    step = levels[0].step / 2
    while len(v) <= 1 << 16 or min(candidates, key=_value)[1] < 4 * levels[0].step * bins:
        level = pairs.sparse_level(v, w, step, n_lags)
        if level is None:
            break
        candidates += evaluate(level)
        n_close = (level.count - level.self_count)[: int(4.1 * bins) + 1].sum()
        if n_close < 0.5 * risk.total or 2 * step * bins < resolution / 2 or step < 1e-13 * extent:
            break
        step /= 2
    if not candidates:
        return max(resolution / 2, levels[0].step * bins)
    _, h, level = min(candidates, key=_value)
    span = np.log(h) + np.array([-1.0, 1.0]) * np.log(2) / _PER_OCTAVE
    if resolution:
        span = np.maximum(span, np.log(resolution / 2))
    if span[1] - span[0] < 1e-9:
        return float(h)
    best = scipy.optimize.minimize_scalar(
        lambda s: risk(np.array([np.exp(s)]), level)[0],
        bounds=span,
        method="bounded",
        options={"xatol": 1e-7},
    )
    return float(np.exp(best.x))


def _value(entry):
    """Return the risk of a candidate."""
    return entry[0]


class _Risk:
    """LSCV from a level of pair counts, at bandwidths h (k,), shape (k,)."""

    def __init__(self, kernel, weight, n, keep_ties: bool):
        self.kernel = kernel
        self.total = float(n if weight is None else weight.sum())
        square = float(n if weight is None else weight @ weight)
        # rounded data: each repeat leaves out only itself; otherwise all copies of a value are left out
        self.own = self.total / square if keep_ties else 1.0
        self.others = self.total**2 - self.own * square

    def __call__(self, h, level):
        lag = level.step * np.arange(len(level.count))
        other_pairs = level.count - self.own * level.self_count
        if self.kernel == "gaussian":
            # binning has convolved distances with a kernel of variance `spread`: narrow the Gaussian by it
            square_term, cross_term = (
                _normal(lag, 2 * h * h - level.spread),
                _normal(lag, h * h - level.spread),
            )
        else:
            u = lag / h[:, None]
            square_term = kernels.convolution_1d(self.kernel, u) / h[:, None]
            cross_term = kernels.density_1d(self.kernel, u) / h[:, None]
        return square_term @ level.count / self.total**2 - 2 * cross_term @ other_pairs / self.others


def _normal(lag, variance):
    """Return the normal densities at the lags, one row for each variance."""
    v = variance[:, None]
    return np.exp(-0.5 * lag**2 / v) / np.sqrt(2 * np.pi * v)


def _grid_resolution(kernel, n):
    """Return the bins per bandwidth, and the distance in bandwidths beyond which K*K is negligible."""
    if kernel in kernels.COMPACT:
        return 32, 2.0
    bins = {"gaussian": 8 if n > 20_000 else 24, "gaussian4": 16, "exponential": 32}[kernel]
    return bins, {"gaussian": 8.5, "gaussian4": 9.5, "exponential": 25.0}[kernel]


def _robust_scale(v, w) -> float:
    """Return the smaller of the standard deviation and 1.5 interquartile ranges, which bounds the search."""
    if w is None:
        sd, quartiles = v.std(), (v[len(v) // 4], v[(3 * len(v)) // 4])
    else:
        share = np.cumsum(w) / w.sum()
        mean = w @ v / w.sum()
        sd = np.sqrt(w @ (v - mean) ** 2 / w.sum())
        quartiles = v[np.minimum(np.searchsorted(share, [0.25, 0.75]), len(v) - 1)]
    robust = 1.5 * float(quartiles[1] - quartiles[0])
    return min(float(sd), robust) if robust > 0 else float(sd)


def _images(v, w, bounds, depth):
    """Return mirror images beyond finite edges, which keep the estimate smooth there; None without edges."""
    if not np.any(np.isfinite(bounds)):
        return None
    weight = np.ones(len(v)) if w is None else w
    points, weights = _boundary.reflect(v[:, None], weight, [bounds], np.array([depth]))
    return points[len(v) :, 0], weights[len(v) :]


def _minimize_sinc(v, w, size, resolution) -> float:
    """Return the bandwidth of least risk for the sinc kernel, from the frequencies that it keeps.

    The sinc kernel keeps |t| < 1/h. Up to a constant the risk is minus an integral over these frequencies.

    Returns
    -------
    float
    """
    if w is not None and not resolution:
        size = float(w.sum() ** 2 / (w @ w))  # repeats add no information
    extent = np.ptp(v)
    step = extent / min(1 << 18, 64 * len(v))
    grid = pairs.bin_linearly(v, w, v[0], step, int(extent / step) + 3)
    n_fft = fft.next_fast_len(max(4 * len(grid), 1 << 17), real=True)
    total = float(len(v) if w is None else w.sum())
    t = 2 * np.pi * np.arange(n_fft // 2 + 1) / (n_fft * step)
    damping = np.sinc(t * step / (2 * np.pi)) ** 2
    power = np.abs(fft.rfft(grid, n_fft) / total / damping) ** 2
    inner = t * max(step, resolution / np.pi) < 1.0
    kept = (size + 1) / (size - 1) * power[inner] - 2 / (size - 1)
    risk = -np.cumsum(0.5 * (kept[1:] + kept[:-1]))
    return float(1 / t[1 + np.argmin(risk)])
