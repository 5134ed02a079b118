"""From replicate errors to an exponent with an honest interval."""

from dataclasses import dataclass

import numpy as np

from genrates.rates.bootstrap import FEWEST_REPLICATES, paired_counts, studentized_slope
from genrates.rates.least_squares import delta_weights, slope_functional
from genrates.rates.replicates import replicate_errors


@dataclass(frozen=True, eq=False)
class RateFit:
    """How fast an error falls: error(n) ~ constant * n^(-rate).

    Attributes
    ----------
    sizes : ndarray of shape (n_sizes,)
    errors, error_se : ndarray of shape (n_sizes,)
        Aggregated error at each size and its standard error (delta method).
    rate : float
        Positive where the error converges to 0.
    rate_low, rate_high : float
        Ends of the interval; NaN where one replicate leaves nothing to judge by.
    standard_error : float
        Standard error of `rate` (delta method, replicates paired across sizes).
    constant : float
        The error that the fitted line gives at n = 1.
    rate_median : float
        The same regression on the log of the replicates' median, which no outlier owns; NaN where a
        median is not positive.
    local_rates : ndarray of shape (n_sizes - 1,)
        Exponent between neighboring sizes: constant for a power law, falling towards 0 at a plateau,
        rising where the asymptotic regime is still ahead.
    weights : ndarray of shape (n_sizes,)
        Regression weights, with sum 1.
    n_replicates, n_dropped : int
        Replicates used, and left out because an error was NaN.
    aggregate : str
    confidence : float
    """

    sizes: np.ndarray
    errors: np.ndarray
    error_se: np.ndarray
    rate: float
    rate_low: float
    rate_high: float
    standard_error: float
    constant: float
    rate_median: float
    local_rates: np.ndarray
    weights: np.ndarray
    n_replicates: int
    n_dropped: int
    aggregate: str
    confidence: float


def fit_rate(
    errors,
    sizes,
    *,
    aggregate: str = "root_mean_square",
    confidence: float = 0.95,
    n_resamples: int = 2000,
    random_state=None,
) -> RateFit:
    r"""Fit error(n) ~ n^(-rate) to replicate errors.

    With e_sr the error of replicate r at size n_s, the response is the log of an *aggregated* error,

    .. math:: y_s = \tfrac12 \log \frac1R \sum_r e_{sr}^2 \quad\text{or}\quad
              y_s = \log \frac1R \sum_r e_{sr},

    never a mean of logs: that would estimate another quantity, and bias the slope wherever the spread of
    the errors changes with n. The slope of the weighted regression of y on log n is -rate.

    *Weights.* The delta method gives var(y_s) = CV_s^2 / (p^2 R), with CV_s the coefficient of variation of
    e^p, p = 2 or 1; each CV_s^2 is averaged with the mean over all sizes, since that of a few heavy-tailed
    replicates is hardly known (`genrates.rates.least_squares.delta_weights`).

    *Interval.* The sample of size n is a prefix of the larger ones, so a replicate that is unlucky at one
    size is unlucky at the next: whole replicates are resampled, all their sizes together. A percentile
    interval, or one of 1.96 standard errors, is too short for the 20 to 50 skewed replicates that a study
    can afford (it covers 84 to 94 % where it says 95), so the slope is *studentized*: the quantile of
    \|slope* - slope\|/se* over the resamples takes the place of Student's t, which remains in use below 8
    replicates, where it covers 84 to 95 %, the less the heavier the errors' tails.

    Parameters
    ----------
    errors : array-like of shape (n_sizes, n_replicates)
        NaN marks a failed replicate: it is dropped at all sizes, since the pairing needs them all.
    sizes : array-like of shape (n_sizes,)
        Sample sizes, increasing; at least 3.
    aggregate : {"root_mean_square", "mean"}, default="root_mean_square"
        The first for root errors (root-MISE), the second for errors whose mean is meant (KL divergence,
        Wasserstein distance); only the second allows single negative errors.
    confidence : float, default=0.95
    n_resamples : int, default=2000
        At least 100.
    random_state : None, int, SeedSequence or Generator
        An int makes the interval reproducible, and studies of equally many replicates share resamples.

    Returns
    -------
    RateFit

    Raises
    ------
    ValueError
        For fewer than 3 sizes, sizes that do not increase, no replicate without NaN, infinite errors, or
        an aggregated error that is not positive, so that it has no logarithm.

    Notes
    -----
    O(n_resamples x n_replicates x n_sizes^2), some milliseconds.

    References
    ----------
    Efron and Tibshirani (1993), *An Introduction to the Bootstrap*, section 12.5 (bootstrap-t).
    Hall (1988), "On symmetric bootstrap confidence intervals", JRSS B 50, 35-45.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sizes = np.array([100, 316, 1000, 3162, 10_000])
    >>> errors = sizes[:, None] ** -0.4 * rng.gamma(9, 1 / 9, (5, 30))
    >>> fit = fit_rate(errors, sizes, random_state=0)
    >>> fit.rate_low < 0.4 < fit.rate_high
    True
    """
    if not 0 < confidence < 1:
        raise ValueError(f"fit_rate: confidence must lie strictly between 0 and 1, got {confidence!r}.")
    data = replicate_errors(errors, sizes, aggregate, "fit_rate")
    n_replicates = data.n_replicates
    log_sizes = np.log(data.sizes)
    weights = delta_weights(data.squared_variation)
    minus_slope = -slope_functional(log_sizes, weights)
    rate = float(minus_slope @ data.log_errors)
    level = np.exp(data.log_errors)

    standard_error = half_width = np.nan
    error_se = np.full(len(level), np.nan)
    if n_replicates > 1:
        error_se = level * np.sqrt(data.squared_variation / n_replicates) / data.power
        counts = None
        if n_replicates >= FEWEST_REPLICATES:
            counts = paired_counts(n_replicates, n_resamples, random_state)
        standard_error, half_width = (
            value / data.power
            for value in studentized_slope(
                data.power * data.log_errors, data.relative, log_sizes, counts, confidence
            )
        )
    return RateFit(
        sizes=data.sizes,
        errors=level,
        error_se=error_se,
        rate=rate,
        rate_low=rate - half_width,
        rate_high=rate + half_width,
        standard_error=standard_error,
        constant=float(np.exp(weights @ data.log_errors + rate * (weights @ log_sizes))),
        rate_median=float(minus_slope @ data.log_medians),
        local_rates=-np.diff(data.log_errors) / np.diff(log_sizes),
        weights=weights,
        n_replicates=n_replicates,
        n_dropped=data.n_dropped,
        aggregate=aggregate,
        confidence=confidence,
    )
