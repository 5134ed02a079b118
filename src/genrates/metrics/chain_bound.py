"""The bound of a Markov chain's likelihood, its trend over the number of states, and a memorizer's."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from genrates.errors import is_count, shown
from genrates.estimators.bernoulli import BernoulliKernel
from genrates.metrics.base import UNKNOWN, Evaluation, Metric, Skip, check_log_density

_MOST_STATES = 10**9
#: number beside the value: the negative log-likelihood of training pictures, blurred
BLURRED = "blurred"
#: numbers beside the value: the bound at fewer states, such as "states_1000"
STATES = "states_"


class ChainBound(Metric):
    """Bound of the negative log-likelihood of a Markov chain's model, in nats.

    It is the mean over held-out points x of -log of the mean of P(x | x~) over the states x~ of the chain.
    By Jensen's inequality its expectation is an upper bound of the negative log-likelihood under the chain's
    stationary distribution (Bengio, Yao, Alain and Vincent 2013, section 5). It can be compared with
    `held_out_nll`, which uses the same points. Costs O(t s d) for t held-out points and s states.

    The bound falls as states are added, for one model longer than for another: at 1000 states it orders
    models by how fast their chains mix. So it is taken at several numbers of states of the same chain. Its
    value is that at the most states; the others stand beside it ("states_1000"). Where the points are bits,
    "blurred" stands beside it as well: the negative log-likelihood of the training points themselves, blurred
    (:class:`genrates.estimators.BernoulliKernel`). A model above it is worse than a memorizer.

    The chain has the burn-in, thinning and start of the chain that made the draws.

    Parameters
    ----------
    n_states : int or sequence of int, default=(1000, 10000, 100000)
        Numbers of chain states to average over, ascending.

    Raises
    ------
    ValueError
        If `n_states` has anything but ascending integers >= 1.
    """

    unit = "nats"
    ideal = UNKNOWN

    def __init__(self, n_states: int | Sequence[int] = (1000, 10_000, 100_000)):
        several = isinstance(n_states, Sequence) and not isinstance(n_states, str | bytes)
        counts = tuple(n_states) if several else (n_states,)
        if not counts or not all(is_count(count, 1, _MOST_STATES) for count in counts):
            must = f"be integers from 1 to {_MOST_STATES}"
            raise ValueError(f"ChainBound: n_states must {must}, got {shown(n_states)}.")
        if any(a >= b for a, b in pairwise(counts)):
            raise ValueError(f"ChainBound: n_states must ascend, got {shown(n_states)}.")
        self.n_states = counts

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the bound at the most states, in nats."""
        return float(self._bounds(evaluation)[-1])

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        """Return the bounds at fewer states, and the negative log-likelihood of a memorizer.

        Parameters
        ----------
        evaluation : Evaluation

        Returns
        -------
        dict of str to float
            "states_1000" and the like, and "blurred" for bits; in nats.
        """
        fewer = zip(self.n_states[:-1], self._bounds(evaluation), strict=False)
        return {f"{STATES}{count}": float(bound) for count, bound in fewer} | _memorizer(evaluation)

    def _bounds(self, evaluation: Evaluation) -> np.ndarray:
        """Return the bound at each number of states; computed once for an evaluation."""
        if not hasattr(evaluation.model, "log_bounds"):
            raise Skip(
                f"{type(evaluation.model).__name__} has no chain whose states would bound a likelihood"
            )
        return evaluation.once(("chain_bound", self.n_states), lambda: self._measured_bounds(evaluation))

    def _measured_bounds(self, evaluation: Evaluation) -> np.ndarray:
        """Run the chain and return the bound at each number of states."""
        bounds = evaluation.model.log_bounds(
            evaluation.test,
            n_states=self.n_states,
            random_state=evaluation.generator("chain_bound"),
            **evaluation.chain,
        )
        return -check_log_density(bounds, f"the chain of {type(evaluation.model).__name__}").mean(axis=1)


def _memorizer(evaluation: Evaluation) -> dict[str, float]:
    """Return the negative log-likelihood of blurred training points, where the points are bits."""
    train, test = evaluation.train, evaluation.test
    if len(train) < BernoulliKernel.minimum_samples or not all(
        np.isin(X, (0, 1)).all() for X in (train, test)
    ):
        return {}
    return {BLURRED: -BernoulliKernel(binarize=None).fit(train).score(test)}
