"""Rate at which a value falls to an unknown limit, as a negative log-likelihood falls to an entropy."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from genrates.rates.bootstrap import paired_counts
from genrates.rates.least_squares import delta_weights
from genrates.rates.replicates import FEWEST_REPLICATES, stratified
from genrates.rates.sizes import check_sizes

# Exponents of the falling part. A divergence falls like 1/n at best, but its excess at small n falls faster.
_EXPONENTS = np.arange(2, 51) / 20
_HALF_STEP = 0.025
_NORMAL_QUANTILE = 1.959964  # of level 0.975


@dataclass(frozen=True, eq=False)
class LimitFit:
    """The fitted curve value(n) = limit + constant * n^(-rate), with constant >= 0.

    Attributes
    ----------
    limit, limit_low, limit_high : float
        The value at n = infinity, of either sign, and its 95 % interval; the interval is NaN below 8
        replicates.
    rate, rate_low, rate_high : float
        Exponent of value - limit and its 95 % interval; NaN where nothing falls.
    determined : bool
        Whether the data determine the exponent: both ends of its interval lie between 0.1 and 2.5, and the
        value falls in at least 39 of 40 resamples.
    """

    limit: float
    limit_low: float
    limit_high: float
    rate: float
    rate_low: float
    rate_high: float
    determined: bool


def fit_limit(values, sizes, *, n_resamples: int = 500, random_state=None) -> LimitFit:
    r"""Fit :math:`value = limit + c\, n^{-a}` where the limit is unknown.

    A mean negative log-likelihood is the sum of the truth's entropy and a divergence, :math:`H + KL_n`. No
    plateau test can tell the entropy from a bias, and the slope of the logarithm of the sum has no meaning.
    The data do determine the limit of the sum, entropy and bias together, and how fast the sum approaches it.

    The fit is least squares on the means over replicates. For each exponent a of a grid it is a problem with
    two unknowns. The weights are inverse variances, where each variance is averaged with the mean over sizes,
    as in :func:`genrates.rates.fit_rate`.

    The intervals are quantiles over resamples of whole replicates. Such intervals are too short for few
    replicates. They are therefore widened by the ratio of Student's t quantile to the normal one and by
    (R / (R - 1))^(1/2), R the number of replicates. The rate's interval is first widened by half a step of
    the grid at each end.

    Parameters
    ----------
    values : array-like of shape (n_sizes, n_replicates)
        Finite, of either sign; NaN marks a size that a replicate does not have.
    sizes : array-like of shape (n_sizes,)
        Increasing; at least 4, since a curve with three unknowns passes through almost any three points.
    n_resamples : int, default=500
        At least 100.
    random_state : None, int, SeedSequence or Generator, default=None
        An int makes the intervals reproducible.

    Returns
    -------
    LimitFit

    Raises
    ------
    ValueError
        For values that are infinite or of another shape, no replicate that has all sizes, or fewer than 4
        sizes.

    Notes
    -----
    O(n_resamples x n_sizes x (n_replicates + 49)).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sizes = np.array([100, 300, 1000, 3000])
    >>> values = (-2 + 30 / sizes)[:, None] + 0.005 * rng.standard_normal((4, 20))
    >>> fit = fit_limit(values, sizes, random_state=0)
    >>> round(fit.limit, 2), fit.rate_low <= 1 <= fit.rate_high
    (-2.0, True)
    """
    sizes, values = check_sizes(sizes, "fit_limit"), np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or len(values) != len(sizes) or np.any(np.isinf(values)):
        raise ValueError(
            f"fit_limit: values must be finite, of shape ({len(sizes)}, n_replicates), got {values.shape}."
        )
    if len(sizes) < 4:
        raise ValueError(f"fit_limit: a limit and a rate need at least 4 sample sizes, got {len(sizes)}.")
    order, strata = stratified(~np.isnan(values))
    if not strata:
        raise ValueError(f"fit_limit: needs a replicate without NaN, got none among {values.shape[1]}.")
    values, n_replicates = values[:, order], strata[0]
    present = np.sum(~np.isnan(values), axis=1)
    variance = np.nanvar(values, axis=1, ddof=1) if n_replicates > 1 else np.zeros(len(sizes))
    weights = delta_weights(variance, present)
    ratio = np.log(sizes / sizes[-1])
    limit, rate = (float(fitted[0]) for fitted in _fit(np.nanmean(values, axis=1)[None], weights, ratio))
    ends, determined = np.full((2, 2), np.nan), False
    if min(strata) >= FEWEST_REPLICATES:
        counts = paired_counts(strata, n_resamples, random_state)
        limits, rates = _fit(counts @ np.nan_to_num(values).T / present, weights, ratio)
        ends[0] = _widened(limit, np.quantile(limits, [0.025, 0.975]), n_replicates)
        if np.isfinite(rate) and np.mean(np.isnan(rates)) <= 0.025:
            low, high = np.nanquantile(rates, [0.025, 0.975])
            interval = np.array([low - _HALF_STEP, high + _HALF_STEP])
            ends[1] = _widened(rate, interval, n_replicates)
            determined = bool(_EXPONENTS[0] < ends[1, 0] and ends[1, 1] < _EXPONENTS[-1])
    return LimitFit(limit, *map(float, ends[0]), rate, *map(float, ends[1]), determined)


def _widened(center: float, ends: np.ndarray, n_replicates: int) -> np.ndarray:
    """Return the ends of an interval, widened about `center` to correct for few replicates."""
    t = stdtrit(n_replicates - 1, 0.975) / _NORMAL_QUANTILE
    return center + (ends - center) * t * np.sqrt(n_replicates / (n_replicates - 1))


def _fit(means: np.ndarray, weights: np.ndarray, log_ratio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return limit and exponent (NaN where nothing falls) of each row of means of shape (b, n_sizes)."""
    level = means @ weights
    centered = means - level[:, None]
    best, limit, rate = (centered**2) @ weights, level.copy(), np.full(len(means), np.nan)
    for a in _EXPONENTS:
        g = np.exp(-a * log_ratio)
        g_centered = g - weights @ g
        constant = centered @ (weights * g_centered) / (weights @ g_centered**2)
        loss = ((centered - constant[:, None] * g_centered) ** 2) @ weights
        better = (constant > 0) & (loss < best)
        best[better], rate[better] = loss[better], a
        limit[better] = (level - constant * (weights @ g))[better]
    return limit, rate
