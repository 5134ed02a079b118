"""Mixture of independent-pixel distributions, fitted by expectation-maximization."""

from typing import ClassVar

import numpy as np
from scipy.special import logsumexp

from genrates.errors import MOST
from genrates.estimators._numerics.binary import check_binarize, distinct_rows, to_bits
from genrates.estimators.base import DensityEstimator, check_generator

_CHUNK = 8192
_MOST_COMPONENTS, _MOST_STARTS = 100_000, 10_000
_MIN_PROBABILITY = float(np.finfo(np.float64).eps)  # probability of a 1, or of a 0


class BernoulliMixture(DensityEstimator):
    r"""Mixture of products of Bernoulli distributions.

    .. math:: P(x) = \sum_k \pi_k \prod_j p_{kj}^{x_j} (1 - p_{kj})^{1 - x_j}

    The fit is expectation-maximization (Dempster, Laird and Rubin 1977). The pseudocount a is a Beta(1+a,
    1+a) prior on every p, so each step raises the penalized likelihood. Independent pixels lose every
    correlation; the components restore those between groups of images ("a cat sitting", "a cat's face").

    Parameters
    ----------
    n_components : int, default=10
        Number of components K.
    pseudocount : float > 0, default=0.1
        The pseudocount a. Not 0, because EM could never leave a probability of 0.
    binarize : float or None, default=0.5
        Pixels above it become 1, the others 0. None: the data are already 0 and 1.
    n_init : int, default=1
        Number of starts; the best penalized likelihood wins.
    max_iter : int, default=200
        Largest number of steps from each start.
    tol : float, default=1e-4
        EM stops if the mean penalized log-likelihood rises by less, in nats a row.
    random_state : None, int, SeedSequence, Generator or RandomState, default=None
        Source of random numbers for the starts.

    Attributes
    ----------
    weights_ : ndarray of shape (n_components,)
        Weights of the components, with sum 1.
    probability_ : ndarray of shape (n_components, n_features)
        Probability of a 1 for each component and pixel.
    log_likelihood_ : float
        Mean over the training set, penalty included, in nats.
    n_iter_ : int
        Number of steps from the best start.

    Notes
    -----
    One step costs O(U d K), two matrix products on the U <= n distinct rows, with log-sum-exp throughout. The
    starts are rows drawn far from each other (k-means++ in Hamming distance), smoothed towards the mean. The
    result does not depend on the order of the rows.

    Examples
    --------
    >>> import numpy as np
    >>> from genrates.estimators import BernoulliMixture
    >>> X = np.repeat([[0, 0, 1, 1], [1, 1, 0, 0]], 50, axis=0)
    >>> model = BernoulliMixture(n_components=2, random_state=0).fit(X)
    >>> model.weights_.round(3)
    array([0.5, 0.5])
    >>> bool(model.score(X) > -0.71)  # log 2 = 0.693 nats are left
    True
    """

    example_data: ClassVar[str] = "binary"
    contract_parameters: ClassVar[list[dict]] = [{"n_components": 2, "n_init": 2, "random_state": 0}]

    def __init__(
        self,
        *,
        n_components: int = 10,
        pseudocount: float = 0.1,
        binarize: float | None = 0.5,
        n_init: int = 1,
        max_iter: int = 200,
        tol: float = 1e-4,
        random_state=None,
    ):
        self.n_components = n_components
        self.pseudocount = pseudocount
        self.binarize = binarize
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X, y=None, sample_weight=None):
        """Run EM from `n_init` starts and keep the best.

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
        self : BernoulliMixture
            The fitted model.

        Raises
        ------
        ValueError
            For a bad parameter, or data that are not 0 and 1 with `binarize=None`.
        """
        self._check_parameters()
        X, weight = self._check_fit(X, sample_weight)
        bits, weight = distinct_rows(to_bits("BernoulliMixture", X, self.binarize), weight)
        bits = bits.astype(np.float64)
        rng = check_generator(self.random_state)
        fits = [self._climb(bits, weight, self._start(bits, weight, rng)) for _ in range(self.n_init)]
        best = max(fits, key=lambda fit: fit[0])
        self.log_likelihood_, self.weights_, self.probability_, self.n_iter_ = best
        return self

    def _check_parameters(self) -> None:
        """Raise a ValueError for a bad parameter."""
        for name, most in (("n_components", _MOST_COMPONENTS), ("n_init", _MOST_STARTS), ("max_iter", MOST)):
            self._check_count(name, most=most)
        self._check_number("pseudocount", 0.0, above=True)
        self._check_number("tol", 0.0)
        check_binarize("BernoulliMixture", self.binarize)
        super()._check_parameters()

    def _start(self, bits, weight, rng) -> tuple[np.ndarray, np.ndarray]:
        """Return mixing weights, and probabilities halfway between the mean and rows far from each other."""
        mean = weight @ bits / weight.sum()
        chosen = np.empty((self.n_components, bits.shape[1]))
        seeding_mass = weight.copy()
        nearest = np.full(len(bits), np.inf)
        for k in range(self.n_components):
            # inverse distribution function: a row of weight 2 is drawn like a row that occurs twice
            cumulative = np.cumsum(seeding_mass)
            chosen[k] = bits[
                min(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"), len(bits) - 1)
            ]
            distance = bits @ (1 - 2 * chosen[k]) + chosen[k].sum()
            nearest = np.minimum(nearest, distance)
            seeding_mass = weight * nearest
            if not seeding_mass.sum() > 0:
                seeding_mass = weight.copy()
        return np.full(self.n_components, 1 / self.n_components), self._smooth(chosen, mean)

    def _smooth(self, chosen, mean):
        """Return probabilities halfway between the chosen rows and the mean, at least 0.05 from 0 and 1."""
        return np.clip(0.5 * chosen + 0.5 * mean, 0.05, 0.95)

    def _climb(self, bits, weight, start):
        """Run EM; return penalized mean log-likelihood, weights, probabilities and steps."""
        mixing, p = start
        total, a, previous = weight.sum(), self.pseudocount, -np.inf
        for step in range(1, self.max_iter + 1):  # noqa: B007
            share, ones, likelihood = np.zeros(len(p)), np.zeros_like(p), 0.0
            for first in range(0, len(bits), _CHUNK):
                rows, w = bits[first : first + _CHUNK], weight[first : first + _CHUNK]
                joint = _log_joint(rows, mixing, p)
                row_likelihood = logsumexp(joint, axis=1)
                likelihood += float(w @ row_likelihood)
                responsibility = np.exp(joint - row_likelihood[:, None]) * w[:, None]
                share += responsibility.sum(axis=0)
                ones += responsibility.T @ rows
            current = (likelihood + a * float(np.sum(np.log(p) + np.log1p(-p)))) / total
            if current - previous < self.tol:
                break
            previous = current
            # a tiny pseudocount is lost in rounding; without the bounds a probability could be 0 or 1
            mixing = share / share.sum()
            p = np.clip((ones + a) / (share[:, None] + 2 * a), _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
        return current, mixing, p, step

    @property
    def n_parameters_(self) -> int:
        """Number of free parameters: K n probabilities and K - 1 weights.

        Returns
        -------
        int
            Number of free parameters.
        """
        return self.probability_.size + len(self.weights_) - 1

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
        bits = to_bits("BernoulliMixture", X, self.binarize)
        out = np.empty(len(X))
        for first in range(0, len(X), _CHUNK):
            rows = bits[first : first + _CHUNK].astype(np.float64)
            out[first : first + _CHUNK] = logsumexp(
                _log_joint(rows, self.weights_, self.probability_), axis=1
            )
        return out

    def _draw(self, n_samples, rng):
        k = rng.choice(len(self.weights_), size=n_samples, p=self.weights_)
        return (rng.random((n_samples, self.n_features_in_)) < self.probability_[k]).astype(np.float64)


def _log_joint(bits: np.ndarray, mixing: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return log(pi_k P_k(x)) of each row and component, shape (n, K), by one matrix product."""
    log_p, log_q = np.log(p), np.log1p(-p)
    with np.errstate(divide="ignore"):
        return bits @ (log_p - log_q).T + (log_q.sum(axis=1) + np.log(mixing))
