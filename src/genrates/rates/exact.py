"""Exact finite-n root errors of an estimator as it is configured, and the slope they really have.

An asymptotic exponent is a promise about n = infinity. On the standard normal over n = 10^2..10^5 the
best possible kernel estimate has slope -0.375 and not -0.4, the best histogram -0.323 and not -1/3: a
measured rate is to be judged by these.
"""

import numbers
from collections.abc import Callable
from functools import partial

import numpy as np

from genrates.rates.exact_nd import histogram_nd, kernel_nd
from genrates.rates.gaussian_mise import gaussian_mise
from genrates.rates.higher_order_mise import KERNELS, higher_order_mise, higher_order_optimum
from genrates.rates.histogram_mise import histogram_mise, histogram_optimum
from genrates.rates.kernel_mise import kernel_mise, kernel_optimum
from genrates.rates.least_squares import log_log_slope
from genrates.rates.mixture import NormalMixture
from genrates.rates.mixture_nd import NormalMixtureND
from genrates.rates.replicates import check_sizes
from genrates.rates.series_mise import data_interval, series_mise, series_optimum

#: parameters that decide how fast or how reproducibly an answer comes, not which
_NEUTRAL = frozenset({"rtol", "atol", "random_state"})
_DATA_DRIVEN_BANDWIDTHS = frozenset({"optimal", "lscv", "likelihood_cv", "improved_sheather_jones"})


def exact_error(kind: str | None, mixture, sizes, **tuning) -> np.ndarray | None:
    """Root of the exact MISE at each sample size, or None where no closed form is known.

    Data-driven choices of the tuning parameter are represented by the choice of smallest exact MISE,
    towards which they aim: their own variance comes on top and is not in here.

    Parameters
    ----------
    kind : {"kernel", "histogram", "series", "gaussian"} or None
        `exact` of a model card: kernel estimate, histogram, cosine series, normal by maximum likelihood.
    mixture : NormalMixture, NormalMixtureND, triple (weights, means, sds) or object with those attributes
        The true density. Means of shape (k, d), d > 1, make it one in d dimensions, where kernel estimates
        and histograms have an exact error and the fitted normal has none here.
    sizes : array-like of shape (n_sizes,)
        Sample sizes.
    **tuning
        The estimator's own constructor parameters.

        kernel: `bandwidth` = "optimal" (default), "lscv", "likelihood_cv", "improved_sheather_jones"
        (all three: optimal), "silverman", "scott" (the rule at the population's standard deviation), or
        a number; `kernel` = "gaussian", or in one dimension "gaussian4" or "sinc", before their
        projection onto the densities; others, and `bounds` other than None, have no closed form.

        histogram: `bins` = "optimal" (default), "loo" (optimal), "fd", "scott" (the rule at the
        population's interquartile range or standard deviation), averaged over the bins' origin, which
        follows the data; or `bin_width` = a number, with edges at `origin` plus its multiples (None, the
        default: averaged). An integer `bins` cuts up the sample's range and has no closed form.

        series: `n_terms` = "risk" (default: the best number), or a number, the constant included; with
        `basis` = "cosine", and `bounds` that follow the data: they are taken where 1/n of the mass is left
        outside at either end. It is the series before its projection onto the densities.

        gaussian: `covariance`, either value (they agree in one dimension).

        `rtol`, `atol` and `random_state` change nothing; any other parameter that is not None is
        unknown here, and so is its exact error.

    Returns
    -------
    ndarray of shape (n_sizes,) or None

    Raises
    ------
    ValueError
        For an unknown kind, sizes that are not positive, or a malformed mixture.

    Examples
    --------
    >>> exact_error("kernel", ([1], [0], [1]), [100, 1000], bandwidth="lscv").round(5)
    array([0.07355, 0.03209])
    >>> exact_error("histogram", ([1], [0], [1]), [100, 1000], bins=20) is None
    True
    """
    if kind is None:
        return None
    if kind not in _MISE_AT:
        raise ValueError(f"exact_error: kind must be one of {sorted(_MISE_AT)} or None, got {kind!r}.")
    sizes = check_sizes(sizes, "exact_error")
    mise_at = _mise_at(kind, mixture, dict(tuning))
    if mise_at is None:
        return None
    # differences of terms of order one: rounding may leave -1e-17 where the error is nothing
    return np.sqrt(np.maximum([mise_at(n) for n in sizes], 0.0))


def exact_rate(kind: str | None, mixture, sizes, *, weights=None, **tuning) -> float | None:
    """Slope a of exact error ~ n^(-a), by the regression that the measured errors get.

    A power law has one slope whatever the weights; an exact error curve bends a little, so that its slope
    depends on them. Pass the measured fit's `weights` to compare like with like.

    Parameters
    ----------
    kind, mixture, sizes, **tuning
        As in :func:`exact_error`.
    weights : array-like of shape (n_sizes,), optional
        `RateFit.weights`; equal by default.

    Returns
    -------
    float or None
        None where :func:`exact_error` gives None, or an infinite error.

    Examples
    --------
    >>> sizes = [100, 316, 1000, 3162, 10_000, 31_623, 100_000]
    >>> round(exact_rate("kernel", ([1], [0], [1]), sizes), 3)
    0.376
    >>> round(exact_rate("histogram", ([1], [0], [1]), sizes), 3)
    0.323
    """
    errors = exact_error(kind, mixture, sizes, **tuning)
    if errors is None or not np.all(np.isfinite(errors) & (errors > 0)):
        return None
    return -log_log_slope(sizes, errors, weights)


def kernel_bandwidth(mixture, n: int, rule: str) -> float:
    """Population value of a reference rule: "silverman", (4/(3n))^(1/5) sd, or "scott", n^(-1/5) sd.

    These are the names' meanings in scikit-learn and scipy, here on the data's scale.

    >>> round(kernel_bandwidth(([1], [0], [2]), 1000, "silverman"), 6)
    0.53213
    """
    sd = NormalMixture.of(mixture).sd
    if rule == "silverman":
        return float(sd * (4 / (3 * n)) ** 0.2)
    if rule == "scott":
        return float(sd * n**-0.2)
    raise ValueError(f"kernel_bandwidth: rule must be 'silverman' or 'scott', got {rule!r}.")


def histogram_width(mixture, n: int, rule: str) -> float:
    """Population value of a reference rule: "fd", 2 IQR n^(-1/3), or "scott", (24 sqrt(pi)/n)^(1/3) sd.

    >>> round(histogram_width(([1], [0], [1]), 1000, "fd"), 6)
    0.269796
    """
    mixture = NormalMixture.of(mixture)
    if rule == "fd":
        return float(2 * mixture.iqr * n ** (-1 / 3))
    if rule == "scott":
        return float(mixture.sd * (24 * np.sqrt(np.pi) / n) ** (1 / 3))
    raise ValueError(f"histogram_width: rule must be 'fd' or 'scott', got {rule!r}.")


MiseAt = Callable[[int], float]


def _kernel(mixture: NormalMixture, tuning: dict) -> MiseAt | None:
    bandwidth, kernel = tuning.pop("bandwidth", "optimal"), tuning.pop("kernel", "gaussian")
    if _unknown(tuning) or kernel not in ("gaussian", *KERNELS):
        return None
    mise, optimum = kernel_mise, kernel_optimum
    if kernel in KERNELS:
        mise, optimum = (
            partial(higher_order_mise, kernel=kernel),
            partial(higher_order_optimum, kernel=kernel),
        )
    if isinstance(bandwidth, str):
        if bandwidth in _DATA_DRIVEN_BANDWIDTHS:
            return lambda n: optimum(mixture, n)[1]
        if bandwidth in ("silverman", "scott"):
            return lambda n: float(mise(mixture, n, kernel_bandwidth(mixture, n, bandwidth)))
        return None
    return _at_given_value(mise, mixture, bandwidth)


def _histogram(mixture: NormalMixture, tuning: dict) -> MiseAt | None:
    bins, width = tuning.pop("bins", "optimal"), tuning.pop("bin_width", None)
    origin = tuning.pop("origin", None)
    if _unknown(tuning):
        return None
    if width is not None:
        return _at_given_value(partial(histogram_mise, origin=origin), mixture, width)
    if bins in ("optimal", "loo"):
        return lambda n: histogram_optimum(mixture, n)[1]
    if bins in ("fd", "scott"):
        return lambda n: float(histogram_mise(mixture, n, histogram_width(mixture, n, bins)))
    return None


def _series(mixture: NormalMixture, tuning: dict) -> MiseAt | None:
    n_terms, basis = tuning.pop("n_terms", "risk"), tuning.pop("basis", "cosine")
    if _unknown(tuning) or basis != "cosine":
        return None
    if n_terms == "risk":
        return lambda n: series_optimum(mixture.pdf, *data_interval(mixture, n), n)[1]
    if not isinstance(n_terms, numbers.Integral):
        return None
    # the constant is one of the estimator's terms and none of series_mise's
    return lambda n: series_mise(mixture.pdf, *data_interval(mixture, n), n, int(n_terms) - 1)[-1]


def _gaussian(mixture: NormalMixture, tuning: dict) -> MiseAt | None:
    tuning.pop("covariance", None)
    return None if _unknown(tuning) else lambda n: gaussian_mise(mixture, n)


def _mise_at(kind: str, mixture, tuning: dict) -> MiseAt | None:
    """MISE as a function of n; in one dimension, or in several where the means have columns."""
    if isinstance(mixture, tuple | list) and len(mixture) == 3 and np.ndim(mixture[1]) == 2:
        mixture = NormalMixtureND(*mixture)
    if not isinstance(mixture, NormalMixtureND):
        return _MISE_AT[kind](NormalMixture.of(mixture), tuning)
    if kind not in _MISE_AT_ND:
        return None
    mise_at = _MISE_AT_ND[kind](mixture, tuning)
    return None if _unknown(tuning) else mise_at


def _unknown(tuning: dict) -> bool:
    return any(value is not None for name, value in tuning.items() if name not in _NEUTRAL)


def _at_given_value(mise: Callable, mixture: NormalMixture, value) -> MiseAt | None:
    if not isinstance(value, numbers.Real):
        if np.size(value) != 1 or np.ndim(value) > 1:  # a matrix holds a variance, not a width
            return None
        value = float(np.ravel(value)[0])
    return lambda n: float(mise(mixture, n, value))


_MISE_AT = {"kernel": _kernel, "histogram": _histogram, "series": _series, "gaussian": _gaussian}
_MISE_AT_ND = {"kernel": kernel_nd, "histogram": histogram_nd}
#: what a model's `metadata.exact` may say
EXACT_KINDS = tuple(sorted(_MISE_AT))
