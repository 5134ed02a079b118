"""How fast a value falls to a limit that nobody knows, as a likelihood does to the truth's entropy."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from genrates.rates.bootstrap import FEWEST_REPLICATES, paired_counts
from genrates.rates.least_squares import delta_weights
from genrates.rates.replicates import check_sizes

# of the falling part: a divergence falls like 1/n at best, but a small sample's surplus goes faster
_EXPONENTS = np.arange(2, 51) / 20
_HALF_STEP = 0.025
_NORMAL = 1.959964


@dataclass(frozen=True, eq=False)
class LimitFit:
    """value(n) = limit + constant * n^(-rate), limit of either sign, constant >= 0.

    Attributes
    ----------
    limit, limit_low, limit_high : float
        The value at n = infinity and its 95 % interval, NaN below 8 replicates.
    rate, rate_low, rate_high : float
        Exponent of value - limit; NaN where nothing falls.
    determined : bool
        Whether the sizes say what the exponent is: the interval ends between 0.1 and 2.5, and the value falls
        in 39 of 40 resamples.
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

    A mean negative log-likelihood is the truth's entropy and a divergence, :math:`H + KL_n`. No plateau test
    can tell the entropy from a bias, and a slope through the logarithm of the sum says nothing. What can be
    known is how fast the sum approaches whatever it approaches, and where that is: entropy and bias together.

    Least squares of the means over replicates, for each exponent a of a grid a problem with two unknowns,
    weighted by their variances (each averaged with the mean over sizes, as in
    :func:`genrates.rates.fit_rate`). The intervals are quantiles over resamples of whole replicates; such
    intervals are too short for few of them and are stretched by Student's t over the normal quantile and by
    (R / (R - 1))^(1/2), the rate's by half a step of the grid too.

    Parameters
    ----------
    values : array-like of shape (n_sizes, n_replicates)
        Finite, of either sign.
    sizes : array-like of shape (n_sizes,)
        Increasing; at least 4: three points lie on a curve with three unknowns whatever they are.
    n_resamples : int, default=500
    random_state : None, int, SeedSequence or Generator

    Raises
    ------
    ValueError
        For values that are not finite or of another shape, or fewer than 4 sizes.

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
    if values.ndim != 2 or len(values) != len(sizes) or not np.all(np.isfinite(values)):
        raise ValueError(
            f"fit_limit: values must be finite, of shape ({len(sizes)}, n_replicates), got {values.shape}."
        )
    if len(sizes) < 4:
        raise ValueError(f"fit_limit: a limit and a rate need at least 4 sample sizes, got {len(sizes)}.")
    n_replicates = values.shape[1]
    variance = values.var(axis=1, ddof=1) if n_replicates > 1 else np.zeros(len(sizes))
    weights = delta_weights(variance)
    ratio = np.log(sizes / sizes[-1])
    limit, rate = (float(found[0]) for found in _fit(values.mean(axis=1)[None], weights, ratio))
    ends, determined = np.full((2, 2), np.nan), False
    if n_replicates >= FEWEST_REPLICATES:
        counts = paired_counts(n_replicates, n_resamples, random_state)
        limits, rates = _fit(counts @ values.T / n_replicates, weights, ratio)
        ends[0] = _stretched(limit, np.quantile(limits, [0.025, 0.975]), n_replicates)
        if np.isfinite(rate) and np.mean(np.isnan(rates)) <= 0.025:
            low, high = np.nanquantile(rates, [0.025, 0.975])
            found = np.array([low - _HALF_STEP, high + _HALF_STEP])
            ends[1] = _stretched(rate, found, n_replicates)
            determined = bool(_EXPONENTS[0] < ends[1, 0] and ends[1, 1] < _EXPONENTS[-1])
    return LimitFit(limit, *map(float, ends[0]), rate, *map(float, ends[1]), determined)


def _stretched(center: float, ends: np.ndarray, n_replicates: int) -> np.ndarray:
    t = stdtrit(n_replicates - 1, 0.975) / _NORMAL
    return center + (ends - center) * t * np.sqrt(n_replicates / (n_replicates - 1))


def _fit(means: np.ndarray, weights: np.ndarray, log_ratio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limit and exponent (NaN where nothing falls) of each row of means (b, n_sizes); weights with sum 1."""
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
