"""What estimators share whose replicates train as one ensemble."""

from genrates.estimators.base import DensityEstimator


class TrainedTogether(DensityEstimator):
    """Base class of estimators whose class method `fit_replicates` fits many models in place.

    A model whose training diverged gets the reason in `failure_`, and no other fitted attribute.
    """

    @classmethod
    def _checked_lists(cls, models: list, samples: list) -> tuple[list, list]:
        """Return models and training sets as lists; raise a ValueError if they cannot train together."""
        models, samples = list(models), list(samples)
        if len(models) != len(samples) or not models:
            raise ValueError(
                f"{cls.__name__}.fit_replicates: got {len(models)} models and {len(samples)} samples; "
                "it needs one sample per model, and at least one."
            )
        settings = [{k: v for k, v in m.get_params().items() if k != "random_state"} for m in models]
        if any(s != settings[0] for s in settings):
            raise ValueError(f"{cls.__name__}.fit_replicates: the models may differ in random_state alone.")
        return models, samples

    def _fit_alone(self, X):
        """Fit one model; raise a RuntimeError if its training diverged."""
        type(self).fit_replicates([self], [X])
        if hasattr(self, "failure_"):
            raise RuntimeError(f"{type(self).__name__}: {self.failure_}.")
        return self

    def _set_state(self, state: dict) -> None:
        """Replace all fitted attributes by those given."""
        for name in [k for k in vars(self) if k.endswith("_") and not k.startswith("n_features")]:
            delattr(self, name)
        for name, value in state.items():
            setattr(self, name, value)
