"""Negative log-likelihoods, for data whose true density is unknown."""

import numpy as np

from genrates.metrics.base import UNKNOWN, Evaluation, Metric, Skip


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
