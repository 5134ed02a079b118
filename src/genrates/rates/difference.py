"""Difference of two exponents that were measured on the same samples."""

from dataclasses import dataclass

import numpy as np

from genrates.rates.bootstrap import paired_counts, studentized_slope
from genrates.rates.least_squares import slope_functional
from genrates.rates.replicates import paired_errors


@dataclass(frozen=True)
class DifferenceFit:
    """The difference of two rates, the first minus the second.

    Attributes
    ----------
    difference : float
        Of the rates that :func:`genrates.rates.fit_rate` gives each row.
    low, high : float
        Ends of the confidence interval; NaN for a single replicate.
    standard_error : float
        Standard error of `difference`, with the covariance of the two rows.
    """

    difference: float
    low: float
    high: float
    standard_error: float


def fit_difference(
    errors,
    others,
    sizes,
    *,
    aggregate: str = "root_mean_square",
    confidence: float = 0.95,
    n_resamples: int = 1000,
    random_state=None,
) -> DifferenceFit:
    r"""Fit the difference of two rates whose errors share their samples.

    Two models that learn from the same sample are lucky together, so that their rates are correlated and the
    difference is known better than from two intervals. Whole replicates are resampled, with the errors of
    both rows: the studentized bootstrap of :func:`genrates.rates.fit_rate`, of a difference of slopes.

    Parameters
    ----------
    errors, others : array-like of shape (n_sizes, n_replicates)
        Errors of the two rows. Column r of both belongs to one sample. NaN marks what a replicate lacks.
    sizes : array-like of shape (n_sizes,)
        Sample sizes, increasing; at least 3.
    aggregate : {"root_mean_square", "mean"}, default="root_mean_square"
        As in :func:`genrates.rates.fit_rate`.
    confidence : float, default=0.95
        Level of the interval.
    n_resamples : int, default=1000
        At least 100.
    random_state : None, int, SeedSequence or Generator, default=None
        An int makes the interval reproducible.

    Returns
    -------
    DifferenceFit

    Raises
    ------
    ValueError
        As :func:`genrates.rates.fit_rate`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sizes = np.array([100, 316, 1000, 3162, 10_000])
    >>> luck = rng.gamma(9, 1 / 9, (5, 30))
    >>> errors, others = (sizes[:, None] ** -a * luck for a in (0.4, 0.3))
    >>> fit = fit_difference(errors, others, sizes, random_state=0)
    >>> round(fit.difference, 3), round(fit.high - fit.low, 3)
    (0.1, 0.0)
    """
    first, second = paired_errors([errors, others], sizes, aggregate, "fit_difference")
    log_sizes = np.log(first.sizes)
    rates = [-float(slope_functional(log_sizes, row.weights) @ row.log_errors) for row in (first, second)]
    difference = rates[0] - rates[1]
    if first.n_replicates == 1:
        return DifferenceFit(difference, np.nan, np.nan, np.nan)
    counts = paired_counts(first.strata, n_resamples, random_state) if first.can_resample else None
    parts = [(-1 / first.power, first), (1 / second.power, second)]
    standard_error, half_width = studentized_slope(parts, counts, confidence)
    return DifferenceFit(difference, difference - half_width, difference + half_width, standard_error)
