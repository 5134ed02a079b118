"""The null model of every generator: it draws points of its training set."""

from typing import ClassVar

import numpy as np

from genrates.estimators._numerics.discrete import Alternatives
from genrates.estimators.base import DensityEstimator


class Memorizer(DensityEstimator):
    r"""The empirical distribution: each draw is a point of the training set.

    .. math:: \hat F(x) = \sum_i w_i \, 1(x_i \le x), \qquad \sum_i w_i = 1

    It has no density, and nothing that it draws is new. Yet :math:`\sup |\hat F - F|` falls like n^(-1/2)
    whatever the truth is (Dvoretzky, Kiefer and Wolfowitz 1956), and so does the Wasserstein distance on the
    line, where tails are light (Bobkov and Ledoux 2019). A distance of draws to the truth therefore cannot
    tell a generator from a copying machine: a model of "a new number alike" must beat this row elsewhere.

    Attributes
    ----------
    points_ : ndarray of shape (n, n_features)
        The training set, without points of weight zero.
    weights_ : ndarray of shape (n,) or None
        Weights of the points, None if all are equal.

    Notes
    -----
    Only ratios of sample weights matter. Fit O(n). A draw takes constant time. In one dimension the first
    `cdf` or `ppf` sorts the points, and each query costs O(log n).

    The distribution function is a staircase: `ppf(q)` is the smallest point x with cdf(x) >= q, and
    cdf(ppf(q)) is q at its steps only.

    References
    ----------
    Dvoretzky, Kiefer and Wolfowitz, "Asymptotic minimax character of the sample distribution function", Ann.
    Math. Statist. 27 (1956).

    Bobkov and Ledoux, "One-dimensional empirical measures, order statistics, and Kantorovich transport
    distances", Mem. Amer. Math. Soc. 261 (2019).

    Examples
    --------
    >>> from genrates.estimators import Memorizer
    >>> model = Memorizer().fit([[3.0], [5.0], [4.0], [4.0]])
    >>> model.sample(3, random_state=0).ravel().tolist()
    [4.0, 5.0, 3.0]
    >>> model.cdf([[3.5], [4.0]]), model.ppf([0.5])
    (array([0.25, 0.75]), array([4.]))
    >>> hasattr(model, "score_samples"), sorted(model.capabilities_)
    (False, ['cdf', 'sampling'])
    """

    unsupported: ClassVar[dict[str, str]] = {
        "likelihood": "its whole mass lies on the training points: no density"
    }

    def fit(self, X, y=None, sample_weight=None):
        """Store the points.

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
        self : Memorizer
            The fitted model.

        Raises
        ------
        ValueError
            If `X` is not finite, or a weight is negative, or all are zero.
        """
        self._check_parameters()
        original, (X, weight) = X, self._check_fit(X, sample_weight)
        if weight is not None:
            X, weight = X[weight > 0], weight[weight > 0]
        self.points_ = X.copy() if np.may_share_memory(X, original) else X
        self.weights_ = weight
        self._choice = self._steps = None
        return self

    def _draw(self, n_samples, rng):
        """Return rows of the training set, shape (n_samples, n_features)."""
        if getattr(self, "_choice", None) is None:
            self._choice = Alternatives(self.weights_, len(self.points_))
        X = np.empty((n_samples, self.n_features_in_))
        for rows, index in self._choice.draw(n_samples, rng):
            X[rows] = self.points_[index]
        return X

    def _staircase(self):
        """Return the sorted points, and the distribution function at each."""
        if getattr(self, "_steps", None) is None:
            x = self.points_[:, 0]
            order = np.argsort(x, kind="stable")
            weight = np.ones(len(x)) if self.weights_ is None else self.weights_[order]
            level = np.cumsum(weight)
            self._steps = x[order], level / level[-1]
        return self._steps

    def _cdf(self, x):
        """Return the share of the weight at or below each x."""
        points, level = self._staircase()
        return np.append(0.0, level)[np.searchsorted(points, x, side="right")]

    def _ppf(self, q):
        """Return the smallest point where the distribution function reaches each level."""
        points, level = self._staircase()
        return points[np.minimum(np.searchsorted(level, q), len(points) - 1)]
