"""Validation of the parameters of flow matching, before any job runs."""

import math

from genrates.errors import is_count, shown
from genrates.estimators.base import DensityEstimator
from genrates.neural._settings import LARGEST, MOST_UNITS, check_trainer, is_list_of_counts
from genrates.neural.flow_matching._solvers import SOLVERS

MOST_STEPS = 10_000


class CheckedParameters(DensityEstimator):
    """Base class that checks the parameters; messages name the estimator, the value and what is allowed."""

    def _check_parameters(self) -> None:
        """Raise a ValueError for the first parameter that is not allowed."""
        self._check_choice("architecture", ("dense", "unet"))
        self._check_choice("output", ("numbers", "bits"))
        self._check_choice("solver", SOLVERS)
        if not is_list_of_counts(self.hidden) or not len(self.hidden):
            self._refuse("hidden", f"be a list of integers >= 1 and <= {MOST_UNITS}", self.hidden)
        if self.architecture == "unet" and len(self.hidden) != 2:
            self._refuse("hidden", "be the channels at half and at a quarter of the sides", self.hidden)
        shape = self.image_shape
        if shape is not None and not (is_list_of_counts(shape) and len(shape) == 2):
            self._refuse("image_shape", "be None or (rows, columns)", shape)
        for name in ("n_steps", "likelihood_steps"):
            self._check_count(name, most=MOST_STEPS)
        self._check_count("batch_size")
        self._check_number("ema", 0.0)
        if not self.ema < 1:
            self._refuse("ema", "be below 1", self.ema)
        self._check_number("learning_rate", 0.0, LARGEST, above=True)
        self._check_number("weight_decay", 0.0, LARGEST)
        self._check_number("validation_fraction", 0.0)
        if not self.validation_fraction <= 0.5:
            self._refuse("validation_fraction", "be at most 0.5", self.validation_fraction)
        check_trainer(self)
        super()._check_parameters()

    def _checked_image_shape(self, n_features: int) -> tuple[int, int]:
        """Return the pictures' shape; raise a ValueError if the rows do not fit it."""
        side = math.isqrt(n_features)
        shape = (side, side) if self.image_shape is None else tuple(map(int, self.image_shape))
        if math.prod(shape) != n_features:
            given = "(none given, so a square)" if self.image_shape is None else shape
            raise ValueError(
                f"{type(self).__name__}: {n_features} features are no picture of image_shape {given}."
            )
        return shape

    def _checked_solver(self, solver, n_steps) -> tuple[str, int]:
        """Return the arguments of `sample`, or the model's own where they are None."""
        name = type(self).__name__
        check_solver(f"{name}.sample", solver, n_steps)
        return solver or self.solver, int(n_steps or self.n_steps)


def check_solver(who: str, solver, n_steps) -> None:
    """Raise a ValueError for a way of drawing that there is not.

    Parameters
    ----------
    who : str
        The estimator or sampler, for the message.
    solver, n_steps : object
        What was given.

    Raises
    ------
    ValueError
        Unless each is None or allowed.
    """
    if solver is not None and not (isinstance(solver, str) and solver in SOLVERS):
        allowed = ", ".join(map(repr, SOLVERS))
        raise ValueError(f"{who}: solver must be None or one of {allowed}, got {shown(solver)}.")
    if n_steps is not None and not is_count(n_steps, 1, MOST_STEPS):
        raise ValueError(
            f"{who}: n_steps must be None or an integer from 1 to {MOST_STEPS}, got {shown(n_steps)}."
        )
