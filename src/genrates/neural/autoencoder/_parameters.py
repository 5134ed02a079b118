"""Validation of the autoencoders' parameters, before any job runs."""

from genrates.estimators._numerics.binary import check_binarize
from genrates.estimators.base import DensityEstimator
from genrates.neural._settings import LARGEST, MOST_UNITS, check_trainer, is_list_of_counts
from genrates.neural.autoencoder._layers import ACTIVATIONS

_MOST_CONVOLUTIONS = 12  # each halves the picture's sides


class CheckedParameters(DensityEstimator):
    """Base class that checks the parameters; messages name the estimator, the value and what is allowed."""

    def _check_parameters(self) -> None:
        """Raise a ValueError for the first parameter that is not allowed."""
        self._check_choice("architecture", ("dense", "convolutional"))
        self._check_choice("activation", ACTIVATIONS)
        self._check_integers("hidden", least=0 if hasattr(self, "latent") else 1)
        if self.architecture == "convolutional" and not 2 <= len(self._widths()) <= _MOST_CONVOLUTIONS + 1:
            must = f"begin with the channels of 1 to {_MOST_CONVOLUTIONS} convolutions"
            self._refuse("hidden", must, self.hidden)
        if self.image_shape is not None:
            self._check_integers("image_shape", least=2)
            if len(self.image_shape) != 2:
                self._refuse("image_shape", "be None or (rows, columns)", self.image_shape)
        self._check_count("batch_size")
        self._check_number("learning_rate", 0.0, LARGEST, above=True)
        self._check_number("validation_fraction", 0.0)
        if not self.validation_fraction <= 0.5:
            self._refuse("validation_fraction", "be at most 0.5", self.validation_fraction)
        check_trainer(self)
        check_binarize(type(self).__name__, self.binarize)
        super()._check_parameters()

    def _check_integers(self, name: str, least: int) -> None:
        """Raise a ValueError unless the parameter holds at least `least` integers, each a number of units."""
        value = getattr(self, name)
        if not is_list_of_counts(value) or len(value) < least:
            few = "" if not least else f"at least {least} "
            self._refuse(name, f"be a list of {few}integers >= 1 and <= {MOST_UNITS}", value)
