"""A model, a data set and a metric of one's own, outside genrates. docs/add.md explains them."""

import numpy as np

from genrates.data import KnownDensity
from genrates.estimators import DensityEstimator
from genrates.metrics import Metric


class LaplaceDensity(DensityEstimator):
    """Laplace density, fitted by maximum likelihood; in several dimensions a product of such densities.

    Parameters
    ----------
    center : {"median", "mean"}, default="median"
        How the location is estimated. The median is the maximum-likelihood estimate.
    """

    minimum_samples = 2

    def __init__(self, *, center="median"):
        self.center = center

    def fit(self, X, y=None):
        """Estimate location and scale of each column."""
        X, _ = self._check_fit(X)
        self._check_parameters()
        self._refuse_constant(X)
        self.location_ = getattr(np, self.center)(X, axis=0)
        self.scale_ = np.abs(X - self.location_).mean(axis=0)
        return self

    def _check_parameters(self):
        if self.center not in ("median", "mean"):
            self._refuse("center", "be 'median' or 'mean'", self.center)

    def _log_density(self, X):
        return -(np.abs(X - self.location_) / self.scale_ + np.log(2 * self.scale_)).sum(axis=1)

    def _draw(self, n_samples, rng):
        return rng.laplace(self.location_, self.scale_, (n_samples, self.n_features_in_))

    def _cdf(self, x):
        z = (x - self.location_[0]) / self.scale_[0]
        return np.where(z < 0, 0.5 * np.exp(-np.abs(z)), 1 - 0.5 * np.exp(-np.abs(z)))

    def _ppf(self, q):
        with np.errstate(divide="ignore"):
            tail = np.log(2 * np.minimum(q, 1 - q))
        return self.location_[0] + self.scale_[0] * np.where(q < 0.5, tail, -tail)


class Triangle(KnownDensity):
    """The sum of two uniform numbers: a density with a kink at 1."""

    domain = (np.array([-0.5]), np.array([2.5]))
    breakpoints = (0.0, 1.0, 2.0)

    def _draw(self, n, rng):
        first, second = rng.spawn(2)  # a stream for each variate: the first m rows of n are the sample of m
        return (first.random(n) + second.random(n))[:, None]

    def _logpdf(self, X):
        return np.log(np.maximum(1 - np.abs(X[:, 0] - 1), 0))

    def _cdf(self, x):
        x = np.clip(x, 0, 2)
        return np.where(x < 1, x**2 / 2, 1 - (2 - x) ** 2 / 2)

    def _ppf(self, q):
        return np.where(q < 0.5, np.sqrt(2 * q), 2 - np.sqrt(2 * (1 - q)))


class MedianError(Metric):
    """Distance between the model's median and the true one, in one dimension."""

    aggregate = "root_mean_square"

    def __call__(self, evaluation):
        """Return the distance; skipped where either has no distribution function."""
        evaluation.require(truth="cdf", model="cdf")
        return float(abs(evaluation.model.ppf([0.5])[0] - evaluation.data.ppf([0.5])[0]))
