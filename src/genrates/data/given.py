"""Numbers, and lists of numbers, that a person has given."""

from typing import Any

import numpy as np

from genrates.errors import is_number, shown

_LARGEST_NOISE = 1000.0  # it hides the shape


def numbers_in(value: Any) -> np.ndarray | None:
    """Return a number, or lists of numbers, as an array.

    Parameters
    ----------
    value : object
        What was given.

    Returns
    -------
    ndarray of float64, or None
        None where anything but finite numbers stands in it, or lists of several lengths.

    Examples
    --------
    >>> numbers_in([0.5, 1]), numbers_in([0.5, "a"]), numbers_in(True)
    (array([0.5, 1. ]), None, None)
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        return value.astype(np.float64) if np.isfinite(value).all() else None
    try:
        array = np.array(value, dtype=object)
    except (TypeError, ValueError):
        return None
    return array.astype(np.float64) if all(map(is_number, array.flat)) else None


def check_noise(name: str, noise) -> None:
    """Raise a ValueError for a noise that quadrature would not resolve, or that hides the shape.

    Parameters
    ----------
    name : str
        Name of the data set for error messages.
    noise : object
        What was given.

    Raises
    ------
    ValueError
        If it is no number from 0.02 to 1000.
    """
    if not is_number(noise) or not 0.02 <= noise <= _LARGEST_NOISE:
        raise ValueError(
            f"{name}: noise must be a number >= 0.02 and <= {_LARGEST_NOISE:g}, got {shown(noise)}."
        )
