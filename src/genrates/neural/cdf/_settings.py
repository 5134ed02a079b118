"""Validation of a neural CDF's parameters, and the number of units that it chooses by itself."""

import numpy as np

from genrates.errors import is_integer, shown
from genrates.neural._settings import LARGEST, MOST_UNITS, check_trainer, is_list_of_counts

_CHOICES = {
    "targets": ("redrawn", "deterministic", "fixed"),
    "monotone": ("penalty", "construction"),
    "output": ("erf", "sigmoid"),
    "optimizer": ("gauss_newton", "adam"),
    "sampler": ("inversion", "direct"),
}
_MOST_POINTS = 100_000  # hint points of a network
_LARGEST_STEP = 1e150  # its square must be a number
_STEEPEST = 1e3  # units per standard deviation at the start


def check_settings(model) -> None:
    """Raise a ValueError for the first parameter of a NeuralCDF that is not allowed.

    Parameters
    ----------
    model : NeuralCDF
        The estimator.

    Raises
    ------
    ValueError
        With the parameter's name, its value and the allowed values.
    """
    for name, allowed in _CHOICES.items():
        model._check_choice(name, allowed)
    for name in ("monotonicity", "hint_margin", "pseudocount"):
        model._check_number(name, 0.0, LARGEST)
    model._check_count("n_hints", most=_MOST_POINTS)
    model._check_count("redraw_every")
    model._check_count("n_ranks", 10)
    model._check_number("learning_rate", 0.0, LARGEST, above=True)
    if model.delta is not None:
        model._check_number("delta", 0.0, _LARGEST_STEP, above=True)
    if not (isinstance(model.decay, str) and model.decay == "uniformity"):
        model._check_number("decay", 0.0, LARGEST)
    if not (isinstance(model.steepness, str) and model.steepness == "quantiles"):
        model._check_number("steepness", 0.0, _STEEPEST, above=True)
    hidden_units(model.hidden, 100)
    check_trainer(model)


def hidden_units(hidden, n: int) -> tuple[int, ...]:
    """Return the units of each hidden layer for n points: those given, or 8 at n = 100 and 4 more per decade.

    Parameters
    ----------
    hidden : "grow", int, or iterable of int
        The parameter `hidden`. "grow" gives one layer of 4 to 28 units.
    n : int
        Number of points.

    Returns
    -------
    tuple of int

    Raises
    ------
    ValueError
        If `hidden` is neither "grow" nor integers of at least 1.

    Examples
    --------
    >>> hidden_units("grow", 10_000), hidden_units(5, 10_000)
    ((16,), (5,))
    """
    if isinstance(hidden, str) and hidden == "grow":
        return (int(np.clip(round(8 + 4 * np.log10(n / 100)), 4, 28)),)
    units = (hidden,) if is_integer(hidden) else hidden
    if not is_list_of_counts(units) or not len(units):
        raise ValueError(
            f"NeuralCDF: hidden must be 'grow' or integers >= 1 and <= {MOST_UNITS}, got {shown(hidden)}."
        )
    return tuple(int(k) for k in units)
