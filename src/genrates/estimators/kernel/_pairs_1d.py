"""Counts of the pairs of points by distance, binned, octave by octave of resolution.

Least-squares cross-validation depends on the data only through these counts. Points are binned linearly once,
on the finest grid. Each coarser grid follows exactly from the finer one, since a hat function is a sum of
three narrower ones. An FFT gives each grid's autocorrelation. Where the finest affordable grid is too coarse,
pairs of neighbors are listed one by one.
"""

import numpy as np
from scipy import fft

#: largest number of pairs that a sparse level may list
_MAX_PAIRS = 1 << 23
_BLOCK = 1 << 15


class _Level:
    """Weights of pairs by lag: `count[l]` at distance l * step.

    Both orders of a pair and self-pairs are included. `spread` is the variance that binning has added to a
    distance. `self_count` is the part of the self-pairs.
    """

    def __init__(self, step, count, self_count, spread):
        self.step, self.count, self.self_count, self.spread = step, count, self_count, spread


def dense_levels(x, weight, images, finest: float, n_levels: int, n_lags: int) -> list[_Level]:
    """Return levels with steps finest, 2 finest, ..., from the autocorrelation of binned points.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Points, ascending.
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    images : (points, weights) or None
        Mirror images beyond the edges of a bounded support. They count as second point of a pair, never as
        first.
    finest : float
        Step of the first level.
    n_levels : int
    n_lags : int
        Lags per level.

    Returns
    -------
    list of _Level
        The finest first.
    """
    ends = (x[0], x[-1]) if images is None else (min(x[0], images[0].min()), max(x[-1], images[0].max()))
    n_bins = int((ends[1] - ends[0]) / finest) + 3
    grids = [bin_linearly(x, weight, ends[0], finest, n_bins)]
    if images is not None:
        grids.append(grids[0] + bin_linearly(*images, ends[0], finest, n_bins))
    self_weight = float(len(x) if weight is None else weight @ weight)
    levels = []
    for k in range(n_levels):
        step = finest * 2**k
        size = fft.next_fast_len(len(grids[0]) + n_lags, real=True)
        spectrum = [fft.rfft(g, size) for g in grids]
        count = fft.irfft(spectrum[0] * np.conj(spectrum[-1]), size)
        lags = min(n_lags, len(grids[0]))
        folded = count[:lags].copy()
        folded[1:] += count[-1:-lags:-1]
        # linear binning spreads a self-pair over the lags -1, 0, 1: on average 1/6, 2/3, 1/6
        self_count = np.zeros(lags)
        self_count[0], self_count[1:2] = 2 / 3 * self_weight, 1 / 3 * self_weight
        levels.append(_Level(step, folded, self_count, step**2 / 3))
        grids = [_coarsen(g) for g in grids]
    return levels


def sparse_level(x, weight, step: float, n_lags: int) -> _Level | None:
    """Return one level for sparse points, pair by pair.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Points, ascending.
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    step : float
        Distance between lags.
    n_lags : int

    Returns
    -------
    _Level or None
        None if too many pairs lie within n_lags * step of each other.
    """
    self_weight = float(len(x) if weight is None else weight @ weight)
    position = (x - x[0]) / step
    n_neighbors = _count_right_neighbors(position, n_lags)
    merged = 0.0
    if n_neighbors.sum() > _MAX_PAIRS // 4:  # clusters: merge points within a quarter of a step
        bins = np.rint(4 * position)
        first = np.flatnonzero(np.concatenate([[True], np.diff(bins) > 0]))
        weight = np.add.reduceat(np.ones(len(x)) if weight is None else weight, first)
        position, merged = bins[first] / 4, float(weight @ weight) - self_weight
        n_neighbors = _count_right_neighbors(position, n_lags)
    total = int(n_neighbors.sum())
    if total > _MAX_PAIRS:
        return None
    left = np.repeat(np.arange(len(position)), n_neighbors)
    right = np.arange(total) - np.repeat(np.cumsum(n_neighbors) - n_neighbors, n_neighbors) + left + 1
    distance = np.minimum(position[right] - position[left], n_lags - 1.001)
    pair = np.full(total, 2.0) if weight is None else 2 * weight[left] * weight[right]
    count = bin_linearly(distance, pair, 0.0, 1.0, n_lags)
    count[0] += merged
    # linear binning spreads the distances of the other pairs, so self-pairs are spread in the same way
    self_count = np.zeros(n_lags)
    self_count[0], self_count[1] = 5 / 6 * self_weight, 1 / 6 * self_weight
    return _Level(step, count + self_count, self_count, step**2 / 6)


def _count_right_neighbors(position, n_lags):
    """Count the points to the right of each within n_lags - 1."""
    last = np.searchsorted(position, position + (n_lags - 1))
    return last - np.arange(len(position)) - 1


def close_gaps(x, widest: float):
    """Narrow the gaps that are wider than `widest` to it.

    No distance shorter than `widest` changes.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Ascending.
    widest : float

    Returns
    -------
    ndarray of shape (n,)
    """
    gap = np.diff(x)
    if not len(gap) or gap.max() <= widest:
        return x
    return np.concatenate([[0.0], np.cumsum(np.minimum(gap, widest))])


def bin_linearly(x, weight, low, step, n_bins):
    """Bin points linearly: each point is shared between the two nearest bins.

    Blocks stay in the cache, and a block of sorted points touches few bins.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Points from `low` to below low + (n_bins - 1) * step.
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    low : float
        Position of the first bin.
    step : float
        Distance between bins.
    n_bins : int

    Returns
    -------
    ndarray of shape (n_bins,)
        Weight of each bin.
    """
    grid = np.zeros(n_bins)
    for start in range(0, len(x), _BLOCK):
        position = (x[start : start + _BLOCK] - low) / step
        j = position.astype(np.int64)
        position -= j
        right = position if weight is None else position * weight[start : start + _BLOCK]
        left = 1 - position if weight is None else weight[start : start + _BLOCK] - right
        first = int(j.min())
        j -= first
        size = int(j.max()) + 1
        grid[first : first + size] += np.bincount(j, left, size)
        right = np.bincount(j, right, size)[: n_bins - 1 - first]
        grid[first + 1 : first + 1 + len(right)] += right
    return grid


def _coarsen(grid):
    """Return the linear binning with twice the step."""
    padded = np.concatenate([[0.0], grid, np.zeros(2 + len(grid) % 2)])
    return padded[1:-1:2] + 0.5 * (padded[0:-2:2] + padded[2::2])
