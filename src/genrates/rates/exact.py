"""Exact finite-n root errors of a configured estimator, and the slope of these errors.

An asymptotic exponent describes the limit n = infinity. On the standard normal with n from 10^2 to 10^5, the
best kernel estimate has slope -0.375 instead of -0.4, and the best histogram -0.323 instead of -1/3. A
measured rate is compared with these finite-n slopes.
"""

import numbers
from collections.abc import Callable
from functools import partial

import numpy as np

from genrates.rates.exact_nd import MiseFunction, histogram_nd, kernel_nd
from genrates.rates.exact_neighbors import neighbors
from genrates.rates.gaussian_mise import gaussian_mise
from genrates.rates.higher_order_mise import KERNELS, higher_order_mise, higher_order_optimum
from genrates.rates.histogram_mise import histogram_mise, histogram_optimum
from genrates.rates.kernel_mise import kernel_mise, kernel_optimum
from genrates.rates.least_squares import log_log_slope
from genrates.rates.mixture import NormalMixture
from genrates.rates.series_mise import data_interval, series_mise, series_optimum
from genrates.rates.sizes import check_sizes

#: parameters that change the running time or the random numbers, but not the error
_NEUTRAL = frozenset({"rtol", "atol", "random_state"})
_DATA_DRIVEN_BANDWIDTHS = frozenset({"optimal", "lscv", "likelihood_cv", "improved_sheather_jones"})


def exact_error(kind: str | None, mixture, sizes, **tuning) -> np.ndarray | None:
    """Return the root of the exact MISE at each sample size, or None where no closed form is known.

    A data-driven choice of the tuning parameter is represented by the value of smallest exact MISE, which it
    estimates. The additional error from the randomness of that choice is not included.

    Parameters
    ----------
    kind : {"kernel", "histogram", "series", "gaussian", "neighbors"} or None
        `exact` in a model's metadata: kernel estimate, histogram, cosine series, normal distribution fitted
        by maximum likelihood, nearest neighbors. None has no exact error.
    mixture : NormalMixture, triple (weights, means, sds) or object with those attributes
        The true density. With means of shape (k, d) it lives in d dimensions. There only kernel estimates,
        histograms and, on one normal, nearest neighbors have an exact error.
    sizes : array-like of shape (n_sizes,)
        Sample sizes, increasing.
    **tuning
        The estimator's own constructor parameters.

        kernel: `bandwidth` is "optimal" (default), "lscv", "likelihood_cv" or "improved_sheather_jones" (all
        three count as optimal), "silverman" or "scott" (the rule at the population's standard deviation), or
        a number. `kernel` is "gaussian", or in one dimension "gaussian4" or "sinc", without the projection
        onto the densities. Other kernels, and `bounds` other than None, have no closed form.

        histogram: `bins` is "optimal" (default), "loo" (counts as optimal), "fd" or "scott" (the rule at the
        population's interquartile range or standard deviation). The error is averaged over the bins' origin,
        which follows the data. Or `bin_width` is a number; the edges are then at `origin` plus multiples of
        it, or averaged over the origin where `origin` is None (default). An integer `bins` divides the
        range of the data and has no closed form.

        series: `n_terms` is "risk" (default, counts as the best number) or a number, the constant included.
        `basis` is "cosine". The interval is the one that leaves 1/n of the mass outside at either end, since
        the estimator takes its bounds from the data. It is the series without its projection onto the
        densities.

        neighbors: `n_neighbors` is "rate" (default), "global_rate" or a number. The error is that of the law
        of the k-th distance, normalized on the mean box of the data.

        gaussian: `covariance`, either value (they agree in one dimension).

        `rtol`, `atol` and `random_state` have no effect on the error. Any other parameter that is not None
        has no closed form.

    Returns
    -------
    ndarray of shape (n_sizes,) or None
        Root-MISE at each size.

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
    if kind not in _UNIVARIATE_MISE:
        raise ValueError(
            f"exact_error: kind must be one of {sorted(_UNIVARIATE_MISE)} or None, got {kind!r}."
        )
    sizes = check_sizes(sizes, "exact_error")
    mise_at = _mise_function(kind, mixture, dict(tuning))
    if mise_at is None:
        return None
    # Differences of terms of order one: rounding may give -1e-17 where the error is 0.
    return np.sqrt(np.maximum([mise_at(n) for n in sizes], 0.0))


def exact_rate(kind: str | None, mixture, sizes, *, weights=None, **tuning) -> float | None:
    """Return the exponent a of exact error ~ n^(-a), by the same regression as for measured errors.

    The slope of a power law does not depend on the weights. An exact error curve bends a little, so its slope
    depends on them. Pass the `weights` of the measured fit to make the two comparable.

    Parameters
    ----------
    kind, mixture, sizes, **tuning
        As in :func:`exact_error`.
    weights : array-like of shape (n_sizes,), optional
        `RateFit.weights` of the measured fit; equal by default.

    Returns
    -------
    float or None
        None where :func:`exact_error` returns None or an infinite error.

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
    """Return the bandwidth that a reference rule takes at the population's standard deviation.

    The rules are those of scikit-learn and scipy, on the scale of the data.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
        Univariate.
    n : int
        Sample size.
    rule : {"silverman", "scott"}
        (4/(3n))^(1/5) sd or n^(-1/5) sd.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For another rule.

    Examples
    --------
    >>> round(kernel_bandwidth(([1], [0], [2]), 1000, "silverman"), 6)
    0.53213
    """
    sd = NormalMixture.univariate(mixture).sd
    if rule == "silverman":
        return float(sd * (4 / (3 * n)) ** 0.2)
    if rule == "scott":
        return float(sd * n**-0.2)
    raise ValueError(f"kernel_bandwidth: rule must be 'silverman' or 'scott', got {rule!r}.")


def bandwidth_function(
    mixture: NormalMixture, bandwidth, optimum: Callable = kernel_optimum
) -> Callable[[int], float] | None:
    """Return the bandwidth of a kernel estimate as a function of n.

    Parameters
    ----------
    mixture : NormalMixture
        Univariate.
    bandwidth : str, float or array-like
        The estimator's parameter, as in :func:`exact_error`.
    optimum : callable, default=kernel_optimum
        Maps a mixture and n to the best bandwidth and its MISE; it stands for every data-driven choice.

    Returns
    -------
    callable or None
        None where the choice is not known here, or a matrix is given.
    """
    if isinstance(bandwidth, str):
        if bandwidth in _DATA_DRIVEN_BANDWIDTHS:
            return lambda n: optimum(mixture, n)[0]
        known = bandwidth in ("silverman", "scott")
        return (lambda n: kernel_bandwidth(mixture, n, bandwidth)) if known else None
    value = _single_number(bandwidth)
    return None if value is None else lambda n: value


def histogram_width(mixture, n: int, rule: str) -> float:
    """Return the bin width that a reference rule takes at the population's spread.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
        Univariate.
    n : int
        Sample size.
    rule : {"fd", "scott"}
        2 IQR n^(-1/3) with the interquartile range IQR (Freedman and Diaconis), or (24 sqrt(pi)/n)^(1/3) sd.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For another rule.

    Examples
    --------
    >>> round(histogram_width(([1], [0], [1]), 1000, "fd"), 6)
    0.269796
    """
    mixture = NormalMixture.univariate(mixture)
    if rule == "fd":
        return float(2 * mixture.iqr * n ** (-1 / 3))
    if rule == "scott":
        return float(mixture.sd * (24 * np.sqrt(np.pi) / n) ** (1 / 3))
    raise ValueError(f"histogram_width: rule must be 'fd' or 'scott', got {rule!r}.")


def _kernel(mixture: NormalMixture, tuning: dict) -> MiseFunction | None:
    """Return the MISE of a kernel estimate as a function of n, or None; empties `tuning`."""
    bandwidth, kernel = tuning.pop("bandwidth", "optimal"), tuning.pop("kernel", "gaussian")
    if has_unknown(tuning) or kernel not in ("gaussian", *KERNELS):
        return None
    mise, optimum = kernel_mise, kernel_optimum
    if kernel in KERNELS:
        mise, optimum = (
            partial(higher_order_mise, kernel=kernel),
            partial(higher_order_optimum, kernel=kernel),
        )
    bandwidth_at = bandwidth_function(mixture, bandwidth, optimum)
    return None if bandwidth_at is None else lambda n: float(mise(mixture, n, bandwidth_at(n)))


def _histogram(mixture: NormalMixture, tuning: dict) -> MiseFunction | None:
    """Return the MISE of a histogram as a function of n, or None; empties `tuning`."""
    bins, width = tuning.pop("bins", "optimal"), tuning.pop("bin_width", None)
    origin = tuning.pop("origin", None)
    if has_unknown(tuning):
        return None
    if width is not None:
        return _with_fixed_value(partial(histogram_mise, origin=origin), mixture, width)
    if bins in ("optimal", "loo"):
        return lambda n: histogram_optimum(mixture, n)[1]
    if bins in ("fd", "scott"):
        return lambda n: float(histogram_mise(mixture, n, histogram_width(mixture, n, bins)))
    return None


def _series(mixture: NormalMixture, tuning: dict) -> MiseFunction | None:
    """Return the MISE of a cosine series as a function of n, or None; empties `tuning`."""
    n_terms, basis = tuning.pop("n_terms", "risk"), tuning.pop("basis", "cosine")
    if has_unknown(tuning) or basis != "cosine":
        return None
    if n_terms == "risk":
        return lambda n: series_optimum(mixture.pdf, *data_interval(mixture, n), n)[1]
    if not isinstance(n_terms, numbers.Integral):
        return None
    # The estimator counts the constant as a term, series_mise does not.
    return lambda n: series_mise(mixture.pdf, *data_interval(mixture, n), n, int(n_terms) - 1)[-1]


def _gaussian(mixture: NormalMixture, tuning: dict) -> MiseFunction | None:
    """Return the MISE of a fitted normal as a function of n, or None; empties `tuning`."""
    tuning.pop("covariance", None)
    return None if has_unknown(tuning) else lambda n: gaussian_mise(mixture, n)


def _mise_function(kind: str, mixture, tuning: dict) -> MiseFunction | None:
    """Return the MISE as a function of n, or None where it has no closed form."""
    mixture = NormalMixture.of(mixture)
    if mixture.is_univariate:
        return _UNIVARIATE_MISE[kind](mixture, tuning)
    if kind not in _MULTIVARIATE_MISE:
        return None
    mise_at = _MULTIVARIATE_MISE[kind](mixture, tuning)
    return None if has_unknown(tuning) else mise_at


def has_unknown(tuning: dict) -> bool:
    """Return whether a parameter is left whose effect on the error is not known here.

    Parameters
    ----------
    tuning : dict
        The estimator's parameters without those that were used.

    Returns
    -------
    bool
    """
    return any(value is not None for name, value in tuning.items() if name not in _NEUTRAL)


def _with_fixed_value(mise: Callable, mixture: NormalMixture, value) -> MiseFunction | None:
    """Return the MISE at one given bandwidth or bin width, as a function of n; None for a matrix."""
    number = _single_number(value)
    return None if number is None else lambda n: float(mise(mixture, n, number))


def _single_number(value) -> float | None:
    """Return the number that a bandwidth or a bin width is; None for a matrix, which is a covariance."""
    if isinstance(value, numbers.Real):
        return float(value)
    return float(np.ravel(value)[0]) if np.size(value) == 1 and np.ndim(value) <= 1 else None


def _neighbors(mixture: NormalMixture, tuning: dict) -> MiseFunction | None:
    """Return the MISE of nearest neighbors as a function of n, or None; empties `tuning`."""
    mise_at = neighbors(mixture, tuning)
    return None if has_unknown(tuning) else mise_at


_UNIVARIATE_MISE = {
    "kernel": _kernel,
    "histogram": _histogram,
    "series": _series,
    "gaussian": _gaussian,
    "neighbors": _neighbors,
}
_MULTIVARIATE_MISE = {"kernel": kernel_nd, "histogram": histogram_nd, "neighbors": neighbors}
#: what a model's `metadata.exact` may say
EXACT_KINDS = tuple(sorted(_UNIVARIATE_MISE))
