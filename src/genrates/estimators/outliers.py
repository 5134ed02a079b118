"""A density as an anomaly detector, with scikit-learn's interface."""

import numpy as np
from sklearn.base import BaseEstimator, OutlierMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from genrates.errors import is_number, shown
from genrates.estimators.kernel import KernelDensity


class DensityOutlierDetector(OutlierMixin, BaseEstimator):
    """Call the rows of lowest density outliers.

    Parameters
    ----------
    density : DensityEstimator, default=None
        A density with a likelihood; None: a kernel density estimate with Silverman's bandwidth.
    contamination : float, default=0.1
        Share of the training set that counts as outliers, in (0, 0.5].

    Attributes
    ----------
    density_ : DensityEstimator
        Fitted.
    offset_ : float
        Log-density below which a row is an outlier.

    Notes
    -----
    A row of the training set raises the density where it lies, most in a kernel estimate with a small
    bandwidth. The share of outliers among new rows is then larger than `contamination`.

    Examples
    --------
    >>> X = np.append(np.random.default_rng(0).normal(size=99), 9.0)[:, None]
    >>> int(DensityOutlierDetector(contamination=0.01).fit(X).predict([[9.0]])[0])
    -1
    """

    def __init__(self, density=None, *, contamination: float = 0.1):
        self.density = density
        self.contamination = contamination

    def fit(self, X, y=None):
        """Fit the density and choose the threshold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set.
        y : None
            Not used; part of scikit-learn's interface.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If `contamination` is not in (0, 0.5], or the density refuses the data.
        """
        if not is_number(self.contamination) or not 0 < self.contamination <= 0.5:
            raise ValueError(
                "DensityOutlierDetector: contamination must be a number in (0, 0.5], "
                f"got {shown(self.contamination)}."
            )
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        density = KernelDensity(bandwidth="silverman") if self.density is None else clone(self.density)
        self.density_ = density.fit(X)
        self.offset_ = float(np.quantile(self.density_.score_samples(X), self.contamination))
        return self

    def score_samples(self, X) -> np.ndarray:
        """Return the log-density of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
            In nats; lower is odder.
        """
        check_is_fitted(self)
        return self.density_.score_samples(validate_data(self, X, dtype=np.float64, reset=False))

    def decision_function(self, X) -> np.ndarray:
        """Return the log-density above the threshold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
            Negative for outliers.
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X) -> np.ndarray:
        """Return -1 for outliers and 1 for the others.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of int of shape (n_samples,)
        """
        return np.where(self.decision_function(X) < 0, -1, 1)
