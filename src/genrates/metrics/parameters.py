"""The number of parameters of a fitted model."""

from genrates.metrics.base import Evaluation, Metric


class Parameters(Metric):
    """Number of free parameters of the fitted model.

    For n binary pixels it is n if they are independent, and 2^n - 1 for the joint table. A "rate" below 0
    says that the model grows with its training set, as a kernel estimate does.
    """

    is_error = False

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the number of parameters."""
        return float(evaluation.model.n_parameters_)
