"""Errors of a configured estimator's distribution function at finite n."""

import numpy as np

from genrates.rates.exact import bandwidth_function, has_unknown
from genrates.rates.kernel_cdf import kernel_sup_cdf, kernel_wasserstein
from genrates.rates.mixture import NormalMixture
from genrates.rates.sizes import check_sizes

_ERRORS = {"root_sup_cdf": kernel_sup_cdf, "wasserstein_1": kernel_wasserstein}


def exact_cdf_error(metric: str, kind: str | None, mixture, sizes, **tuning) -> np.ndarray | None:
    r"""Return an error of the distribution function at each sample size, or None where it is not known.

    Known are those of a Gaussian-kernel estimate on the line. A data-driven bandwidth is represented by the
    one of smallest exact MISE, as in :func:`genrates.rates.exact_error`: it is chosen for the density.

    Parameters
    ----------
    metric : str
        "root_sup_cdf", the root of :math:`\mathrm E \sup |\hat F - F|^2`, or "wasserstein_1",
        :math:`\mathrm E \int |\hat F - F|`; others are not known.
    kind : str or None
        `exact` in a model's metadata; only "kernel" is known.
    mixture : NormalMixture, triple (weights, means, sds) or object with those attributes
        The true density.
    sizes : array-like of shape (n_sizes,)
        Sample sizes, increasing.
    **tuning
        The estimator's own constructor parameters, as in :func:`genrates.rates.exact_error`.

    Returns
    -------
    ndarray of shape (n_sizes,) or None
        Mean and covariance behind it are exact. The law of the estimate is taken as normal: that is within
        1 % for "root_sup_cdf", and 1 to 4 % too much for "wasserstein_1" at n = 100, where few points lie in
        the tails, and within 1 % from n = 1000 on.

    Examples
    --------
    >>> exact_cdf_error("wasserstein_1", "kernel", ([1], [0], [1]), [100, 10_000]).round(4)
    array([0.1257, 0.0158])
    >>> exact_cdf_error("root_sup_cdf", "histogram", ([1], [0], [1]), [100]) is None
    True
    """
    mixture = NormalMixture.of(mixture)
    bandwidth, kernel = tuning.pop("bandwidth", "optimal"), tuning.pop("kernel", "gaussian")
    known = metric in _ERRORS and kind == "kernel" and kernel == "gaussian" and mixture.is_univariate
    if not known or has_unknown(tuning):
        return None
    bandwidth_at = bandwidth_function(mixture, bandwidth)
    if bandwidth_at is None:
        return None
    sizes = check_sizes(sizes, "exact_cdf_error")
    return np.array([_ERRORS[metric](mixture, n, bandwidth_at(n)) for n in sizes])
