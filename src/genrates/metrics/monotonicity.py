"""How often the network behind a distribution function violates its monotonicity."""

from genrates.metrics.base import Evaluation, Metric, Skip


class FallingShare(Metric):
    """Share of hint points from which a network of the distribution function falls to their neighbors.

    A neural distribution function with a penalty may fall; the law that it gives is repaired afterwards
    (:class:`genrates.neural.NeuralCDF`), so no other metric shows it. A network that increases by
    construction has 0. It is no error, so it has no rate.
    """

    is_error = False

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the share, between 0 and 1."""
        share = getattr(evaluation.model, "falling_share_", None)
        if share is None:
            raise Skip(f"{type(evaluation.model).__name__} has no network that could fall")
        return float(share)
