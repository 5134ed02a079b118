"""Bandwidth selectors: rules of thumb, cross-validation, plug-in.

Each selector is a function of (X, weight, kernel, bounds) and returns one bandwidth per column, shape (d,). A
bandwidth that is selected for the Gaussian kernel is converted to the other second-order kernels by their
canonical ratio (Marron and Nolan 1988). Only ratios of weights matter: whole multiples of the smallest count
as repeats, other weights are importances.
"""

import numpy as np

from genrates.estimators._numerics.effective_size import effective_size
from genrates.estimators._numerics.spread import deviation
from genrates.estimators.kernel import _functions as kernels


def column_sd(X: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Return the standard deviation of each column, with divisor n - 1.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    weight : ndarray of shape (n,) or None, default=None
        Weights of the rows; None if all are equal.

    Returns
    -------
    ndarray of shape (d,)
    """
    n = effective_size(len(X), weight)
    w = None if weight is None else weight / weight.sum()
    return deviation(X, w) * np.sqrt(n / (n - 1) if n > 1 else 1.0)


def silverman(X: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Return Silverman's rule: sd_j (n (d + 2) / 4)^(-1/(d + 4)) (Silverman 1986).

    Parameters
    ----------
    X : ndarray of shape (n, d)
        The training set.
    weight : ndarray of shape (n,) or None, default=None
        Weights of the rows; None if all are equal.

    Returns
    -------
    ndarray of shape (d,)
        Bandwidths of a Gaussian kernel.
    """
    d = X.shape[1]
    return column_sd(X, weight) * (effective_size(len(X), weight) * (d + 2) / 4) ** (-1 / (d + 4))


def scott(X: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Return Scott's rule: sd_j n^(-1/(d + 4)) (Scott 1992).

    Parameters
    ----------
    X : ndarray of shape (n, d)
        The training set.
    weight : ndarray of shape (n,) or None, default=None
        Weights of the rows; None if all are equal.

    Returns
    -------
    ndarray of shape (d,)
        Bandwidths of a Gaussian kernel.
    """
    return column_sd(X, weight) * effective_size(len(X), weight) ** (-1 / (X.shape[1] + 4))


def lscv(X, weight=None, kernel: str = "gaussian", bounds=((-np.inf, np.inf),)) -> np.ndarray:
    """Select by least-squares cross-validation, the lecture's leave-one-out empirical risk.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        The training set.
    weight : ndarray of shape (n,) or None, default=None
        Weights of the rows; None if all are equal.
    kernel : str, default="gaussian"
        The kernel that the bandwidth is for.
    bounds : sequence of pairs (lower, upper), default=((-inf, inf),)
        The support, used in one dimension only.

    Returns
    -------
    ndarray of shape (d,)

    Notes
    -----
    In one dimension: the global minimum, for any kernel, in O(n log n). In more dimensions: a common factor
    times the columns' standard deviations, selected for the Gaussian kernel (see
    :mod:`genrates.estimators.kernel._lscv_nd`).

    Examples
    --------
    >>> x = np.random.default_rng(0).standard_normal((1000, 1))
    >>> h = lscv(x)
    >>> bool(np.allclose(lscv(1000 * x), 1000 * h))
    True
    """
    size = effective_size(len(X), weight)
    if X.shape[1] == 1:
        from genrates.estimators.kernel import _lscv_1d

        return np.array([_lscv_1d.minimize(X[:, 0], weight, kernel, bounds[0], size)])
    from genrates.estimators.kernel import _lscv_nd

    sd = column_sd(X, weight)
    return sd * _lscv_nd.minimize(X / sd, weight, size) * kernels.canonical_ratio(kernel, X.shape[1])


def likelihood_cv(X, weight=None, kernel: str = "gaussian", bounds=None) -> np.ndarray:
    """Select by leave-one-out likelihood a common factor times the columns' standard deviations.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        The training set.
    weight : ndarray of shape (n,) or None, default=None
        Weights of the rows; None if all are equal.
    kernel : str, default="gaussian"
        The kernel that the bandwidth is for.
    bounds : object, default=None
        Ignored.

    Returns
    -------
    ndarray of shape (d,)
    """
    from genrates.estimators.kernel import _likelihood_cv

    sd = column_sd(X, weight)
    factor = _likelihood_cv.minimize(X / sd, weight, effective_size(len(X), weight))
    return sd * factor * kernels.canonical_ratio(kernel, X.shape[1])


def improved_sheather_jones(X, weight=None, kernel: str = "gaussian", bounds=None) -> np.ndarray:
    """Select by the diffusion plug-in (Botev, Grotowski and Kroese 2010), in one dimension.

    Parameters
    ----------
    X : ndarray of shape (n, 1)
        The training set.
    weight : ndarray of shape (n,) or None, default=None
        Weights of the rows; None if all are equal.
    kernel : str, default="gaussian"
        The kernel that the bandwidth is for.
    bounds : object, default=None
        Ignored.

    Returns
    -------
    ndarray of shape (1,)
    """
    from genrates.estimators.kernel import _sheather_jones

    h = _sheather_jones.improved_sheather_jones(X[:, 0], weight, effective_size(len(X), weight))
    return np.array([h * kernels.canonical_ratio(kernel, 1)])


def _selector(rule):
    """Turn a rule of thumb for the Gaussian kernel into a selector for every kernel."""

    def select(X, weight=None, kernel: str = "gaussian", bounds=None):
        return rule(X, weight) * kernels.canonical_ratio(kernel, X.shape[1])

    return select


#: name -> selector
SELECTORS = {
    "lscv": lscv,
    "likelihood_cv": likelihood_cv,
    "improved_sheather_jones": improved_sheather_jones,
    "silverman": _selector(silverman),
    "scott": _selector(scott),
}
