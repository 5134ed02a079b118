"""How many pairs of points lie at which distance: binned, octave by octave of resolution.

Least-squares cross-validation depends on the data through these counts alone. Points are binned linearly
once, on the finest grid; each coarser grid follows from the finer one exactly, since a hat function is a
sum of three narrower ones; an FFT gives each grid's autocorrelation. Where the finest affordable grid is
too coarse, pairs of neighbors are listed one by one.
"""

import numpy as np
from scipy import fft

#: pairs that a sparse level may list at once
_MANY = 1 << 23
_BLOCK = 1 << 15


class _Level:
    """Weights of pairs by lag: `count[l]` at distance l * step, both orders of a pair, self-pairs included.

    `spread` is the variance that binning has added to a distance; `self_count` the self-pairs' part.
    """

    def __init__(self, step, count, self_count, spread):
        self.step, self.count, self.self_count, self.spread = step, count, self_count, spread


def dense_levels(x, weight, images, finest: float, n_levels: int, n_lags: int) -> list[_Level]:
    """Levels with steps finest, 2 finest, ...; finest first.

    Parameters
    ----------
    x : (n,) ascending
    weight : (n,) or None
    images : None or (points, weights) beyond the edges of a bounded support: partners, but no centers
    """
    ends = (x[0], x[-1]) if images is None else (min(x[0], images[0].min()), max(x[-1], images[0].max()))
    n_bins = int((ends[1] - ends[0]) / finest) + 3
    grids = [_bin(x, weight, ends[0], finest, n_bins)]
    if images is not None:
        grids.append(grids[0] + _bin(*images, ends[0], finest, n_bins))
    self_weight = float(len(x) if weight is None else weight @ weight)
    levels = []
    for k in range(n_levels):
        step = finest * 2**k
        size = fft.next_fast_len(len(grids[0]) + n_lags, real=True)
        spectrum = [fft.rfft(g, size) for g in grids]
        count = fft.irfft(spectrum[0] * np.conj(spectrum[-1]), size)
        lags = min(n_lags, len(grids[0]))
        both = count[:lags].copy()
        both[1:] += count[-1:-lags:-1]
        # linear binning spreads a self-pair over the lags -1, 0, 1: on average 1/6, 2/3, 1/6
        self_count = np.zeros(lags)
        self_count[0], self_count[1:2] = 2 / 3 * self_weight, 1 / 3 * self_weight
        levels.append(_Level(step, both, self_count, step**2 / 3))
        grids = [_coarser(g) for g in grids]
    return levels


def sparse_level(x, weight, step: float, n_lags: int) -> _Level | None:
    """One level for sparse points, pair by pair; None if too many lie within n_lags * step of each other."""
    self_weight = float(len(x) if weight is None else weight @ weight)
    position = (x - x[0]) / step
    partners = _partners(position, n_lags)
    merged = 0.0
    if partners.sum() > _MANY // 4:  # clusters: points within a quarter of a step are taken as one
        bins = np.rint(4 * position)
        first = np.flatnonzero(np.concatenate([[True], np.diff(bins) > 0]))
        weight = np.add.reduceat(np.ones(len(x)) if weight is None else weight, first)
        position, merged = bins[first] / 4, float(weight @ weight) - self_weight
        partners = _partners(position, n_lags)
    total = int(partners.sum())
    if total > _MANY:
        return None
    left = np.repeat(np.arange(len(position)), partners)
    right = np.arange(total) - np.repeat(np.cumsum(partners) - partners, partners) + left + 1
    distance = np.minimum(position[right] - position[left], n_lags - 1.001)
    pair = np.full(total, 2.0) if weight is None else 2 * weight[left] * weight[right]
    count = _bin(distance, pair, 0.0, 1.0, n_lags)
    count[0] += merged
    # self-pairs spread as the linear binning of distances spreads the others
    self_count = np.zeros(n_lags)
    self_count[0], self_count[1] = 5 / 6 * self_weight, 1 / 6 * self_weight
    return _Level(step, count + self_count, self_count, step**2 / 6)


def _partners(position, n_lags):
    """How many of the points to the right of each are within n_lags - 1."""
    last = np.searchsorted(position, position + (n_lags - 1))
    return last - np.arange(len(position)) - 1


def close_gaps(x, widest: float):
    """Ascending x with gaps wider than `widest` narrowed to it: no pair closer than that is changed."""
    gap = np.diff(x)
    if not len(gap) or gap.max() <= widest:
        return x
    return np.concatenate([[0.0], np.cumsum(np.minimum(gap, widest))])


def _bin(x, weight, low, step, n_bins):
    """Linear binning. Blocks stay in the cache, and one of sorted points touches few bins."""
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


def _coarser(grid):
    padded = np.concatenate([[0.0], grid, np.zeros(2 + len(grid) % 2)])
    return padded[1:-1:2] + 0.5 * (padded[0:-2:2] + padded[2::2])
