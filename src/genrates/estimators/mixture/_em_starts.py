"""Where EM starts, and the fit that comes of it: k-means++, and mixtures grown by one component at a time."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from genrates.estimators.mixture._em import Parameters, features, n_features

_SHORT = 30  # E-steps of a try
_CANDIDATES = 32  # for each further component
_CANDIDATE_STEPS = 10
_MOST_GROWN = 20  # components; beyond, the chain of growth costs more than it gives


@dataclass(frozen=True)
class Settings:
    """How EM is to be run; `floor` is a variance, in units of the columns'; `n_rows` is of a line alone."""

    full: bool
    floor: float
    tol: float
    max_iter: int
    n_init: int
    n_rows: int = 0


def best_try(run, rows, fewer, k: int, rng: np.random.Generator, settings: Settings, smaller=None):
    """Parameters of the most likely of some starts after a few steps of `run` on `rows`.

    `rows` and `fewer`, for growth, are (columns, weight); `smaller` is a fit of k - 1 components, if there
    is one, to grow from.
    """
    brief = {"floor": settings.floor, "tol": max(settings.tol, 1e-4), "max_iter": _SHORT}
    starts = [
        _hard_start(*rows, plus_plus(*rows, k, rng), settings)
        for _ in range(1 if k == 1 else settings.n_init)
    ]
    tries = [run(*rows, start, **brief) for start in starts]
    if 1 < k <= _MOST_GROWN:
        if smaller is None:
            smaller = _hard_start(*fewer, np.zeros((1, len(fewer[0]))), settings)
            for _ in range(2, k):
                smaller = run(*fewer, _grown(*fewer, smaller, rng, settings), **brief)[0]
        tries.append(run(*rows, _grown(*fewer, smaller, rng, settings), **brief))
    return max(tries, key=lambda found: found[1])[0]


def plus_plus(columns: np.ndarray, weight: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """k-means++ centers (k, d): each next point drawn with probability ~ weight x squared distance."""
    chosen = np.empty((k, len(columns)))
    nearest = np.full(columns.shape[1], np.inf)
    mass = weight
    for j in range(k):
        chosen[j] = columns[:, _pick(mass, rng.random())]
        nearest = np.minimum(nearest, ((columns - chosen[j][:, None]) ** 2).sum(axis=0))
        mass = weight * nearest
        if not mass.any():  # fewer distinct points than components: repeat some
            mass = weight
    return chosen


def _pick(mass: np.ndarray, uniform: float) -> int:
    level = np.cumsum(mass)
    return min(int(np.searchsorted(level, uniform * level[-1], side="right")), len(level) - 1)


def _hard_start(columns, weight, centers, settings: Settings) -> Parameters:
    """Parameters from assigning each point to its nearest center (k, d)."""
    d, k = len(columns), len(centers)
    distance = (centers**2).sum(axis=1)[:, None] - 2 * centers @ columns
    member = (distance.argmin(axis=0) == np.arange(k)[:, None]) * weight
    phi = features(columns, settings.full, np.empty((n_features(d, settings.full), columns.shape[1])))
    spread = np.ones((k, d)) if not settings.full else np.tile(np.eye(d), (k, 1, 1))
    return Parameters(np.full(k, 1 / k), centers, spread).updated(member @ phi.T, settings.floor)


def _grown(columns, weight, old: Parameters, rng: np.random.Generator, settings: Settings) -> Parameters:
    """One more component, where it gains most (Verbeek, Vlassis and Krose 2003).

    Candidates start as balls of random sizes at random points; EM on each one's own parameters, the old
    mixture held fixed, runs for all of them at once.
    """
    d, k = old.means.shape[1], len(old.weights)
    # the rows are sorted: evenly spread levels are spread over the data
    levels = (np.arange(_CANDIDATES) + rng.random(_CANDIDATES)) / _CANDIDATES
    centers = columns[:, np.minimum(np.searchsorted(np.cumsum(weight), levels), columns.shape[1] - 1)].T
    variance = np.exp(2 * rng.uniform(np.log(0.03), np.log(0.6), _CANDIDATES))
    if d == 1:
        where, width = _surplus(columns[0], weight, old, settings.n_rows, _CANDIDATES // 2)
        centers[: len(where), 0], variance[: len(where)] = where, np.maximum(width**2, settings.floor)
    spread = variance[:, None] * np.ones(d)
    if settings.full:
        spread = spread[:, :, None] * np.eye(d)
    share = np.full(_CANDIDATES, 1 / (k + 1))
    candidates = Parameters(np.ones(_CANDIDATES), centers, spread)
    phi = features(columns, settings.full, np.empty((n_features(d, settings.full), columns.shape[1])))
    old_log = np.logaddexp.reduce(old.coefficients() @ phi, axis=0)
    for _ in range(_CANDIDATE_STEPS):
        ratio = candidates.coefficients() @ phi
        ratio -= old_log
        ratio += np.log(share / (1 - share))[:, None]
        np.exp(np.minimum(ratio, 700.0, out=ratio), out=ratio)  # responsibilities to 1e-300, no overflow
        gain = np.log1p(-share) + np.log1p(ratio) @ weight
        ratio /= 1 + ratio
        ratio *= weight
        statistics = ratio @ phi.T
        share = np.clip(statistics[:, 0], 1e-9, 1 - 1e-9)
        updated = candidates.updated(statistics, settings.floor)
        candidates = Parameters(np.ones(_CANDIDATES), updated.means, updated.covariances)
    # what holds fewer rows than a normal has parameters is chance, and would shrink to the floor
    gain[share * columns.shape[1] < len(phi)] -= 1e300
    best = int(np.argmax(gain))
    return Parameters(
        np.append(old.weights * (1 - share[best]), share[best]),
        np.vstack([old.means, candidates.means[[best]]]),
        np.concatenate([old.covariances, candidates.covariances[[best]]]),
    )


def _surplus(x, weight, old: Parameters, n_rows: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Centers and standard deviations of the stretches of sorted x that hold most more than `old` expects.

    Stretches of a half, a quarter, ... of the points, each also shifted by half its length; what a stretch of
    share p, where the mixture has q, would gain alone is p log(p/q) - p + q for each of the n rows. Random
    candidates do not meet a peak of a hundredth of the mass and of the width. But among so many stretches
    some hold a few rows by chance: one counts from 3/2 log(n) nats, BIC's price, and the logarithm of the
    stretches' number on.
    """
    level = np.concatenate([[0.0], np.cumsum(weight)])
    first, last = [], []
    length = len(x) // 2
    while length >= 4:
        start = np.arange(0, len(x) - length + 1, max(length // 2, 1))
        first.append(start)
        last.append(start + length - 1)
        length //= 2
    if not first:
        return np.empty(0), np.empty(0)
    first, last = np.concatenate(first), np.concatenate(last)
    share, width = level[last + 1] - level[first], x[last] - x[first]
    sds = np.sqrt(old.covariances.reshape(len(old.weights)))[:, None]
    expected = old.weights @ (ndtr((x[last] - old.means) / sds) - ndtr((x[first] - old.means) / sds))
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(share > expected, share * np.log(share / expected) - share + expected, 0.0)
    chance = 1.5 * np.log(n_rows) + np.log(len(gain))
    best = np.argsort(-gain, kind="stable")[:most]
    best = best[(n_rows * gain[best] > chance) & np.isfinite(gain[best]) & (width[best] > 0)]
    return 0.5 * (x[first] + x[last])[best], width[best] / np.sqrt(12)
