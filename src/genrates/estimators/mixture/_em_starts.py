"""Starts of EM: k-means++, and mixtures grown by one component at a time."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from genrates.estimators.mixture._em import MixtureParameters, features, n_features

_SHORT_STEPS = 30  # E-steps from each start
_N_CANDIDATES = 32  # for each further component
_CANDIDATE_STEPS = 10
_MAX_GROWN = 20  # components; growing more of them costs more than it gains


@dataclass(frozen=True)
class Settings:
    """Settings of EM.

    Parameters
    ----------
    full : bool
        Whether covariances are matrices.
    floor : float
        Smallest variance of a component, in units of the columns' variances.
    tol : float
        Gain in mean log-likelihood, in nats, below which EM has converged.
    max_iter : int
        Largest number of E-steps.
    n_init : int
        Number of k-means++ starts.
    n_rows : int, default=0
        Number of rows before condensing; used in one dimension only.
    """

    full: bool
    floor: float
    tol: float
    max_iter: int
    n_init: int
    n_rows: int = 0


def best_try(run, rows, small_rows, k: int, rng: np.random.Generator, settings: Settings, smaller=None):
    """Return the most likely mixture of several starts after a few EM steps.

    Parameters
    ----------
    run : callable
        EM, such as :func:`genrates.estimators.mixture._em.run`.
    rows : tuple
        Columns (d, n) and weights (n,) on which starts are compared.
    small_rows : tuple
        Columns and weights on which a mixture is grown.
    k : int
        Number of components.
    rng : numpy.random.Generator
        Source of random numbers.
    settings : Settings
        How EM is run.
    smaller : MixtureParameters, default=None
        A fit of k - 1 components to grow from; None grows one from a single normal.

    Returns
    -------
    MixtureParameters
        The best mixture.
    """
    short_limits = {"floor": settings.floor, "tol": max(settings.tol, 1e-4), "max_iter": _SHORT_STEPS}
    starts = [
        _hard_start(*rows, plus_plus(*rows, k, rng), settings)
        for _ in range(1 if k == 1 else settings.n_init)
    ]
    tries = [run(*rows, start, **short_limits) for start in starts]
    if 1 < k <= _MAX_GROWN:
        if smaller is None:
            smaller = _hard_start(*small_rows, np.zeros((1, len(small_rows[0]))), settings)
            for _ in range(2, k):
                smaller = run(
                    *small_rows, _with_new_component(*small_rows, smaller, rng, settings), **short_limits
                )[0]
        tries.append(run(*rows, _with_new_component(*small_rows, smaller, rng, settings), **short_limits))
    return max(tries, key=lambda found: found[1])[0]


def plus_plus(columns: np.ndarray, weight: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Draw k-means++ centers.

    Each next center is a point drawn with probability proportional to weight x squared distance.

    Parameters
    ----------
    columns : ndarray of shape (d, n)
        Points, one column of this array each.
    weight : ndarray of shape (n,)
        Weights of the points, with sum 1.
    k : int
        Number of centers.
    rng : numpy.random.Generator
        Source of random numbers.

    Returns
    -------
    ndarray of shape (k, d)
        The centers.
    """
    chosen = np.empty((k, len(columns)))
    nearest = np.full(columns.shape[1], np.inf)
    mass = weight
    for j in range(k):
        chosen[j] = columns[:, _draw_index(mass, rng.random())]
        nearest = np.minimum(nearest, ((columns - chosen[j][:, None]) ** 2).sum(axis=0))
        mass = weight * nearest
        if not mass.any():  # fewer distinct points than components: some are drawn again
            mass = weight
    return chosen


def _draw_index(mass: np.ndarray, uniform: float) -> int:
    """Return an index with probability proportional to `mass`, from a uniform number."""
    cumulative = np.cumsum(mass)
    return min(int(np.searchsorted(cumulative, uniform * cumulative[-1], side="right")), len(cumulative) - 1)


def _hard_start(columns, weight, centers, settings: Settings) -> MixtureParameters:
    """Return the mixture of the points' assignment to the nearest of the centers (k, d)."""
    d, k = len(columns), len(centers)
    distance = (centers**2).sum(axis=1)[:, None] - 2 * centers @ columns
    member = (distance.argmin(axis=0) == np.arange(k)[:, None]) * weight
    phi = features(columns, settings.full, np.empty((n_features(d, settings.full), columns.shape[1])))
    spread = np.ones((k, d)) if not settings.full else np.tile(np.eye(d), (k, 1, 1))
    return MixtureParameters(np.full(k, 1 / k), centers, spread).updated(member @ phi.T, settings.floor)


def _with_new_component(
    columns, weight, old: MixtureParameters, rng: np.random.Generator, settings: Settings
) -> MixtureParameters:
    """Add one component where it gains most (Verbeek, Vlassis and Krose 2003).

    Candidates start as balls of random sizes at random points. EM then updates the parameters of all
    candidates at once, while the old mixture stays fixed.

    Returns
    -------
    MixtureParameters
        The mixture with one more component.
    """
    d, k = old.means.shape[1], len(old.weights)
    # the rows are sorted, so evenly spread levels spread the centers over the data
    levels = (np.arange(_N_CANDIDATES) + rng.random(_N_CANDIDATES)) / _N_CANDIDATES
    centers = columns[:, np.minimum(np.searchsorted(np.cumsum(weight), levels), columns.shape[1] - 1)].T
    variance = np.exp(2 * rng.uniform(np.log(0.03), np.log(0.6), _N_CANDIDATES))
    if d == 1:
        middle, width = _excess_intervals(columns[0], weight, old, settings.n_rows, _N_CANDIDATES // 2)
        centers[: len(middle), 0], variance[: len(middle)] = middle, np.maximum(width**2, settings.floor)
    spread = variance[:, None] * np.ones(d)
    if settings.full:
        spread = spread[:, :, None] * np.eye(d)
    share = np.full(_N_CANDIDATES, 1 / (k + 1))
    candidates = MixtureParameters(np.ones(_N_CANDIDATES), centers, spread)
    phi = features(columns, settings.full, np.empty((n_features(d, settings.full), columns.shape[1])))
    old_log = np.logaddexp.reduce(old.coefficients() @ phi, axis=0)
    for _ in range(_CANDIDATE_STEPS):
        ratio = candidates.coefficients() @ phi
        ratio -= old_log
        ratio += np.log(share / (1 - share))[:, None]
        np.exp(np.minimum(ratio, 700.0, out=ratio), out=ratio)  # avoids overflow
        gain = np.log1p(-share) + np.log1p(ratio) @ weight
        ratio /= 1 + ratio
        ratio *= weight
        statistics = ratio @ phi.T
        share = np.clip(statistics[:, 0], 1e-9, 1 - 1e-9)
        updated = candidates.updated(statistics, settings.floor)
        candidates = MixtureParameters(np.ones(_N_CANDIDATES), updated.means, updated.covariances)
    # a component with fewer rows than parameters fits noise, and would shrink to the floor
    gain[share * columns.shape[1] < len(phi)] -= 1e300
    best = int(np.argmax(gain))
    return MixtureParameters(
        np.append(old.weights * (1 - share[best]), share[best]),
        np.vstack([old.means, candidates.means[[best]]]),
        np.concatenate([old.covariances, candidates.covariances[[best]]]),
    )


def _excess_intervals(
    x, weight, old: MixtureParameters, n_rows: int, max_intervals: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find intervals of sorted x that hold more weight than `old` expects.

    The intervals hold a half, a quarter, ... of the points, and each length is also shifted by half of
    itself. An interval with share p of the weight, where the mixture expects q, would gain p log(p/q) - p + q
    for each of the n rows. Random candidates would miss a peak with a hundredth of the mass and of the width.
    Since many intervals are tried, some hold a few more rows by chance. So an interval counts only if it
    gains more than 3/2 log(n) nats (BIC's price) plus the logarithm of the number of intervals.

    Returns
    -------
    centers : ndarray of shape (m,)
        Centers of the intervals with the largest gain, at most `max_intervals`.
    sds : ndarray of shape (m,)
        Standard deviations of uniform distributions on them.
    """
    cumulative = np.concatenate([[0.0], np.cumsum(weight)])
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
    share, width = cumulative[last + 1] - cumulative[first], x[last] - x[first]
    sds = np.sqrt(old.covariances.reshape(len(old.weights)))[:, None]
    expected = old.weights @ (ndtr((x[last] - old.means) / sds) - ndtr((x[first] - old.means) / sds))
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(share > expected, share * np.log(share / expected) - share + expected, 0.0)
    threshold = 1.5 * np.log(n_rows) + np.log(len(gain))
    best = np.argsort(-gain, kind="stable")[:max_intervals]
    best = best[(n_rows * gain[best] > threshold) & np.isfinite(gain[best]) & (width[best] > 0)]
    return 0.5 * (x[first] + x[last])[best], width[best] / np.sqrt(12)
