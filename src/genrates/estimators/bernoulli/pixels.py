"""Independent pixels: n parameters, where the joint distribution of n bits has 2^n - 1."""

from typing import ClassVar

import numpy as np

from genrates.errors import LARGEST_SCALE
from genrates.estimators._numerics.binary import check_binarize, to_bits
from genrates.estimators.base import DensityEstimator


class BernoulliPixels(DensityEstimator):
    r"""Product of independent Bernoulli distributions, one for each pixel.

    .. math:: P(x) = \prod_j p_j^{x_j} (1 - p_j)^{1 - x_j}, \qquad
              \hat p_j = \frac{\sum_i w_i x_{ij} + a}{\sum_i w_i + 2a}

    Here a is the pseudocount; the estimate is the posterior mean under a Beta(a, a) prior. This is the naive
    way out of the curse of dimension: n parameters instead of the 2^n - 1 of the joint table, but all
    correlations are lost. The Kullback-Leibler divergence from the product of the marginals falls like
    n / (2 N) with N training points.

    Parameters
    ----------
    pseudocount : float >= 0, default=1.0
        The pseudocount a. With 0, a pixel that is constant in the training set makes its other value
        impossible (log-likelihood -inf).
    binarize : float or None, default=0.5
        Pixels above it become 1, the others 0, as in scikit-learn's BernoulliNB. None: the data are already 0
        and 1.

    Attributes
    ----------
    probability_ : ndarray of shape (n_features,)
        Probability of a 1 for each pixel.

    Notes
    -----
    Fit and log-probability: O(n d). `score_samples` is the log-*probability* of the binarized row, in nats.

    Examples
    --------
    >>> import numpy as np
    >>> from genrates.estimators import BernoulliPixels
    >>> model = BernoulliPixels(pseudocount=0.0).fit([[0, 1], [1, 1], [0, 1], [0, 0]])
    >>> model.probability_
    array([0.25, 0.75])
    >>> float(np.exp(model.score_samples([[0, 1]]))[0].round(12))
    0.5625
    >>> BernoulliPixels().fit(np.eye(784)).n_parameters_joint_ == 2**784 - 1
    True
    """

    example_data: ClassVar[str] = "binary"
    contract_parameters: ClassVar[list[dict]] = [{"binarize": None, "pseudocount": 0.5}]

    def __init__(self, *, pseudocount: float = 1.0, binarize: float | None = 0.5):
        self.pseudocount = pseudocount
        self.binarize = binarize

    def fit(self, X, y=None, sample_weight=None):
        """Count the ones.

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
        self : BernoulliPixels
            The fitted model.

        Raises
        ------
        ValueError
            For a negative `pseudocount`, or data that are not 0 and 1 with `binarize=None`.
        """
        self._check_parameters()
        X, weight = self._check_fit(X, sample_weight)
        bits = to_bits("BernoulliPixels", X, self.binarize)
        ones = bits.sum(axis=0) if weight is None else weight @ bits
        total = len(X) if weight is None else weight.sum()
        pseudocount = float(self.pseudocount)
        self.probability_ = (ones + pseudocount) / (total + 2 * pseudocount)
        return self

    def _check_parameters(self) -> None:
        """Raise a ValueError for a bad parameter."""
        self._check_number("pseudocount", 0.0, LARGEST_SCALE)
        check_binarize("BernoulliPixels", self.binarize)
        super()._check_parameters()

    @property
    def n_parameters_(self) -> int:
        """Number of parameters: one probability a pixel.

        Returns
        -------
        int
            n.
        """
        return self.n_features_in_

    @property
    def n_parameters_joint_(self) -> int:
        """Number of parameters of a table of all patterns.

        Returns
        -------
        int
            2^n - 1, exact.
        """
        return 2**self.n_features_in_ - 1

    def _log_density(self, X):
        bits = to_bits("BernoulliPixels", X, self.binarize)
        p = np.clip(self.probability_, 0, 1)
        never_one, never_zero = p == 0, p == 1
        with np.errstate(divide="ignore"):
            log_p, log_q = np.where(never_one, 0, np.log(p)), np.where(never_zero, 0, np.log1p(-p))
        out = bits @ (log_p - log_q) + log_q.sum()
        impossible = (bits & never_one).any(axis=1) | (~bits & never_zero).any(axis=1)
        return np.where(impossible, -np.inf, out)

    def _draw(self, n_samples, rng):
        return (rng.random((n_samples, self.n_features_in_)) < self.probability_).astype(np.float64)
