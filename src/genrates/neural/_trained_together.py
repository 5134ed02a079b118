"""What estimators have in common whose replicates train as one ensemble."""

from genrates.estimators.base import DensityEstimator


class TrainedTogether(DensityEstimator):
    """A subclass has `fit_replicates`, which fits models in place.

    One whose training diverged has the reason in `failure_`, and nothing else that is fitted.
    """

    def _fit_alone(self, X):
        type(self).fit_replicates([self], [X])
        if hasattr(self, "failure_"):
            raise RuntimeError(f"{type(self).__name__}: {self.failure_}.")
        return self

    def _set_state(self, state: dict) -> None:
        """Fitted attributes, in place of all there were."""
        for name in [k for k in vars(self) if k.endswith("_") and not k.startswith("n_features")]:
            delattr(self, name)
        for name, value in state.items():
            setattr(self, name, value)
