"""How likely a model finds points, where no truth is known."""

from genrates.metrics.base import Evaluation, Metric, Skip


class TrainNLL(Metric):
    """Mean negative log-likelihood of the training points, in nats. Lower fits better, or overfits."""

    unit = "nats"

    def __call__(self, evaluation: Evaluation) -> float:
        evaluation.require(model="likelihood")
        return -evaluation.model.score(evaluation.train)


class HeldOutNLL(Metric):
    """Mean negative log-likelihood of the data set's test points, in nats."""

    unit = "nats"

    def __call__(self, evaluation: Evaluation) -> float:
        evaluation.require(model="likelihood")
        test = getattr(evaluation.data, "test_points", None)
        if test is None:
            raise Skip("the data set has no test points")
        value = -evaluation.model.score(test)
        if value == float("inf"):
            raise Skip("infinite: the model's density is 0 at a test point")
        return value
