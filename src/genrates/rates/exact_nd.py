"""Which exact error in several dimensions belongs to an estimator as it is configured."""

import numbers
from collections.abc import Callable

import numpy as np

from genrates.rates.mise_nd import histogram_mise_nd, kernel_mise_nd, optimum_nd
from genrates.rates.mixture import NormalMixture

MiseAt = Callable[[int], float]


def kernel_nd(mixture: NormalMixture, tuning: dict) -> MiseAt | None:
    """Exact MISE as a function of n for `bandwidth` and `kernel` in `tuning` (emptied of them), or None.

    Cross-validated bandwidths stand for the best factor of the coordinates' sds, which is what they seek.
    """
    bandwidth, d = tuning.pop("bandwidth", "optimal"), mixture.n_features
    if tuning.pop("kernel", "gaussian") != "gaussian":
        return None
    if isinstance(bandwidth, str):
        rules = {"silverman": ((d + 2) / 4) ** (-1 / (d + 4)), "scott": 1.0}
        if bandwidth in rules:
            at = rules[bandwidth] * mixture.sd
            return lambda n: float(kernel_mise_nd(mixture, n, at * n ** (-1 / (d + 4))))
        cross_validated = bandwidth in ("optimal", "lscv", "likelihood_cv")
        return (lambda n: optimum_nd(kernel_mise_nd, mixture, n)[1]) if cross_validated else None
    return _at_given(kernel_mise_nd, mixture, bandwidth)


def histogram_nd(mixture: NormalMixture, tuning: dict) -> MiseAt | None:
    """The same for `bins`, `bin_width` and `origin`; only the best common factor and given widths."""
    bins, width = tuning.pop("bins", "optimal"), tuning.pop("bin_width", None)
    tuning.pop("origin", None)  # averaged over
    if width is not None:
        return _at_given(histogram_mise_nd, mixture, width)
    return (lambda n: optimum_nd(histogram_mise_nd, mixture, n)[1]) if bins in ("optimal", "loo") else None


def _at_given(mise: Callable, mixture: NormalMixture, value) -> MiseAt | None:
    if not isinstance(value, numbers.Real) and np.shape(value) != (mixture.n_features,):
        return None  # a matrix that turns the kernel
    width = np.broadcast_to(np.asarray(value, dtype=np.float64), (mixture.n_features,))
    return lambda n: float(mise(mixture, n, width))
