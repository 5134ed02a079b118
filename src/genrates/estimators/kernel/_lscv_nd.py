"""Least-squares cross-validation in two and more dimensions: one factor times the columns' scales.

In units of the standard deviations the product Gaussian is radial, so the risk depends only on the histogram
of the pair distances. For small n it comes from all pairs, and in two dimensions from a binned
autocorrelation. Otherwise the factor is the geometric mean over disjoint subsets, rescaled from their size m
to n by (m/n)^(1/(d + 4)) (bagged cross-validation: Hall and Robinson 2009).
"""

import numpy as np
import scipy
from scipy import fft

#: largest number of points for which all pairs are formed
_MAX_POINTS = 3000
_SUBSETS = 4
#: smallest number of grid steps per bandwidth in two dimensions
_MIN_STEPS = 4
#: largest number of grid steps along an axis
_MAX_GRID = 2048
#: largest number of octaves above the usual bound
_MAX_OCTAVES = 20


def minimize(Z, weight, size: float) -> float:
    """Return the bandwidth factor of least risk.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Points in units of the standard deviations.
    weight : ndarray of shape (n,) or None
        Weights act as repeats. None gives every point the weight 1.
    size : float
        Effective number of points.

    Returns
    -------
    float
        Factor of the standard deviations.
    """
    n, d = Z.shape
    total = float(n if weight is None else weight.sum())
    if n <= _MAX_POINTS:
        return _argmin(_Radial(*_all_pairs(Z, weight), total, _sum_of_squares(n, weight), d), size)
    if d == 2:
        h = _binned_plane(Z, weight, total, size)
        if h is not None:
            return h
    return _bagged(Z, weight, size)


def _sum_of_squares(n, weight):
    """Return the sum of the squared weights."""
    return float(n if weight is None else weight @ weight)


class _Radial:
    """LSCV as a function of h, from the pair distances.

    The risk is a sum of three terms c exp(l). In many dimensions only the logarithms fit into a double, so
    risks are compared by their signs and logarithms, and computed in a unit.

    Parameters
    ----------
    r : ndarray of shape (k,)
        Distances of distinct points.
    count : ndarray of shape (k,)
        Weight of the pairs at each distance, both orders of a pair included.
    total : float
        Sum of the weights.
    square : float
        Sum of the squared weights.
    d : int
    spread : float, default=0.0
        Variance that binning has added to each coordinate of a distance.
    """

    def __init__(self, r, count, total, square, d, spread=0.0):
        self.r2, self.count, self.total, self.square, self.d, self.spread = (
            r * r,
            count,
            total,
            square,
            d,
            spread,
        )

    def _terms(self, h: float) -> tuple[np.ndarray, np.ndarray]:
        """Return c and l of the terms: pairs of a point with itself, pairs of points, and leave-one-out."""
        own = -0.5 * self.d * np.log(4 * np.pi * h * h)
        fit, log_fit = self._gaussian_sum(2 * h * h - self.spread)
        cross, log_cross = self._gaussian_sum(h * h - self.spread)
        others = self.total**2 - self.square
        c = np.array([self.square / self.total**2, fit / self.total**2, -2 * cross / others])
        return c, np.array([own, log_fit, log_cross])

    def rank(self, h: float) -> tuple[float, float]:
        """Return a pair that orders risks: the sign, and the sign times the log of the absolute value.

        Parameters
        ----------
        h : float
            Bandwidth.

        Returns
        -------
        tuple of float
        """
        c, log = self._terms(h)
        unit = float(log.max())
        risk = float(c @ np.exp(log - unit))
        sign = float(np.sign(risk))
        return sign, sign * (np.log(abs(risk)) + unit) if sign else 0.0

    def __call__(self, h: float, log_unit: float = 0.0) -> float:
        """Return the risk in units of exp(log_unit)."""
        c, log = self._terms(h)
        return float(c @ np.exp(log - log_unit))

    def _gaussian_sum(self, variance):
        """Return the sum of the Gaussian with this variance over the pairs: a factor and a logarithm."""
        nearest = self.r2.min()
        near = self.r2 < nearest + 72 * variance
        part = np.exp(-0.5 * (self.r2[near] - nearest) / variance) @ self.count[near]
        return float(part), -0.5 * (self.d * np.log(2 * np.pi * variance) + nearest / variance)


def _all_pairs(Z, weight):
    """Return the distances of all pairs of distinct points, and the weight of the pairs at each.

    Distances are binned linearly on a logarithmic grid.

    Returns
    -------
    r : ndarray of shape (k,)
    count : ndarray of shape (k,)
    """
    n, d = Z.shape
    total_count = None
    for start in range(0, n, 512):
        square = np.zeros((min(512, n - start), n))
        for j in range(d):
            square += (Z[start : start + 512, j, None] - Z[:, j]) ** 2
        with np.errstate(divide="ignore"):
            position = (0.5 * np.log(square) + 35) * 512
        keep = np.isfinite(position) & (position > 0)
        w = np.ones_like(square) if weight is None else weight[start : start + 512, None] * weight
        kept_position, w = position[keep], w[keep]
        j = kept_position.astype(np.int64)
        part = (kept_position - j) * w
        count = np.bincount(j, w - part, 40000)[:40000]
        count[1:] += np.bincount(j, part, 40000)[: 40000 - 1]
        total_count = count if total_count is None else total_count + count
    used = np.flatnonzero(total_count)
    return np.exp(used / 512 - 35), total_count[used]


def _argmin(risk, size, low=1 / 64) -> float:
    """Return the bandwidth of least risk on a grid, refined."""
    largest = 2.0 * size ** (-1 / (risk.d + 4))
    octaves = np.arange(0.0, np.log2(low) - 0.01, -0.125)
    grid = largest * 2**octaves
    ranks = [risk.rank(h) for h in grid]
    # The bound holds where n is large beside the dimension. The risk rises to zero far above the minimum.
    for _ in range(_MAX_OCTAVES):
        if min(ranks) < ranks[0]:
            break
        above = grid[0] * 2.0 ** np.arange(1, 0, -0.125)
        grid, ranks = np.concatenate([above, grid]), [risk.rank(h) for h in above] + ranks
    return _refine(risk, grid, ranks)


def _refine(risk, grid, ranks) -> float:
    """Return the bandwidth of least risk around the best of the grid."""
    best = min(range(len(grid)), key=lambda i: ranks[i])
    h, (sign, rank) = grid[best], ranks[best]
    span = np.log(h) + np.array([-0.125, 0.125]) * np.log(2)
    best = scipy.optimize.minimize_scalar(
        lambda s: risk(float(np.exp(s)), sign * rank), bounds=span, method="bounded", options={"xatol": 1e-6}
    )
    return float(np.exp(best.x))


def _binned_plane(Z, weight, total, size):
    """Search octaves of h downwards until the minimum is passed; None if the grid gets too large first."""
    extent = np.ptp(Z, axis=0).max()
    step = 1.0 * size ** (-1 / 6) / _MIN_STEPS  # this octave: h from 4 to 8 steps
    best = None
    for octave in range(9):
        if extent / step > _MAX_GRID:
            return best[1] if best is not None and best[2] < octave - 1 else None
        risk = _plane_risk(Z, weight, total, step)
        grid = step * _MIN_STEPS * 2 ** np.arange(1, -0.01, -0.125)
        ranks = [risk.rank(h) for h in grid]
        if best is None or min(ranks) < best[0]:
            best = (min(ranks), _refine(risk, grid, ranks), octave)
        elif octave >= best[2] + 3:
            break
        step /= 2
    return best[1]


def _plane_risk(Z, weight, total, step):
    """Return the risk in two dimensions from pairs binned with this step."""
    position = (Z - Z.min(axis=0)) / step
    cell = position.astype(np.int64)
    part = position - cell
    shape = tuple(cell.max(axis=0) + 2)
    w = np.ones(len(Z)) if weight is None else weight
    grid = np.zeros(shape[0] * shape[1])
    for a in (0, 1):
        for b in (0, 1):
            corner_weight = w * (part[:, 0] if a else 1 - part[:, 0]) * (part[:, 1] if b else 1 - part[:, 1])
            grid += np.bincount((cell[:, 0] + a) * shape[1] + cell[:, 1] + b, corner_weight, len(grid))
    lags = int(8.5 * 2 * _MIN_STEPS) + 1
    size = [fft.next_fast_len(s + lags, real=True) for s in shape]
    count = fft.irfft2(np.abs(fft.rfft2(grid.reshape(shape), size)) ** 2, size)
    i = np.arange(-lags, lags + 1)
    i, j = i[np.abs(i) < shape[0]], i[np.abs(i) < shape[1]]
    window = count[np.ix_(i, j)]
    square = _sum_of_squares(len(Z), weight)
    # linear binning spreads a self-pair over lags -1, 0, 1 of each axis
    own_i = np.where(i == 0, 2 / 3, np.where(np.abs(i) == 1, 1 / 6, 0))
    own_j = np.where(j == 0, 2 / 3, np.where(np.abs(j) == 1, 1 / 6, 0))
    window = window - square * np.outer(own_i, own_j)
    r2 = (i[:, None] ** 2 + j**2).ravel()
    merged = np.bincount(r2, window.ravel())
    used = np.flatnonzero(merged)
    return _Radial(step * np.sqrt(used), merged[used], total, square, 2, spread=step**2 / 3)


def _bagged(Z, weight, size) -> float:
    """Return the geometric mean of the subsets' factors."""
    n, d = Z.shape
    m = min(_MAX_POINTS, n // _SUBSETS)
    # golden-ratio steps spread each subset evenly over the rows, without random numbers
    rows = np.argsort((np.arange(n) * 0.6180339887498949) % 1.0)
    factors = []
    for k in range(_SUBSETS):
        part = rows[k * m : (k + 1) * m]
        w = None if weight is None else weight[part]
        total = float(m if w is None else w.sum())
        part_size = size * total / float(n if weight is None else weight.sum())
        risk = _Radial(*_all_pairs(Z[part], w), total, _sum_of_squares(m, w), d)
        factors.append(_argmin(risk, part_size) * (part_size / size) ** (1 / (d + 4)))
    return float(np.exp(np.mean(np.log(factors))))
