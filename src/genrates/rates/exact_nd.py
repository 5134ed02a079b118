"""Exact errors of configured estimators in several dimensions."""

import numbers
from collections.abc import Callable

import numpy as np

from genrates.rates.mise_nd import histogram_mise_nd, kernel_mise_nd, optimum_nd
from genrates.rates.mixture import NormalMixture

#: a MISE as a function of the sample size
MiseFunction = Callable[[int], float]


def kernel_nd(mixture: NormalMixture, tuning: dict) -> MiseFunction | None:
    """Return the exact MISE of a kernel estimate as a function of n, or None where there is no closed form.

    A cross-validated bandwidth counts as the best multiple of the coordinates' standard deviations, which it
    estimates.

    Parameters
    ----------
    mixture : NormalMixture
        With means of shape (k, d).
    tuning : dict
        The estimator's parameters; `bandwidth` and `kernel` are removed from it.

    Returns
    -------
    callable or None
    """
    bandwidth, d = tuning.pop("bandwidth", "optimal"), mixture.n_features
    if tuning.pop("kernel", "gaussian") != "gaussian":
        return None
    if isinstance(bandwidth, str):
        rules = {"silverman": ((d + 2) / 4) ** (-1 / (d + 4)), "scott": 1.0}
        if bandwidth in rules:
            scale = rules[bandwidth] * mixture.sd
            return lambda n: float(kernel_mise_nd(mixture, n, scale * n ** (-1 / (d + 4))))
        cross_validated = bandwidth in ("optimal", "lscv", "likelihood_cv")
        return (lambda n: optimum_nd(kernel_mise_nd, mixture, n)[1]) if cross_validated else None
    return _with_fixed_value(kernel_mise_nd, mixture, bandwidth)


def histogram_nd(mixture: NormalMixture, tuning: dict) -> MiseFunction | None:
    """Return the exact MISE of a histogram as a function of n, or None where there is no closed form.

    There is one for the best multiple of the coordinates' standard deviations, and for given widths. It is
    averaged over the origin of the bins.

    Parameters
    ----------
    mixture : NormalMixture
        With means of shape (k, d).
    tuning : dict
        The estimator's parameters; `bins`, `bin_width` and `origin` are removed from it.

    Returns
    -------
    callable or None
    """
    bins, width = tuning.pop("bins", "optimal"), tuning.pop("bin_width", None)
    tuning.pop("origin", None)  # no effect: the error is averaged over it
    if width is not None:
        return _with_fixed_value(histogram_mise_nd, mixture, width)
    return (lambda n: optimum_nd(histogram_mise_nd, mixture, n)[1]) if bins in ("optimal", "loo") else None


def _with_fixed_value(mise: Callable, mixture: NormalMixture, value) -> MiseFunction | None:
    """Return the MISE at given bandwidths or bin widths, as a function of n; None for a matrix."""
    if not isinstance(value, numbers.Real) and np.shape(value) != (mixture.n_features,):
        return None  # a matrix rotates the kernel, which has no closed form here
    width = np.broadcast_to(np.asarray(value, dtype=np.float64), (mixture.n_features,))
    return lambda n: float(mise(mixture, n, width))
