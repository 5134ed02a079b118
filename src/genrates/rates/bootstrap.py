"""Bootstrap over replicates, paired across sample sizes."""

from functools import lru_cache
from numbers import Integral

import numpy as np
from scipy.special import stdtrit

from genrates.rates.least_squares import delta_weights, slope_functional

#: fewer replicates give too few distinct resamples: their extreme quantiles would look too certain
FEWEST_REPLICATES = 8


def paired_counts(n_replicates: int, n_resamples: int, random_state=None) -> np.ndarray:
    """Return how often each replicate is drawn in each resample.

    Means over resamples are matrix products with these counts. One row is applied at all sample sizes, which
    keeps the replicates paired.

    Parameters
    ----------
    n_replicates : int
    n_resamples : int
        At least 100.
    random_state : None, int, SeedSequence or Generator, default=None

    Returns
    -------
    ndarray of shape (n_resamples, n_replicates)
        Each row sums to n_replicates.

    Raises
    ------
    ValueError
        For fewer than 100 resamples.

    Examples
    --------
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
    r"""Return standard error and half-width of the interval for the slope of log mean q on log n.

    The slope is :math:`\sum_s c_s \log \bar q_s` with :math:`\sum_s c_s = 0`. The influence of replicate r
    on it is :math:`\psi_r = \sum_s c_s q_{sr}/\bar q_s`, of mean 0. The standard error is the root of the
    variance of :math:`\psi_r` over R, the number of replicates. The half-width is the `confidence` quantile
    of \|slope* - slope\|/se* over the resamples, times se. This interval is symmetric about the slope, and
    its error in coverage is of order R^-2. Each resample chooses its own regression weights, as the data did.

    Parameters
    ----------
    log_means : ndarray of shape (n_sizes,)
        Log of mean q.
    relative : ndarray of shape (n_sizes, n_replicates)
        q over its mean, so that each row has mean 1.
    log_sizes : ndarray of shape (n_sizes,)
        Log of the sample sizes.
    counts : ndarray of shape (n_resamples, n_replicates) or None
        Resamples from :func:`paired_counts`; None takes the quantile of Student's t instead.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    standard_error : float
    half_width : float

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
        # Errors of both signs with a mean barely above 0: the resamples of negative mean, which have no log,
        # are the informative ones.
        return standard_error, student
    means, counts = means[positive], counts[positive]
    # All resamples share the products of replicates, so one matrix product gives every variance.
    moments = (relative[:, None, :] * relative[None, :, :]).reshape(-1, n_replicates)
    second = (counts @ moments.T / n_replicates).reshape(-1, n_sizes, n_sizes)
    squared_variation = np.maximum(np.einsum("bss->bs", second) / means**2 - 1, 0.0)
    functionals = slope_functional(log_sizes, delta_weights(squared_variation))
    scaled = functionals / means
    variance = np.einsum("bs,bst,bt->b", scaled, second, scaled) / (n_replicates - 1)
    # A resample of one replicate alone has no spread; with this lower bound it counts as a large |t|.
    spread = np.sqrt(np.maximum(variance, 1e-6 * standard_error**2))
    slopes = np.sum(functionals * (log_means + np.log(means)), axis=1)
    t = np.abs(slopes - functional @ log_means) / spread
    return standard_error, float(np.quantile(t, confidence)) * standard_error


@lru_cache(maxsize=8)
def _seeded_counts(n_replicates: int, n_resamples: int, seed: int) -> np.ndarray:
    """Return the read-only counts for an integer seed; fits with equal arguments share one array."""
    counts = _draw_counts(n_replicates, n_resamples, np.random.default_rng(seed))
    counts.setflags(write=False)
    return counts


def _draw_counts(n_replicates: int, n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Draw how often each replicate occurs in each resample, shape (n_resamples, n_replicates)."""
    return rng.multinomial(n_replicates, np.full(n_replicates, 1 / n_replicates), n_resamples).astype(
        np.float64
    )
