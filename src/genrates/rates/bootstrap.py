"""Bootstrap over replicates, paired across sample sizes."""

from functools import lru_cache
from numbers import Integral

import numpy as np
from scipy.special import stdtrit


def paired_counts(n_replicates: int, n_resamples: int, random_state=None) -> np.ndarray:
    """How often each replicate is drawn in each resample, shape (n_resamples, n_replicates).

    Means over resamples are matrix products with these counts; applying one row at all sample sizes is
    what keeps the replicates paired.

    >>> paired_counts(5, 100, 0)[:3].sum(axis=1)
    array([5., 5., 5.])
    """
    if not n_resamples >= 100:
        raise ValueError(f"n_resamples must be at least 100, got {n_resamples!r}.")
    if isinstance(random_state, Integral):
        return _seeded_counts(n_replicates, int(n_resamples), int(random_state))
    return _draw_counts(n_replicates, int(n_resamples), np.random.default_rng(random_state))


def studentised_interval(
    relative: np.ndarray, functional: np.ndarray, counts: np.ndarray | None, confidence: float
) -> tuple[float, float, float]:
    r"""Interval for :math:`T = \sum_s c_s \log \mu_s`, a contrast of logs of means (:math:`\sum c_s = 0`).

    The delta method's influence of replicate r is :math:`\psi_r = \sum_s c_s q_{sr}/\bar q_s`, whose mean
    is 0; the standard error is the root of its variance over R, and with this both T and the T* of each
    resample are studentised. Student's t replaces the resamples' quantiles where there are no `counts`.

    Parameters
    ----------
    relative : ndarray of shape (n_sizes, n_replicates)
        q over its mean, so that each row has mean 1.
    functional : ndarray of shape (n_sizes,)
        The contrast c.
    counts : ndarray of shape (n_resamples, n_replicates) or None
        From :func:`paired_counts`.
    confidence : float

    Returns
    -------
    standard_error, below, above : float
        The interval is (T + below, T + above).
    """
    n_replicates = relative.shape[1]
    standard_error = float(np.std(functional @ relative, ddof=1) / np.sqrt(n_replicates))
    tail = (1 - confidence) / 2
    student = float(stdtrit(n_replicates - 1, 1 - tail))
    below, above = -student * standard_error, student * standard_error
    if counts is None or standard_error == 0:
        return standard_error, below, above

    means = counts @ relative.T / n_replicates
    positive = np.all(means > 0, axis=1)
    if positive.mean() < 1 - tail:
        # signed errors whose mean is barely positive: the resamples that fail would be the informative ones
        return standard_error, below, above
    means, counts = means[positive], counts[positive]
    scaled = functional / means
    # variance of psi* in each resample: its second moments first, since replicates are few and shared
    moments = (relative[:, None, :] * relative[None, :, :]).reshape(-1, n_replicates)
    second = (counts @ moments.T / n_replicates).reshape(-1, len(relative), len(relative))
    variance = np.einsum("bs,bst,bt->b", scaled, second, scaled) / (n_replicates - 1)
    # one replicate drawn R times shows no spread; floor it, and the quantiles see a large |t|
    spread = np.sqrt(np.maximum(variance, 1e-6 * standard_error**2))
    t = (np.log(means) @ functional) / spread
    low, high = np.quantile(t, [tail, 1 - tail])
    return standard_error, float(-high * standard_error), float(-low * standard_error)


@lru_cache(maxsize=8)
def _seeded_counts(n_replicates: int, n_resamples: int, seed: int) -> np.ndarray:
    counts = _draw_counts(n_replicates, n_resamples, np.random.default_rng(seed))
    counts.setflags(write=False)
    return counts


def _draw_counts(n_replicates: int, n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    return rng.multinomial(n_replicates, np.full(n_replicates, 1 / n_replicates), n_resamples).astype(np.float64)
