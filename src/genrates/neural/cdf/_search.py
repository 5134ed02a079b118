"""Which units a neural CDF starts from: sought one by one among all places and steepnesses."""

import numpy as np
from scipy.special import ndtr, ndtri

from genrates.neural.cdf._order_statistics import RankedSample
from genrates.neural.cdf._uniformity import ACCEPTED, n_cosines, smooth_statistic

#: places and widths that a unit may have, and the narrowest and widest in standard deviations
_PLACES, _WIDTHS, _NARROWEST, _WIDEST = 64, 10, 0.005, 2.0
#: so many points of the sample are in a unit's reach at least
_FEWEST = 10
#: a unit whose squared length falls below this share beside those chosen is one of them again
_DEPENDENT = 1e-6


def sought_units(
    ranked: RankedSample, k: int, kept: np.ndarray, rng: np.random.Generator, increasing: bool
) -> np.ndarray:
    """At most k tanh units that, beside those kept, leave least of the probit of the ranks, one by one.

    Descent does not find a comb's narrow teeth with units that start between them; a search among all units
    does, by orthogonal least squares: each next unit is the one that takes most of what is left. It ends
    when what is left passes the smooth test. No unit is narrower than its neighboring ranks are far apart,
    or ten points: in a gap between two modes a step of any height and no width would do.

    Parameters
    ----------
    ranked : RankedSample
        Of standardized data.
    k : int
    kept : ndarray of shape (2, units)
        Steepness w and bias b of units tanh(w x + b) that are there already.
    rng : Generator
    increasing : bool
        Only units that are to have a positive weight.

    Returns
    -------
    ndarray of shape (2, at most k)

    References
    ----------
    Chen, Billings and Luo (1989), Int. J. Control 50, 1873.
    """
    probit, root = weighted_probit(ranked)
    candidates = _candidates(ranked, rng)
    n_kept = kept.shape[1]
    steep, bias = np.concatenate([kept, candidates], axis=1)
    units = np.tanh(ranked.x[:, None] * steep + bias)
    left = root[:, None] * np.column_stack([units, np.ones(len(root)), probit])
    size = np.einsum("ij,ij->j", left, left)
    for column in [-2, *range(n_kept)]:
        _remove(left, column, size)
    test = _SmoothTest(ranked)
    chosen: list[int] = []
    while len(chosen) < k and test(ndtr(probit - left[:, -1] / root)) > ACCEPTED:
        length = np.einsum("ij,ij->j", left, left)
        gain = left[:, -1] @ left
        gain = np.maximum(gain, 0.0) if increasing else gain
        new = length > _DEPENDENT * size
        taken = np.where(new, gain**2 / np.where(new, length, 1.0), 0.0)[n_kept:-2]
        best = int(taken.argmax())
        if taken[best] <= 0:
            break
        chosen.append(best)
        _remove(left, n_kept + best, size)
    return candidates[:, chosen]


def weighted_probit(ranked: RankedSample) -> tuple[np.ndarray, np.ndarray]:
    """Probit of k/(N + 1), shape (m,), and the root of the weight that makes its error that of k/(N + 1)."""
    probit = ndtri(np.clip(ranked.expected(), 1e-4, 1 - 1e-4))
    return probit, np.sqrt(ranked.weight) * np.exp(-0.5 * probit**2)


def quantile(ranked: RankedSample, level: np.ndarray) -> np.ndarray:
    """The sample's quantiles, those beyond its ends at its ends."""
    return np.interp(np.clip(level, 0, 1), np.cumsum(ranked.weight), ranked.x)


def _candidates(ranked: RankedSample, rng: np.random.Generator) -> np.ndarray:
    level = (np.arange(_PLACES) + rng.uniform(size=_PLACES)) / _PLACES
    width = np.geomspace(_NARROWEST, _WIDEST, _WIDTHS)[:, None]
    reach = max(1 / len(ranked.x), _FEWEST / 2 / ranked.n)
    apart = quantile(ranked, level + reach) - quantile(ranked, level - reach)
    place = np.broadcast_to(quantile(ranked, level), (_WIDTHS, _PLACES))
    steep = np.broadcast_to(1 / width, place.shape)
    return np.stack([steep, -steep * place])[:, width >= apart]


def _remove(left: np.ndarray, column: int, size: np.ndarray) -> None:
    """Take the direction of one column out of all of them, in place."""
    direction = left[:, column]
    length = direction @ direction
    if length > _DEPENDENT * size[column]:
        left -= np.outer(direction / length, direction @ left)


class _SmoothTest:
    """Neyman's smooth statistic of transforms at the ranks, as :class:`Uniformity` has it for an ensemble."""

    def __init__(self, ranked: RankedSample):
        self.angle = np.pi * np.arange(1, int(n_cosines(ranked.n)) + 1)
        self.weight, self.scale = ranked.weight, np.sqrt(2 * ranked.n)
        self.uniform = self._sums(ranked.expected())

    def __call__(self, h: np.ndarray) -> float:
        return smooth_statistic(self.scale * (self._sums(h) - self.uniform))

    def _sums(self, h: np.ndarray) -> np.ndarray:
        return self.weight @ np.cos(h[:, None] * self.angle)
