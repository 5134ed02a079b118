"""Validation of the autoencoders' parameters, before any job runs."""

import numbers

import numpy as np

from genrates.estimators._numerics.binary import check_binarize
from genrates.estimators.base import DensityEstimator, check_generator
from genrates.neural.autoencoder._layers import ACTIVATIONS


class CheckedParameters(DensityEstimator):
    """Base class that checks the parameters; messages name the estimator, the value and what is allowed."""

    def _check_parameters(self) -> None:
        """Raise a ValueError for the first parameter that is not allowed."""
        self._check_choice("architecture", ("dense", "convolutional"))
        self._check_choice("activation", ACTIVATIONS)
        self._check_integers("hidden", least=0 if hasattr(self, "latent") else 1)
        if self.architecture == "convolutional" and len(self._widths()) < 2:
            self._refuse("hidden", "begin with the channels of at least one convolution", self.hidden)
        if self.image_shape is not None:
            self._check_integers("image_shape", least=2)
            if len(tuple(self.image_shape)) != 2:
                self._refuse("image_shape", "be None or (rows, columns)", self.image_shape)
        self._check_number("batch_size", 1, integer=True)
        self._check_number("learning_rate", 0.0, above=True)
        self._check_number("validation_fraction", 0.0)
        if not self.validation_fraction <= 0.5:
            self._refuse("validation_fraction", "be at most 0.5", self.validation_fraction)
        if self.trainer is not None and not isinstance(self.trainer, dict):
            self._refuse("trainer", "be None or a dict of arguments of Lightning's Trainer", self.trainer)
        try:
            check_binarize(type(self).__name__, self.binarize)
            if not isinstance(self.random_state, np.random.Generator):
                check_generator(self.random_state)
        except ValueError as error:
            name = type(self).__name__
            raise ValueError(str(error) if name in str(error) else f"{name}: {error}") from None

    def _check_choice(self, name: str, allowed: tuple) -> None:
        """Raise a ValueError unless the parameter is one of the allowed strings."""
        value = getattr(self, name)
        if not (isinstance(value, str) and value in allowed):
            self._refuse(name, f"be one of {allowed}", value)

    def _check_integers(self, name: str, least: int) -> None:
        """Raise a ValueError unless the parameter holds at least `least` integers, all of them >= 1."""
        value = getattr(self, name)
        fine = np.iterable(value) and not isinstance(value, str) and len(tuple(value)) >= least
        if not fine or any(not isinstance(k, numbers.Integral) or k < 1 for k in value):
            self._refuse(name, f"be {'' if not least else f'at least {least} '}integers >= 1", value)
