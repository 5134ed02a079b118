"""A density of transformed columns, for bounded and heavy-tailed data; its likelihood stays exact."""

from collections.abc import Sequence

import numpy as np
from sklearn.base import clone

from genrates.estimators.base import DensityEstimator

KINDS = ("identity", "log", "logit", "asinh")


class TransformedDensity(DensityEstimator):
    r"""Density of columns that another estimator learns on a scale of their own.

    With increasing maps T_j of the columns it is :math:`\log p(x) = \log q(T(x)) + \sum_j \log T_j'(x_j)`,
    where q is what the estimator learned of T(x).

    Parameters
    ----------
    estimator : DensityEstimator
        Learns the transformed columns; it is cloned.
    transforms : sequence of (kind, a, b)
        One for each column. ("identity", 0, 1); ("log", a, 0): log(x - a), for x > a; ("logit", a, b):
        log((x - a) / (b - x)), for a < x < b; ("asinh", a, b): arcsinh((x - a) / b), b > 0.

    Attributes
    ----------
    estimator_ : DensityEstimator
        The fitted clone.

    Examples
    --------
    >>> from genrates.estimators import GaussianDensity
    >>> x = np.exp(np.random.default_rng(0).normal(size=(1000, 1)))
    >>> model = TransformedDensity(GaussianDensity(), [("log", 0.0, 0.0)]).fit(x)
    >>> bool(model.score(x) > GaussianDensity().fit(x).score(x) + 0.5)
    True
    >>> model.score_samples([[-1.0]])
    array([-inf])
    """

    def __init__(self, estimator, transforms: Sequence[tuple[str, float, float]]):
        self.estimator = estimator
        self.transforms = transforms

    def fit(self, X, y=None):
        """Transform the columns and fit the estimator.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set.
        y : None
            Not used; part of scikit-learn's interface.

        Returns
        -------
        self : TransformedDensity
            The fitted model.

        Raises
        ------
        ValueError
            For a transform that is not allowed, another number of them than columns, or a row beyond a bound.
        """
        X, _ = self._check_fit(X)
        self._check_transforms(X.shape[1])
        Z, _, inside = self._forward(X)
        if not inside.all():
            row = int(np.flatnonzero(~inside)[0])
            raise ValueError(f"TransformedDensity: row {row} ({X[row].tolist()}) lies on a bound or beyond.")
        self.estimator_ = clone(self.estimator).fit(Z)
        return self

    def _check_transforms(self, d: int) -> None:
        """Raise a ValueError unless there is a transform that can be made for each of d columns."""
        if len(self.transforms) != d:
            self._refuse("transforms", f"be {d}, one for each column", self.transforms)
        for kind, a, b in self.transforms:
            if kind not in KINDS or (kind == "logit" and not a < b) or (kind == "asinh" and not b > 0):
                self._refuse("transforms", f"be of {', '.join(KINDS)}, with a < b or b > 0", (kind, a, b))

    def _forward(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return T(x), the sum of log T', and which rows lie within all bounds; the others stand at 0."""
        Z, log_slope, inside = X.copy(), np.zeros(len(X)), np.ones(len(X), dtype=bool)
        for j, (kind, a, b) in enumerate(self.transforms):
            x = X[:, j]
            if kind == "asinh":
                z = (x - a) / b
                Z[:, j] = np.arcsinh(z)
                log_slope -= np.log(b) + 0.5 * np.log1p(z * z)
            elif kind != "identity":
                within = (x > a) if kind == "log" else (x > a) & (x < b)
                inside &= within
                low = np.log(np.where(within, x - a, 1.0))
                high = np.log(np.where(within, b - x, 1.0)) if kind == "logit" else 0.0
                Z[:, j] = low - high
                log_slope -= low if kind == "log" else low + high - np.log(b - a)
        return Z, log_slope, inside

    def _log_density(self, X):
        Z, log_slope, inside = self._forward(X)
        return np.where(inside, self.estimator_.score_samples(Z) + log_slope, -np.inf)

    def _draw(self, n_samples, rng):
        X = self.estimator_.sample(n_samples, random_state=rng)
        with np.errstate(over="ignore"):
            for j, (kind, a, b) in enumerate(self.transforms):
                z = X[:, j]
                if kind == "asinh":
                    X[:, j] = a + b * np.sinh(z)
                elif kind == "log":
                    X[:, j] = a + np.exp(z)
                elif kind == "logit":
                    X[:, j] = a + (b - a) / (1 + np.exp(-z))
        return X
