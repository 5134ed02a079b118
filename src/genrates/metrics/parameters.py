"""How many numbers describe a fitted model."""

from genrates.metrics.base import Evaluation, Metric


class Parameters(Metric):
    """Free parameters of the fitted model: n for independent pixels, where the joint table has 2^n - 1.

    A "rate" below 0 says that the model grows with its data, as a kernel estimate does.
    """

    is_error = False

    def __call__(self, evaluation: Evaluation) -> float:
        return float(evaluation.model.n_parameters_)
