"""A density of columns that are bounded or heavy-tailed: fitted where they are neither."""

import numpy as np
from sklearn.base import clone

from genrates.estimators import DensityEstimator, GaussianDensity


class TransformedDensity(DensityEstimator):
    r"""A density fitted to transformed columns, as a density of the columns themselves.

    .. math:: \hat f(x) = \hat g(t(x)) \prod_j |t_j'(x_j)|

    A column with one bound becomes the logarithm of the distance from it, one with two bounds its logit, a
    heavy-tailed one asinh((x - median) / interquartile range). All are then standardized.

    Parameters
    ----------
    density : DensityEstimator, default=None
        What is fitted; None: :class:`genrates.estimators.GaussianDensity`.
    bounds : sequence of pairs (lower, upper), default=None
        One pair a column, None for an open side. Outside the density is 0.
    heavy : sequence of bool, default=None
        Which columns have heavy tails.

    Attributes
    ----------
    density_ : DensityEstimator
        Fitted to the transformed columns.
    maps_ : ndarray of shape (d, 6)
        Of each column lower bound, upper bound, median and scale of asinh (NaN where not used), and mean and
        standard deviation after the transform.

    Notes
    -----
    Costs what `density` costs. The change of variables: Wand, Marron and Ruppert (1991), J. Amer. Statist.
    Assoc. 86, 343.

    Examples
    --------
    >>> X = np.random.default_rng(0).exponential(size=(500, 1))
    >>> model = TransformedDensity(bounds=[(0, None)]).fit(X)
    >>> float(model.score_samples([[-1.0]])[0])
    -inf
    """

    minimum_samples = 2

    def __init__(self, *, density=None, bounds=None, heavy=None):
        self.density = density
        self.bounds = bounds
        self.heavy = heavy

    def fit(self, X, y=None):
        """Choose the transforms and fit the density.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set, strictly within the bounds.
        y : None
            Not used; part of scikit-learn's interface.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a column is constant or not within its bounds, or `bounds` or `heavy` have another length.
        """
        self._check_parameters()
        X, _ = self._check_fit(X)
        d = X.shape[1]
        for name, given in (("bounds", self.bounds), ("heavy", self.heavy)):
            if given is not None and len(given) != d:
                self._refuse(name, f"have one entry for each of {d} columns", given)
        ends = [(None, None)] * d if self.bounds is None else self.bounds
        heavy = [False] * d if self.heavy is None else self.heavy
        self.maps_ = np.full((d, 6), np.nan)
        self.maps_[:, 4:] = 0.0, 1.0
        for j, (low, high) in enumerate(ends):
            self.maps_[j, :2] = np.nan if low is None else low, np.nan if high is None else high
            if low is None and high is None and heavy[j]:
                q = np.quantile(X[:, j], [0.25, 0.5, 0.75])
                self.maps_[j, 2:4] = q[1], max(q[2] - q[0], np.finfo(float).tiny)
        Z, _ = self._forward(X)
        if not np.isfinite(Z).all():
            j = int(np.argmin(np.isfinite(Z).all(axis=0)))
            raise ValueError(f"TransformedDensity: column {j} has values on or beyond its bounds {ends[j]}.")
        self.maps_[:, 4], self.maps_[:, 5] = Z.mean(axis=0), Z.std(axis=0)
        if not np.all(self.maps_[:, 5] > 0):
            j = int(np.argmin(self.maps_[:, 5]))
            raise ValueError(f"TransformedDensity: column {j} is constant; a density needs it to vary.")
        inner = GaussianDensity() if self.density is None else clone(self.density)
        self.density_ = inner.fit((Z - self.maps_[:, 4]) / self.maps_[:, 5])
        return self

    def _forward(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the standardized transformed columns, and the sum of the logs of the derivatives."""
        Z, log_slope = X.copy(), np.zeros(len(X))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for j, (low, high, median, scale, mean, sd) in enumerate(self.maps_):
                x = X[:, j]
                if np.isfinite(low) and np.isfinite(high):
                    Z[:, j] = np.log(x - low) - np.log(high - x)
                    log_slope += np.log(high - low) - np.log(x - low) - np.log(high - x)
                elif np.isfinite(low) or np.isfinite(high):
                    Z[:, j] = np.log(x - low) if np.isfinite(low) else -np.log(high - x)
                    log_slope -= np.log(np.abs(x - (low if np.isfinite(low) else high)))
                elif np.isfinite(scale):
                    u = (x - median) / scale
                    Z[:, j] = np.arcsinh(u)
                    log_slope -= np.log(np.hypot(1.0, u)) + np.log(scale)
                Z[:, j] = (Z[:, j] - mean) / sd
                log_slope -= np.log(sd)
        return Z, log_slope

    def _log_density(self, X):
        Z, log_slope = self._forward(X)
        inside = np.isfinite(Z).all(axis=1)
        found = np.full(len(X), -np.inf)
        if inside.any():
            found[inside] = self.density_.score_samples(Z[inside]) + log_slope[inside]
        return found

    def _draw(self, n_samples, rng):
        Z = self.density_.sample(n_samples, random_state=rng) * self.maps_[:, 5] + self.maps_[:, 4]
        X = Z.copy()
        with np.errstate(over="ignore"):
            for j, (low, high, median, scale, *_) in enumerate(self.maps_):
                z = Z[:, j]
                if np.isfinite(low) and np.isfinite(high):
                    X[:, j] = low + (high - low) * 0.5 * (1 + np.tanh(z / 2))
                elif np.isfinite(low):
                    X[:, j] = low + np.exp(np.minimum(z, 700.0))
                elif np.isfinite(high):
                    X[:, j] = high - np.exp(np.minimum(-z, 700.0))
                elif np.isfinite(scale):
                    X[:, j] = median + scale * np.sinh(np.clip(z, -700.0, 700.0))
        return X

    def _fitted_arrays(self):
        return [self.maps_, *self.density_._fitted_arrays()]
