"""Check of options that are counts, done before anything is measured."""

from genrates.errors import MOST, is_count, is_integer, shown


def check_counts(metric, least: int = 1, most: int = MOST, **counts) -> None:
    """Check that counts are integers and not too small.

    Parameters
    ----------
    metric : object
        The metric, named in the message.
    least : int, default=1
        Smallest value allowed.
    most : int, default=10^9
        Largest value allowed.
    **counts : int
        Options of the metric, by name.

    Raises
    ------
    ValueError
        For a count that is not an integer from `least` to `most`.

    Examples
    --------
    >>> check_counts(object(), n_states=0)
    Traceback (most recent call last):
    ...
    ValueError: object: n_states must be an integer >= 1, got 0.
    """
    for name, value in counts.items():
        if not is_count(value, least, most):
            bound = f"<= {most}" if is_integer(value) and value > most else f">= {least}"
            raise ValueError(
                f"{type(metric).__name__}: {name} must be an integer {bound}, got {shown(value)}."
            )
