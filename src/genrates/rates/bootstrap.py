"""Bootstrap over replicates, paired across sample sizes."""

from functools import lru_cache
from numbers import Integral

import numpy as np
from scipy.special import stdtrit

from genrates.rates.least_squares import delta_weights, slope_functional

#: resamples of fewer replicates are too much alike: quantiles far out are certain of anything
FEWEST_REPLICATES = 8


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


def studentized_slope(
    log_means: np.ndarray,
    relative: np.ndarray,
    log_sizes: np.ndarray,
    counts: np.ndarray | None,
    confidence: float,
) -> tuple[float, float]:
    r"""Standard error and half-width of the interval for the slope of log mean q on log n.

    The slope is :math:`\sum_s c_s \log \bar q_s` with :math:`\sum_s c_s = 0`, so the influence of
    replicate r on it is :math:`\psi_r = \sum_s c_s q_{sr}/\bar q_s`, of mean 0; the standard error is the
    root of its variance over R. The half-width is the `confidence` quantile of \|slope* - slope\|/se*
    over the resamples, times se: an interval symmetric about the slope, whose error in coverage is of
    order R^-2. Each resample chooses its regression weights anew, as the data did.

    Parameters
    ----------
    log_means : ndarray of shape (n_sizes,)
        Log of mean q.
    relative : ndarray of shape (n_sizes, n_replicates)
        q over its mean, so that each row has mean 1.
    log_sizes : ndarray of shape (n_sizes,)
    counts : ndarray of shape (n_resamples, n_replicates) or None
        From :func:`paired_counts`; None for Student's t instead.
    confidence : float

    References
    ----------
    Hall (1988), "On symmetric bootstrap confidence intervals", JRSS B 50, 35-45.
    """
    n_sizes, n_replicates = relative.shape
    functional = slope_functional(log_sizes, delta_weights(relative.var(axis=1, ddof=1)))
    standard_error = float(np.std(functional @ relative, ddof=1) / np.sqrt(n_replicates))
    student = float(stdtrit(n_replicates - 1, (1 + confidence) / 2)) * standard_error
    if counts is None or standard_error == 0:
        return standard_error, student

    means = counts @ relative.T / n_replicates
    positive = np.all(means > 0, axis=1)
    if positive.mean() < (1 + confidence) / 2:
        # signed errors whose mean is barely positive: the resamples that fail are the informative ones
        return standard_error, student
    means, counts = means[positive], counts[positive]
    # second moments of the replicates are shared by all resamples: one matrix product gives every variance
    moments = (relative[:, None, :] * relative[None, :, :]).reshape(-1, n_replicates)
    second = (counts @ moments.T / n_replicates).reshape(-1, n_sizes, n_sizes)
    squared_variation = np.maximum(np.einsum("bss->bs", second) / means**2 - 1, 0.0)
    functionals = slope_functional(log_sizes, delta_weights(squared_variation))
    scaled = functionals / means
    variance = np.einsum("bs,bst,bt->b", scaled, second, scaled) / (n_replicates - 1)
    # one replicate drawn R times shows no spread; floor it, and the quantile sees a large |t|
    spread = np.sqrt(np.maximum(variance, 1e-6 * standard_error**2))
    slopes = np.sum(functionals * (log_means + np.log(means)), axis=1)
    t = np.abs(slopes - functional @ log_means) / spread
    return standard_error, float(np.quantile(t, confidence)) * standard_error


@lru_cache(maxsize=8)
def _seeded_counts(n_replicates: int, n_resamples: int, seed: int) -> np.ndarray:
    counts = _draw_counts(n_replicates, n_resamples, np.random.default_rng(seed))
    counts.setflags(write=False)
    return counts


def _draw_counts(n_replicates: int, n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    return rng.multinomial(n_replicates, np.full(n_replicates, 1 / n_replicates), n_resamples).astype(
        np.float64
    )
