"""Check of options that are counts, done before anything is measured."""

import numbers


def check_counts(metric, least: int = 1, **counts) -> None:
    """Check that counts are integers and not too small.

    Parameters
    ----------
    metric : object
        The metric, named in the message.
    least : int, default=1
        Smallest value allowed.
    **counts : int
        Options of the metric, by name.

    Raises
    ------
    ValueError
        For a count that is not an integer or is below `least`.

    Examples
    --------
    >>> check_counts(object(), n_states=0)
    Traceback (most recent call last):
    ...
    ValueError: object: n_states must be an integer >= 1, got 0.
    """
    for name, value in counts.items():
        if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < least:
            raise ValueError(f"{type(metric).__name__}: {name} must be an integer >= {least}, got {value!r}.")
