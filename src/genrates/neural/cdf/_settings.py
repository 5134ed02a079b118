"""Validation of a neural CDF's parameters, and the number of units that it chooses by itself."""

import numbers
from collections.abc import Mapping

import numpy as np

_CHOICES = {
    "targets": ("redrawn", "deterministic", "fixed"),
    "monotone": ("penalty", "construction"),
    "output": ("erf", "sigmoid"),
    "optimizer": ("gauss_newton", "adam"),
    "sampler": ("inversion", "direct"),
}
#: largest learning rate; Adam's float32 must hold its square, too
_LARGEST_RATE = 1e9


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
        if getattr(model, name) not in allowed:
            raise ValueError(f"NeuralCDF: {name} must be one of {allowed}, got {getattr(model, name)!r}.")
    for name in ("monotonicity", "hint_margin", "pseudocount"):
        model._check_number(name, 0.0)
    for name in ("n_hints", "redraw_every"):
        model._check_number(name, 1, integer=True)
    model._check_number("n_ranks", 10, integer=True)
    model._check_number("learning_rate", 0.0, above=True)
    if model.learning_rate > _LARGEST_RATE:
        model._refuse("learning_rate", f"be at most {_LARGEST_RATE:g}", model.learning_rate)
    if model.delta is not None:
        model._check_number("delta", 0.0, above=True)
    if model.decay != "uniformity":
        model._check_number("decay", 0.0)
    hidden_units(model.hidden, 100)
    check_trainer(model)


def check_trainer(model) -> None:
    """Raise a ValueError unless `trainer` is None or a dict; Lightning checks its keys at training.

    Parameters
    ----------
    model : DensityEstimator
        An estimator with a parameter `trainer`.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if model.trainer is not None and not isinstance(model.trainer, Mapping):
        model._refuse("trainer", "be None or a dict of arguments of Lightning's Trainer", model.trainer)


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
    units = tuple(hidden) if np.iterable(hidden) else (hidden,)
    if not units or any(not isinstance(k, numbers.Integral) or k < 1 for k in units):
        raise ValueError(f"NeuralCDF: hidden must be 'grow' or integers >= 1, got {hidden!r}.")
    return tuple(int(k) for k in units)
