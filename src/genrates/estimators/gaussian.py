"""The parametric row of the lecture's table: one normal distribution, fitted by maximum likelihood."""

from typing import ClassVar

import numpy as np
import scipy
from scipy.special import ndtr, ndtri

from genrates.estimators._numerics.spread import power_of_two, refuse_variance
from genrates.estimators.base import DensityEstimator

_LOG_2PI = float(np.log(2 * np.pi))


class GaussianDensity(DensityEstimator):
    r"""Normal density fitted by maximum likelihood.

    .. math:: \hat p(x) = N(x; \hat\mu, \hat\Sigma), \quad \hat\mu = \sum_i w_i x_i, \quad
              \hat\Sigma = \sum_i w_i (x_i - \hat\mu)(x_i - \hat\mu)^T, \quad \sum_i w_i = 1.

    Converges at the rate n^(-1/2) to the normal closest to the truth in Kullback-Leibler divergence. If the
    truth is not normal, the error that remains is the lecture's "unavoidable bias".

    Parameters
    ----------
    covariance : {"full", "diag"}, default="full"
        "diag" estimates the variances only and sets all covariances to 0.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,)
        Weighted mean of the training set.
    covariance_ : ndarray of shape (n_features, n_features)
        Weighted covariance of the training set; diagonal if `covariance` is "diag".

    Notes
    -----
    Fit: O(n d^2 + d^3). One log-density: O(d^2).

    Examples
    --------
    >>> from genrates.estimators import GaussianDensity
    >>> model = GaussianDensity().fit([[3.0], [4.0], [5.0]])
    >>> model.mean_
    array([4.])
    >>> float(model.cdf([[4.0]])[0].round(12))
    0.5
    """

    minimum_samples = 2
    contract_parameters: ClassVar = [{"covariance": "diag"}]
    expected_failed_checks: ClassVar = {
        "check_sample_weight_equivalence_on_dense_data": "fewer rows of positive weight than columns: a "
        "full covariance is singular there, which is an error by design"
    }

    def __init__(self, *, covariance: str = "full"):
        self.covariance = covariance

    def fit(self, X, y=None, sample_weight=None):
        """Estimate the mean and the covariance.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set.
        y : None
            Not used; part of scikit-learn's interface.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weight of each row; None gives all rows weight 1.

        Returns
        -------
        self : GaussianDensity
            The fitted model.

        Raises
        ------
        ValueError
            For an unknown `covariance`, fewer than 2 rows, a constant column, columns that are linearly
            dependent, or a variance that leaves the range of floating-point numbers.
        """
        self._check_parameters()
        X, weight = self._check_fit(X, sample_weight)
        self._refuse_constant(X if weight is None else X[weight > 0])
        w = np.full(len(X), 1 / len(X)) if weight is None else weight / weight.sum()
        self.mean_ = w @ X
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            centered = X - self.mean_
            unit = power_of_two(centered)
            centered /= unit  # before it is squared
            if self.covariance == "full":
                covariance = (centered * w[:, None]).T @ centered
            else:
                covariance = np.diag(w @ centered**2)
            self.covariance_ = covariance * unit[:, None] * unit
        sd = unit * np.sqrt(np.diag(covariance))
        refuse_variance("GaussianDensity", np.diag(self.covariance_), sd)
        self._factor()
        return self

    @property
    def n_parameters_(self) -> int:
        """Number of free parameters: mean and covariance.

        Returns
        -------
        int
            d + d(d + 1)/2 for a full covariance, 2 d for a diagonal one.
        """
        d = self.n_features_in_
        return d + (d * (d + 1) // 2 if self.covariance == "full" else d)

    def _check_parameters(self) -> None:
        """Raise a ValueError for an unknown `covariance`."""
        self._check_choice("covariance", ("full", "diag"))
        super()._check_parameters()

    def _factor(self) -> np.ndarray:
        """Return the lower Cholesky factor of the covariance, computed on the correlation matrix."""
        scale = np.sqrt(np.diag(self.covariance_))
        try:
            return np.linalg.cholesky(self.covariance_ / np.outer(scale, scale)) * scale[:, None]
        except np.linalg.LinAlgError:
            raise ValueError(
                "GaussianDensity: the columns are linearly dependent, the covariance is singular; "
                "drop a column or use covariance='diag'."
            ) from None

    def _log_density(self, X):
        factor = self._factor()
        z = scipy.linalg.solve_triangular(factor, (X - self.mean_).T, lower=True)
        log_norm = 0.5 * self.n_features_in_ * _LOG_2PI + np.log(np.diag(factor)).sum()
        return -0.5 * np.einsum("ij,ij->j", z, z) - log_norm

    def _draw(self, n_samples, rng):
        X, factor = np.empty((n_samples, self.n_features_in_)), self._factor()
        for start in range(0, n_samples, 8192):  # in blocks that stay in the cache
            part = X[start : start + 8192]
            np.matmul(rng.standard_normal(part.shape), factor.T, out=part)
            part += self.mean_
        return X

    def _inverse_rosenblatt(self, z):
        """Map uniforms z (n, d) to points: row j of the Cholesky factor is the j-th conditional."""
        return self.mean_ + ndtri(z) @ self._factor().T

    def _cdf(self, x):
        return ndtr((x - self.mean_[0]) / np.sqrt(self.covariance_[0, 0]))

    def _ppf(self, q):
        return self.mean_[0] + np.sqrt(self.covariance_[0, 0]) * ndtri(q)
