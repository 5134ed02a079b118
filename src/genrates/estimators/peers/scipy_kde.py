"""scipy.stats.gaussian_kde behind the protocol of this package."""

from typing import ClassVar

import numpy as np
from scipy.stats import gaussian_kde

from genrates.errors import is_scale
from genrates.estimators._numerics.effective_size import without_rounding
from genrates.estimators._numerics.spread import deviation
from genrates.estimators.base import DensityEstimator
from genrates.estimators.peers._methods import check_magnitude, named_errors, quantiles

# Beyond so many standard deviations of the kernel its distribution function is 0 or 1 to the last bit.
_REACH = 40.0
_NOT_REPEATS = "scipy's covariance and number of effective points do not count weights as repeats"


class ScipyGaussianKDE(DensityEstimator):
    """Gaussian kernel density estimate of scipy, whose kernel has the data's covariance times a factor.

    Parameters
    ----------
    bw_method : {"scott", "silverman"} or float, default="scott"
        The factor, or the rule that chooses it from the effective number of points, 1 / sum of squared
        weights.

    Attributes
    ----------
    factor_ : float
        What multiplies the data's standard deviations.
    points_ : ndarray of shape (n, n_features)
        The training set.
    sample_weight_ : ndarray of shape (n,) or None
        Its weights.

    Notes
    -----
    Densities are `logpdf`, draws `resample`, and the distribution function `integrate_box_1d`, each O(n) a
    point. scipy has no quantiles; they invert its distribution function.

    References
    ----------
    https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.gaussian_kde.html

    Examples
    --------
    >>> model = ScipyGaussianKDE(bw_method=0.5).fit([[-1.0], [1.0]])
    >>> float(model.cdf([[0.0]])[0])
    0.5
    """

    minimum_samples = 2
    contract_parameters: ClassVar = [{"bw_method": "silverman"}, {"bw_method": 0.3}]
    contract_exceptions: ClassVar = {"weights_equal_repeats": _NOT_REPEATS}
    expected_failed_checks: ClassVar = {"check_sample_weight_equivalence_on_dense_data": _NOT_REPEATS}

    _normalize_weight = staticmethod(without_rounding)

    def __init__(self, *, bw_method="scott"):
        self.bw_method = bw_method

    def fit(self, X, y=None, sample_weight=None):
        """Keep the training set and choose the factor.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Training set.
        y : None
            Ignored.
        sample_weight : array-like of shape (n,), default=None
            Non-negative weights.

        Returns
        -------
        ScipyGaussianKDE
            The fitted estimator.

        Raises
        ------
        ValueError
            For a bad parameter, fewer than 2 rows, fewer rows than columns, or columns that are constant or
            linearly dependent.
        """
        self._check_parameters()
        checked, self.sample_weight_ = self._check_fit(X, sample_weight)
        self._refuse_constant(checked)
        check_magnitude("ScipyGaussianKDE", checked)
        self.points_ = checked.copy() if np.may_share_memory(checked, X) else checked
        self._peer = self._made(self.bw_method)
        self.factor_ = float(self._peer.factor)
        return self

    def _check_parameters(self) -> None:
        if isinstance(self.bw_method, str) and self.bw_method in ("scott", "silverman"):
            return
        # the factor's square multiplies the covariance
        if not is_scale(self.bw_method):
            must = "be 'scott', 'silverman' or a finite number > 0, at most 1e150"
            self._refuse("bw_method", must, self.bw_method)

    def _made(self, bw_method) -> gaussian_kde:
        """Make the peer of the training set."""
        with named_errors("ScipyGaussianKDE"):  # scipy's LinAlgError is a ValueError
            return gaussian_kde(self.points_.T, bw_method=bw_method, weights=self.sample_weight_)

    def _fitted(self) -> gaussian_kde:
        """Return the peer; after loading it is made again of the training set."""
        if getattr(self, "_peer", None) is None:
            self._peer = self._made(self.factor_)
        return self._peer

    def _log_density(self, X):
        values = self._fitted().logpdf(X.T)
        # scipy says NaN where a squared distance overflows: the density is 0 there, and only there
        with np.errstate(over="ignore"):
            far = np.any(
                np.abs(X - self.points_.mean(axis=0)) > 1e140 * deviation(self.points_, None), axis=1
            )
        return np.where(np.isnan(values) & far, -np.inf, values)

    def _draw(self, n_samples, rng):
        return np.ascontiguousarray(self._fitted().resample(n_samples, seed=rng).T)

    def _cdf(self, x):
        below = self._fitted().integrate_box_1d
        return np.array([below(-np.inf, at) for at in x], dtype=np.float64)

    def _ppf(self, q):
        reach = _REACH * float(np.sqrt(self._fitted().covariance[0, 0]))
        return quantiles(self._cdf, q, self.points_.min() - reach, self.points_.max() + reach)
