"""The kernel density estimate whose bandwidth grows where points are rare: better coverage of the tails."""

from typing import ClassVar

import numpy as np

from genrates.errors import is_number
from genrates.estimators.kernel import _boundary
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel.density import KernelDensity

_MAX_LOG_RANGE = 600.0  # largest logarithm of the ratio of two kernels' volumes


class AdaptiveKernelDensity(KernelDensity):
    r"""Kernel density estimate with a bandwidth for each point (Abramson 1982).

    .. math:: \hat f(x) = \sum_i \frac{w_i}{(h \lambda_i)^d} K\Big(\frac{x - x_i}{h \lambda_i}\Big), \qquad
              \lambda_i = \big( g / \tilde f(x_i) \big)^\alpha, \quad \sum_i w_i = 1,

    where the pilot is the estimate with the fixed bandwidth h. g is the geometric mean of the pilot at the
    points, so the geometric mean of the factors is 1 (Silverman 1986, section 5.3).

    With alpha = 1/2 the bias of order h^2 cancels where the density is positive and has four derivatives
    (Abramson's square-root law; Hall and Marron 1988). At a point of the line the error is then n^(-4/9), for
    h ~ n^(-1/9). A selector for fixed kernels gives h ~ n^(-1/5). The standard deviation then stays of order
    n^(-2/5), as for the fixed estimate, and the gain is in the constant and in the tails.

    Parameters
    ----------
    bandwidth : str, number, array of shape (d,) or matrix of shape (d, d), default="lscv"
        As in :class:`~genrates.estimators.KernelDensity`.
    kernel : {"gaussian", "epanechnikov", "tophat", "linear", "exponential", "cosine"}, default="gaussian"
        As in KernelDensity, without "gaussian4" and "sinc", which are not densities.
    bounds : None, pair (lower, upper), or one pair per feature, default=None
        As in KernelDensity. The estimate is reflected at the bounds, in any dimension.
    rtol : float, default=0.0
        As in KernelDensity.
    sensitivity : float in [0, 1], default=0.5
        alpha. 0 is the fixed estimate; 1/d resembles k nearest neighbors.

    Attributes
    ----------
    bandwidth_ : float (one dimension, or a number given), ndarray of shape (d,) or (d, d)
        h, as in KernelDensity.
    points_ : ndarray of shape (n, d)
        The training set.
    weights_ : ndarray of shape (n,) or None
        Weights of the points, None if all are equal.
    factors_ : ndarray of shape (n,)
        lambda, one for each point.
    log_mean_pilot_ : float
        log g, in nats.

    Notes
    -----
    Fit: a fixed estimate at its own points, O(n log n) in one dimension.

    Queries with the Gaussian kernel in one dimension and more than 4096 points: crowded cells are replaced by
    16 nodes each (relative error below 1e-11), so a query costs O(range / h) and not O(n). Otherwise a k-d
    tree finds the points within about 8 of their own bandwidths.

    Memory: O((n + m) d) for m queries.

    References
    ----------
    Abramson, "On bandwidth variation in kernel estimates: a square root law", Ann. Statist. 10 (1982).
    Hall and Marron, "Variable window width kernel estimates of probability densities", PTRF 80 (1988).

    Examples
    --------
    >>> from genrates.estimators import AdaptiveKernelDensity
    >>> model = AdaptiveKernelDensity(bandwidth=0.5).fit([[3.0], [4.0], [4.0], [9.0]])
    >>> model.factors_.round(3)  # the outlier's kernel is the widest
    array([1.105, 0.852, 0.852, 1.246])
    """

    expected_failed_checks: ClassVar[dict[str, str]] = dict(
        getattr(KernelDensity, "expected_failed_checks", {})
    )
    contract_parameters: ClassVar[list[dict]] = [
        {"bandwidth": "silverman", "kernel": "epanechnikov"},
        {"bandwidth": "scott", "sensitivity": 1.0},
    ]

    def __init__(
        self, *, bandwidth="lscv", kernel: str = "gaussian", bounds=None, rtol: float = 0.0, sensitivity=0.5
    ):
        super().__init__(bandwidth=bandwidth, kernel=kernel, bounds=bounds, rtol=rtol)
        self.sensitivity = sensitivity

    def fit(self, X, y=None, sample_weight=None):
        """Store the points, choose the bandwidth and compute the factors from the pilot.

        Parameters
        ----------
        X : array of shape (n, d)
            The training set.
        y : None
            Ignored.
        sample_weight : array of shape (n,), optional
            Non-negative weights. Points of weight zero are dropped.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            As KernelDensity, and for a `sensitivity` outside [0, 1], a kernel with negative values, or
            kernels whose volumes differ by more than a double holds (in many dimensions).
        """
        super().fit(X, sample_weight=sample_weight)
        self._pilot_engine = None
        log_pilot = self._log_pilot(self.points_)
        self.log_mean_pilot_ = float(np.average(log_pilot, weights=self.weights_))
        self.factors_ = np.exp(self.sensitivity * (self.log_mean_pilot_ - log_pilot))
        d, log_range = self.points_.shape[1], self.sensitivity * float(np.ptp(log_pilot))
        if not d * log_range < _MAX_LOG_RANGE:
            raise ValueError(
                f"AdaptiveKernelDensity: the kernels' volumes differ by a factor of exp({d * log_range:.3g}) "
                f"in {d} dimensions, which floating-point numbers do not hold; use a smaller sensitivity."
            )
        return self

    def _check_parameters(self) -> None:
        """Raise a ValueError for a constructor parameter that no data could make valid."""
        if not (is_number(self.sensitivity) and 0 <= self.sensitivity <= 1):
            self._refuse("sensitivity", "be a number in [0, 1]", self.sensitivity)
        self._check_choice("kernel", kernels.SECOND_ORDER)
        super()._check_parameters()

    def _log_pilot(self, X):
        """Return the log-density of the pilot at each row, in nats."""
        if getattr(self, "_pilot_engine", None) is None:
            self._pilot_engine = super()._get_engine()
            self._engine = None
        return self._pilot_engine.log_density(X if X.shape[1] > 1 else X[:, 0], float(self.rtol))

    def _factor_at(self, X):
        """Return lambda at each row; rows outside of the bounds are folded back first."""
        inside = _boundary.fold(X, self._pairs()) if self._is_bounded else X
        return np.exp(self.sensitivity * (self.log_mean_pilot_ - self._log_pilot(inside)))

    def _pairs(self):
        """Return the bounds as one (lower, upper) pair per feature."""
        return _boundary.parse(self.bounds, self.n_features_in_, type(self).__name__)

    def _get_engine(self):
        """Return the engine that sums the kernels, built once per fit."""
        if getattr(self, "_adaptive", None) is None or self._adaptive.data is not self.points_:
            from genrates.estimators.kernel._adaptive_engine import Adaptive

            self._adaptive = Adaptive(
                self.points_,
                self.weights_,
                self.factors_,
                self.bandwidth_,
                self.kernel,
                self._pairs(),
                self._factor_at,
            )
        return self._adaptive

    def _log_density(self, X):
        """Return the log-density of each row, in nats."""
        return self._get_engine().log_density(X, float(self.rtol))
