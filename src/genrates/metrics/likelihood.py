"""Negative log-likelihoods, for data whose true density is unknown."""

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics.base import UNKNOWN, Evaluation, Metric, Skip, check_log_density


class TrainNLL(Metric):
    """Mean negative log-likelihood of the training points, in nats.

    A lower value is a better fit, or overfitting.
    """

    unit = "nats"
    is_error = False
    ideal = UNKNOWN

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the mean negative log-likelihood in nats."""
        evaluation.require(model="likelihood")
        return -float(np.mean(evaluation.log_density(evaluation.train)))


class HeldOutNLL(Metric):
    """Mean negative log-likelihood of the held-out points, in nats.

    In expectation it is the entropy of the true distribution plus the divergence from it. It does not
    converge to 0, and its limit is unknown.
    """

    unit = "nats"
    ideal = UNKNOWN

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the mean negative log-likelihood in nats."""
        evaluation.require(model="likelihood")
        value = -float(np.mean(evaluation.log_density(evaluation.test)))
        if value == float("inf"):
            raise Skip("infinite: the model's density is 0 at a test point")
        return value


class ChainBound(Metric):
    """Bound of the negative log-likelihood of a Markov chain's model, in nats.

    It is the mean over held-out points x of -log of the mean of P(x | x~) over the states x~ of the chain.
    By Jensen's inequality its expectation is an upper bound of the negative log-likelihood under the chain's
    stationary distribution (Bengio, Yao, Alain and Vincent 2013, section 5). It can be compared with
    `held_out_nll`, which uses the same points. Costs O(t s d) for t held-out points and s states.

    The chain has the burn-in, thinning and start of the chain that made the draws.

    Parameters
    ----------
    n_states : int, default=1000
        Number of chain states to average over. More states give a tighter bound.

    Raises
    ------
    ValueError
        If `n_states` is not an integer or is below 1.
    """

    unit = "nats"
    ideal = UNKNOWN

    def __init__(self, n_states: int = 1000):
        check_counts(self, n_states=n_states)
        self.n_states = n_states

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the bound in nats."""
        if not hasattr(evaluation.model, "log_bound"):
            raise Skip(
                f"{type(evaluation.model).__name__} has no chain whose states would bound a likelihood"
            )
        rng = evaluation.generator("chain_bound")
        bounds = evaluation.model.log_bound(
            evaluation.test, n_states=self.n_states, random_state=rng, **evaluation.chain
        )
        name = type(evaluation.model).__name__
        return -float(np.mean(check_log_density(bounds, f"the chain of {name}")))
