"""Any density as an anomaly detector with scikit-learn's interface."""

import numpy as np
from sklearn.base import BaseEstimator, OutlierMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from genrates.errors import is_number, shown
from genrates.estimators import KernelDensity
from genrates.estimators.base import DensityEstimator


class AnomalyDetector(OutlierMixin, BaseEstimator):
    """Call rows anomalies whose density is among the lowest of the training set.

    Parameters
    ----------
    estimator : DensityEstimator or None, default=None
        The density; it is cloned. None: :class:`genrates.estimators.KernelDensity`.
    contamination : float, default=0.1
        Share of the training set that is called anomalous, above 0 and at most 0.5.

    Attributes
    ----------
    estimator_ : DensityEstimator
        The fitted density.
    offset_ : float
        Log-density, in nats, below which a row is an anomaly.
    n_features_in_ : int
        Number of columns.

    Examples
    --------
    >>> from genrates.estimators import GaussianDensity
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> detector = AnomalyDetector(GaussianDensity(), contamination=0.05).fit(X)
    >>> detector.predict([[0.0, 0.0], [5.0, -5.0]])
    array([ 1, -1])
    """

    def __init__(self, estimator: DensityEstimator | None = None, *, contamination: float = 0.1):
        self.estimator = estimator
        self.contamination = contamination

    def fit(self, X, y=None):
        """Fit the density, and find the threshold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set.
        y : None
            Not used; part of scikit-learn's interface.

        Returns
        -------
        self : AnomalyDetector

        Raises
        ------
        ValueError
            For a contamination that is not allowed, or what the density refuses.
        """
        if not is_number(self.contamination) or not 0 < self.contamination <= 0.5:
            raise ValueError(
                "AnomalyDetector: contamination must be a number above 0 and at most 0.5, "
                f"got {shown(self.contamination)}."
            )
        X = validate_data(self, X, dtype=np.float64)
        density = KernelDensity() if self.estimator is None else clone(self.estimator)
        self.estimator_ = density.fit(X)
        self.offset_ = float(np.quantile(self.estimator_.score_samples(X), self.contamination))
        return self

    def score_samples(self, X) -> np.ndarray:
        """Return log-densities: the lower, the more anomalous.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
            Nats.
        """
        check_is_fitted(self)
        return self.estimator_.score_samples(validate_data(self, X, dtype=np.float64, reset=False))

    def decision_function(self, X) -> np.ndarray:
        """Return log-densities less the threshold: negative for anomalies.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
            Nats.
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X) -> np.ndarray:
        """Return -1 for anomalies and 1 for all others.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        return np.where(self.decision_function(X) < 0, -1, 1)
