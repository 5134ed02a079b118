"""Whole numbers that a metric is told, judged before anything is measured."""

import numbers


def check_counts(metric, least: int = 1, **counts) -> None:
    """Raise a ValueError, naming the metric, for a count that is no integer or below the least.

    >>> check_counts(object(), n_states=0)
    Traceback (most recent call last):
    ...
    ValueError: object: n_states must be an integer >= 1, got 0.
    """
    for name, value in counts.items():
        if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < least:
            raise ValueError(f"{type(metric).__name__}: {name} must be an integer >= {least}, got {value!r}.")
