"""Mixture of independent-pixel distributions, by expectation-maximization."""

import numbers
from typing import ClassVar

import numpy as np
from scipy.special import logsumexp

from genrates.estimators._numerics.binary import check_binarize, distinct_rows, to_bits
from genrates.estimators.base import DensityEstimator, check_generator

_CHUNK = 8192
_LEAST = float(np.finfo(np.float64).eps)  # probability of a 1, or of a 0


class BernoulliMixture(DensityEstimator):
    r"""Mixture of products of Bernoulli distributions.

    .. math:: P(x) = \sum_k \pi_k \prod_j p_{kj}^{x_j} (1 - p_{kj})^{1 - x_j}

    fitted by expectation-maximization (Dempster, Laird and Rubin 1977); the pseudocount a is a Beta(1+a, 1+a)
    prior on every p, so each step raises the penalized likelihood. Where independent pixels lose every
    correlation, the components bring back those between groups of images ("a cat sitting", "a cat's face").

    Parameters
    ----------
    n_components : int, default=10
        K.
    pseudocount : float > 0, default=0.1
        a. Not 0: a probability of 0 would be a trap that EM cannot leave.
    binarize : float or None, default=0.5
        Pixels above it are 1; None: the data are 0 and 1 already.
    n_init : int, default=1
        Starts; the best penalized likelihood is kept.
    max_iter : int, default=200
    tol : float, default=1e-4
        EM stops when the mean penalized log-likelihood rises by less, in nats a row.
    random_state : None, int, Generator, ..., default=None

    Attributes
    ----------
    weights_ : ndarray of shape (n_components,)
    probability_ : ndarray of shape (n_components, n_features)
    log_likelihood_ : float
        Mean over the training rows, penalty included, in nats.
    n_iter_ : int
        Steps of the best start.

    Notes
    -----
    O(U d K) a step, two matrix products, on the U <= n distinct rows; log-sum-exp throughout. Starts are rows
    drawn far from each other (k-means++ in Hamming distance), smoothed towards the mean. The result does not
    depend on the order of the rows.

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

        Raises
        ------
        ValueError
            For a bad parameter, or data that are not 0 and 1 with `binarize=None`.
        """
        rng = self._check_parameters()
        X, weight = self._check_fit(X, sample_weight)
        bits, weight = distinct_rows(to_bits("BernoulliMixture", X, self.binarize), weight)
        bits = bits.astype(np.float64)
        fits = [self._climb(bits, weight, self._start(bits, weight, rng)) for _ in range(self.n_init)]
        best = max(fits, key=lambda fit: fit[0])
        self.log_likelihood_, self.weights_, self.probability_, self.n_iter_ = best
        return self

    def _check_parameters(self) -> np.random.Generator:
        for name in ("n_components", "n_init", "max_iter"):
            value = getattr(self, name)
            if not (isinstance(value, numbers.Integral) and value >= 1):
                raise ValueError(f"BernoulliMixture: {name} must be an integer >= 1, got {value!r}.")
        for name, least in (("pseudocount", np.nextafter(0, 1)), ("tol", 0.0)):
            value = getattr(self, name)
            if not (isinstance(value, numbers.Real) and least <= value < np.inf):
                sign = ">" if least else ">="
                raise ValueError(f"BernoulliMixture: {name} must be a finite number {sign} 0, got {value!r}.")
        check_binarize("BernoulliMixture", self.binarize)
        try:
            return check_generator(self.random_state)
        except ValueError as error:
            raise ValueError(f"BernoulliMixture: {error}") from None

    def _start(self, bits, weight, rng) -> tuple[np.ndarray, np.ndarray]:
        """Mixing weights and probabilities: halfway between the mean and rows far from each other."""
        mean = weight @ bits / weight.sum()
        chosen = np.empty((self.n_components, bits.shape[1]))
        far = weight.copy()
        nearest = np.full(len(bits), np.inf)
        for k in range(self.n_components):
            # an inverse distribution function: rows of weight 2 and rows that come twice are drawn alike
            total = np.cumsum(far)
            chosen[k] = bits[
                min(np.searchsorted(total, rng.random() * total[-1], side="right"), len(bits) - 1)
            ]
            distance = bits @ (1 - 2 * chosen[k]) + chosen[k].sum()
            nearest = np.minimum(nearest, distance)
            far = weight * nearest
            if not far.sum() > 0:
                far = weight.copy()
        return np.full(self.n_components, 1 / self.n_components), self._smooth(chosen, mean)

    def _smooth(self, chosen, mean):
        return np.clip(0.5 * chosen + 0.5 * mean, 0.05, 0.95)

    def _climb(self, bits, weight, start):
        """EM from one start: penalized mean log-likelihood, weights, probabilities, steps."""
        mixing, p = start
        total, a, before = weight.sum(), self.pseudocount, -np.inf
        for step in range(1, self.max_iter + 1):  # noqa: B007
            share, ones, likelihood = np.zeros(len(p)), np.zeros_like(p), 0.0
            for first in range(0, len(bits), _CHUNK):
                rows, w = bits[first : first + _CHUNK], weight[first : first + _CHUNK]
                joint = _log_joint(rows, mixing, p)
                row = logsumexp(joint, axis=1)
                likelihood += float(w @ row)
                responsibility = np.exp(joint - row[:, None]) * w[:, None]
                share += responsibility.sum(axis=0)
                ones += responsibility.T @ rows
            now = (likelihood + a * float(np.sum(np.log(p) + np.log1p(-p)))) / total
            if now - before < self.tol:
                break
            before = now
            # a pseudocount below rounding leaves 0 and 1, whose logarithms are none
            mixing = share / share.sum()
            p = np.clip((ones + a) / (share[:, None] + 2 * a), _LEAST, 1 - _LEAST)
        return now, mixing, p, step

    @property
    def n_parameters_(self) -> int:
        """K n probabilities and K - 1 free weights."""
        return self.probability_.size + len(self.weights_) - 1

    @property
    def n_parameters_joint_(self) -> int:
        """2^n - 1, what a table of all patterns would take."""
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
    """log(pi_k P_k(x)) of each row and component, shape (n, K), by one matrix product."""
    log_p, log_q = np.log(p), np.log1p(-p)
    with np.errstate(divide="ignore"):
        return bits @ (log_p - log_q).T + (log_q.sum(axis=1) + np.log(mixing))
