"""How likely a model finds points, where no truth is known."""

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics.base import UNKNOWN, Evaluation, Metric, Skip


class TrainNLL(Metric):
    """Mean negative log-likelihood of the training points, in nats. Lower fits better, or overfits."""

    unit = "nats"
    is_error = False
    ideal = UNKNOWN

    def __call__(self, evaluation: Evaluation) -> float:
        evaluation.require(model="likelihood")
        return -evaluation.model.score(evaluation.train)


class HeldOutNLL(Metric):
    """Mean negative log-likelihood of the data set's test points, in nats.

    The truth's entropy and the divergence from it: what it falls to is not 0, and not known.
    """

    unit = "nats"
    ideal = UNKNOWN

    def __call__(self, evaluation: Evaluation) -> float:
        evaluation.require(model="likelihood")
        value = -evaluation.model.score(evaluation.test)
        if value == float("inf"):
            raise Skip("infinite: the model's density is 0 at a test point")
        return value


class ChainBound(Metric):
    """Mean over the test points of -log of the mean of P(x | x~) over the states of a chain, in nats.

    In expectation an upper bound of the negative log-likelihood under the chain's stationary law, by
    Jensen's inequality (Bengio, Yao, Alain and Vincent 2013, section 5). It stands beside `held_out_nll` on
    the same points: O(t s d) for t test points and s states. The chain is the one that the draws come from:
    where the sampler says how it is burnt in, thinned and started, so are these states.

    Parameters
    ----------
    n_states : int, default=1000
        Chain states averaged over; more of them tighten the bound.

    Raises
    ------
    ValueError
        For anything but whole numbers from 1 on.
    """

    unit = "nats"
    ideal = UNKNOWN

    def __init__(self, n_states: int = 1000):
        check_counts(self, n_states=n_states)
        self.n_states = n_states

    def __call__(self, evaluation: Evaluation) -> float:
        if not hasattr(evaluation.model, "log_bound"):
            raise Skip(
                f"{type(evaluation.model).__name__} has no chain whose states would bound a likelihood"
            )
        rng = evaluation.generator("chain_bound")
        bounds = evaluation.model.log_bound(
            evaluation.test, n_states=self.n_states, random_state=rng, **evaluation.chain
        )
        return -float(np.mean(bounds))
