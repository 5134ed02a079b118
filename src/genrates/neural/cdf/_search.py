"""The search for the units from which a neural CDF starts, among all places and steepnesses."""

import numpy as np
from scipy.special import ndtr, ndtri

from genrates.neural.cdf._order_statistics import RankedSample
from genrates.neural.cdf._uniformity import ACCEPTED, n_cosines, smooth_statistic

#: number of places and of widths that a unit may have; narrowest and widest width in standard deviations
_PLACES, _WIDTHS, _NARROWEST, _WIDEST = 64, 10, 0.005, 2.0
#: fewest data points within a unit's width
_MIN_POINTS = 10
#: a unit depends on the chosen ones if orthogonalization leaves less than this share of its squared length
_DEPENDENT = 1e-6


def search_units(
    ranked: RankedSample, k: int, kept: np.ndarray, rng: np.random.Generator, increasing: bool
) -> np.ndarray:
    """Choose up to k tanh units that best explain the probit of the ranks, together with the units kept.

    Descent does not find a comb's narrow teeth with units that start between them. A search over all units
    does, by orthogonal least squares: each next unit is the one that reduces the residual most. The search
    ends when the fit passes the smooth test. No unit is narrower than the distance of its neighboring ranks,
    or than ten points: in a gap between two modes a step of any height and zero width would fit.

    Parameters
    ----------
    ranked : RankedSample
        Standardized training set.
    k : int
        Largest number of units.
    kept : ndarray of shape (2, units)
        Steepness w and bias b of units tanh(w x + b) that the network has already.
    rng : Generator
        Jitters the places.
    increasing : bool
        Choose only units whose output weight would be positive.

    Returns
    -------
    ndarray of shape (2, at most k)
        Steepness and bias of the units chosen.

    References
    ----------
    Chen, Billings and Luo (1989), Int. J. Control 50, 1873.
    """
    probit, root = weighted_probit(ranked)
    candidates = _candidate_units(ranked, rng)
    n_kept = kept.shape[1]
    steep, bias = np.concatenate([kept, candidates], axis=1)
    units = np.tanh(ranked.x[:, None] * steep + bias)
    residual = root[:, None] * np.column_stack([units, np.ones(len(root)), probit])
    squares = np.einsum("ij,ij->j", residual, residual)
    for column in [-2, *range(n_kept)]:
        _project_out(residual, column, squares)
    test = _SmoothTest(ranked)
    chosen: list[int] = []
    while len(chosen) < k and test(ndtr(probit - residual[:, -1] / root)) > ACCEPTED:
        length = np.einsum("ij,ij->j", residual, residual)
        gain = residual[:, -1] @ residual
        gain = np.maximum(gain, 0.0) if increasing else gain
        independent = length > _DEPENDENT * squares
        reduction = np.where(independent, gain**2 / np.where(independent, length, 1.0), 0.0)[n_kept:-2]
        best = int(reduction.argmax())
        if reduction[best] <= 0:
            break
        chosen.append(best)
        _project_out(residual, n_kept + best, squares)
    return candidates[:, chosen]


def weighted_probit(ranked: RankedSample) -> tuple[np.ndarray, np.ndarray]:
    """Return the probit of k/(N + 1), and weights that turn its errors into errors of k/(N + 1).

    Parameters
    ----------
    ranked : RankedSample
        Standardized training set.

    Returns
    -------
    probit : ndarray of shape (m,)
    root_weight : ndarray of shape (m,)
        Square roots of the weights.
    """
    probit = ndtri(np.clip(ranked.expected(), 1e-4, 1 - 1e-4))
    return probit, np.sqrt(ranked.weight) * np.exp(-0.5 * probit**2)


def quantile(ranked: RankedSample, level: np.ndarray) -> np.ndarray:
    """Return quantiles of a training set; levels beyond its ends give its extremes.

    Parameters
    ----------
    ranked : RankedSample
        The training set.
    level : ndarray
        Levels.

    Returns
    -------
    ndarray of the same shape
    """
    return np.interp(np.clip(level, 0, 1), np.cumsum(ranked.weight), ranked.x)


def _candidate_units(ranked: RankedSample, rng: np.random.Generator) -> np.ndarray:
    """Return steepness and bias, shape (2, units), of the units that the data can resolve."""
    level = (np.arange(_PLACES) + rng.uniform(size=_PLACES)) / _PLACES
    width = np.geomspace(_NARROWEST, _WIDEST, _WIDTHS)[:, None]
    reach = max(1 / len(ranked.x), _MIN_POINTS / 2 / ranked.n)
    local_width = quantile(ranked, level + reach) - quantile(ranked, level - reach)
    place = np.broadcast_to(quantile(ranked, level), (_WIDTHS, _PLACES))
    steep = np.broadcast_to(1 / width, place.shape)
    return np.stack([steep, -steep * place])[:, width >= local_width]


def _project_out(residual: np.ndarray, column: int, squares: np.ndarray) -> None:
    """Remove the direction of one column from all columns, in place."""
    direction = residual[:, column]
    length = direction @ direction
    if length > _DEPENDENT * squares[column]:
        residual -= np.outer(direction / length, direction @ residual)


class _SmoothTest:
    """Neyman's smooth statistic of transforms at the ranks; :class:`Uniformity` is the same for ensembles."""

    def __init__(self, ranked: RankedSample):
        self.angle = np.pi * np.arange(1, int(n_cosines(ranked.n)) + 1)
        self.weight, self.scale = ranked.weight, np.sqrt(2 * ranked.n)
        self.uniform = self._sums(ranked.expected())

    def __call__(self, h: np.ndarray) -> float:
        """Return the statistic of the transforms h of shape (m,)."""
        return smooth_statistic(self.scale * (self._sums(h) - self.uniform))

    def _sums(self, h: np.ndarray) -> np.ndarray:
        """Return the weighted sums of cos(pi j h)."""
        return self.weight @ np.cos(h[:, None] * self.angle)
