"""Bootstrap over replicates, paired across sample sizes."""

from collections.abc import Sequence
from functools import lru_cache
from numbers import Integral

import numpy as np
from scipy.special import stdtrit

from genrates.rates.least_squares import delta_weights, slope_functional
from genrates.rates.replicates import ReplicateErrors


def paired_counts(n_replicates: int | Sequence[int], n_resamples: int, random_state=None) -> np.ndarray:
    """Return how often each replicate is drawn in each resample.

    Means over resamples are matrix products with these counts. One row is applied at all sample sizes, which
    keeps the replicates paired.

    Parameters
    ----------
    n_replicates : int or sequence of int
        The number of replicates. Of several strata (replicates that have the same sizes) the number of each:
        each is resampled by itself, so that every size keeps its number of replicates.
    n_resamples : int
        At least 100.
    random_state : None, int, SeedSequence or Generator, default=None

    Returns
    -------
    ndarray of shape (n_resamples, n_replicates)
        Each row sums to the number of replicates.

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
    strata = (n_replicates,) if isinstance(n_replicates, Integral) else tuple(n_replicates)
    if isinstance(random_state, Integral):
        return _seeded_counts(strata, int(n_resamples), int(random_state))
    return _draw_counts(strata, int(n_resamples), np.random.default_rng(random_state))


def studentized_slope(
    parts: Sequence[tuple[float, ReplicateErrors]],
    counts: np.ndarray | None,
    confidence: float,
) -> tuple[float, float]:
    r"""Return standard error and half-width of the interval for a sum of slopes on log n.

    One row's slope is :math:`\sum_s c_s \log \bar q_s` with :math:`\sum_s c_s = 0`, :math:`\bar q_s` the
    mean over the :math:`R_s` replicates of size s. The influence of replicate r on it is
    :math:`\psi_r = \sum_s c_s q_{sr}/(R_s \bar q_s)`, over the sizes that the replicate has. Its influence on
    a difference of two rows that share their samples is the difference of its influences. Replicates that
    have the same sizes are a stratum, within which they are exchangeable. The variance of the slope is the
    sum over strata of m times the variance of :math:`\psi_r`, m the number of its replicates.

    The half-width is the `confidence` quantile of \|slope* - slope\|/se* over the resamples, times se. This
    interval is symmetric about the slope, and its error in coverage is of order R^-2. Each resample chooses
    its own regression weights, as the data did.

    Parameters
    ----------
    parts : sequence of (float, ReplicateErrors)
        Factor and errors of each slope. All have the same sizes and strata.
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
    first = parts[0][1]
    log_sizes, strata, n_replicates = np.log(first.sizes), first.strata, first.relative.shape[1]
    relative = np.vstack([errors.relative for _, errors in parts])
    functionals = [slope_functional(log_sizes, errors.weights) for _, errors in parts]
    scaled = np.concatenate([factor * c for (factor, _), c in zip(parts, functionals, strict=True)])
    groups = np.split(scaled @ relative / n_replicates, np.cumsum(strata)[:-1])
    variances = np.array([len(group) * group.var(ddof=1) for group in groups])
    standard_error = float(np.sqrt(variances.sum()))
    student = _student(variances, strata, confidence) * standard_error
    if counts is None or standard_error == 0:
        return standard_error, student

    means = counts @ relative.T / n_replicates
    positive = np.all(means > 0, axis=1)
    if positive.mean() < (1 + confidence) / 2:
        # Errors of both signs with a mean barely above 0: the resamples of negative mean, which have no log,
        # are the informative ones.
        return standard_error, student
    means, counts = means[positive], counts[positive]
    squares, covariance = _resampled_moments(relative, counts, strata)
    shift, scaled = np.zeros(len(means)), np.empty_like(means)
    for k, ((factor, errors), functional) in enumerate(zip(parts, functionals, strict=True)):
        rows = slice(k * len(log_sizes), (k + 1) * len(log_sizes))
        log_means = errors.power * errors.log_errors
        present = errors.counts / n_replicates
        variation = np.maximum(squares[:, rows] * present / means[:, rows] ** 2 - 1, 0.0)
        resampled = slope_functional(log_sizes, delta_weights(variation, errors.counts))
        shift += factor * (
            np.sum(resampled * (log_means + np.log(means[:, rows])), axis=1) - functional @ log_means
        )
        scaled[:, rows] = factor * resampled / means[:, rows]
    variance = np.einsum("bs,bst,bt->b", scaled, covariance, scaled)
    # A resample of one replicate alone has no spread; with this lower bound it counts as a large |t|.
    spread = np.sqrt(np.maximum(variance, 1e-6 * standard_error**2))
    return standard_error, float(np.quantile(np.abs(shift) / spread, confidence)) * standard_error


def _student(variances: np.ndarray, strata: tuple[int, ...], confidence: float) -> float:
    """Return the quantile of Student's t; of several strata with the degrees of freedom of Satterthwaite."""
    if not variances.sum() > 0:
        return 0.0
    degrees = variances.sum() ** 2 / np.sum(variances**2 / (np.array(strata) - 1))
    return float(stdtrit(degrees, (1 + confidence) / 2))


def _resampled_moments(
    relative: np.ndarray, counts: np.ndarray, strata: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean squares (n_resamples, n_rows) and covariances of the means of every resample."""
    n_rows, n_replicates = relative.shape
    squares, covariance = 0.0, 0.0
    ends = np.cumsum(strata)
    for m, end in zip(strata, ends, strict=True):
        own, drawn = relative[:, end - m : end], counts[:, end - m : end]
        # All resamples share the products of replicates, so one matrix product gives every variance.
        products = (own[:, None, :] * own[None, :, :]).reshape(-1, m)
        second = (drawn @ products.T).reshape(-1, n_rows, n_rows)
        total = drawn @ own.T
        squares = squares + np.einsum("bss->bs", second) / n_replicates
        centered = second - total[:, :, None] * total[:, None, :] / m
        covariance = covariance + m / (m - 1) * centered / n_replicates**2
    return squares, covariance


@lru_cache(maxsize=8)
def _seeded_counts(strata: tuple[int, ...], n_resamples: int, seed: int) -> np.ndarray:
    """Return the read-only counts for an integer seed; fits with equal arguments share one array."""
    counts = _draw_counts(strata, n_resamples, np.random.default_rng(seed))
    counts.setflags(write=False)
    return counts


def _draw_counts(strata: tuple[int, ...], n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Draw how often each replicate occurs in each resample, shape (n_resamples, n_replicates)."""
    drawn = [rng.multinomial(m, np.full(m, 1 / m), n_resamples) for m in strata]
    return np.hstack(drawn).astype(np.float64)
