"""The error that a person reads when a config cannot be run, and what checks of values share."""

import difflib
import math
import numbers
import reprlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

#: largest count that is more than a mistake: rows, bins, steps
MOST = 10**9
#: largest scale whose square is a number; the smallest is its inverse
LARGEST_SCALE = 1e150
#: smallest width of a bin or kernel whose density is finite
SMALLEST_WIDTH = sys.float_info.min


class ConfigError(Exception):
    """A config that cannot be run: says what was given, what is allowed, and where."""


class UnusableFile(ConfigError):
    """A file of an earlier step that is missing or damaged: its step has to make it again.

    Parameters
    ----------
    path : Path
        The file.
    step : str
        The step that makes it.
    what : str
        What is wrong with it: "is missing".

    Attributes
    ----------
    path, step
        The same.
    """

    def __init__(self, path: Path, step: str, what: str):
        self.path, self.step = path, step
        command = f"`python -m genrates.steps.{step}` with the same overrides"
        super().__init__(f"{path} {what}; {command} makes it again, as the pipeline's next run does.")


def reason_of(error: Exception) -> str:
    """Return the reason that the table gives for an error.

    Parameters
    ----------
    error : Exception
        What was raised.

    Returns
    -------
    str
        Its message. An error that does not come from a check has its type in front.
    """
    text, kind = str(error), type(error).__name__
    if isinstance(error, ValueError) and text:
        return text
    return f"{kind}: {text}" if text else kind


def check_choice(name: str, allowed: Sequence[str], what: str, where: str) -> str:
    """Return `name` if it is allowed.

    Parameters
    ----------
    name : str
        What was given.
    allowed : sequence of str
        What may be given.
    what : str
        What kind of thing it is: "model", "parameter".
    where : str
        The config key or file that it was given in.

    Returns
    -------
    str
        `name` itself.

    Raises
    ------
    ConfigError
        If `name` is not allowed; the message has the closest match and the whole list.
    """
    if name in allowed:
        return name
    raise ConfigError(
        f"{where}: unknown {what} {name!r}.{hint(name, allowed)} Allowed: {', '.join(allowed)}."
    )


def hint(name: Any, allowed: Sequence[str]) -> str:
    """Return the question whether a close name was meant.

    Parameters
    ----------
    name : object
        What was given.
    allowed : sequence of str
        What may be given.

    Returns
    -------
    str
        A sentence with a blank before it, or nothing where no name is close.

    Examples
    --------
    >>> hint("kde_", ["kde", "histogram"]), hint("x", ["kde", "histogram"])
    (" Did you mean 'kde'?", '')
    """
    close = difflib.get_close_matches(str(name), allowed, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number; True and False are none.

    Parameters
    ----------
    value : object
        What was given.

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_number(value) for value in (1, 0.5, True, float("nan"), 10**400, "1")]
    [True, True, False, False, False, False]
    """
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer above the largest float
        return False


def is_integer(value: Any) -> bool:
    """Return whether a value is an integer; True and False are none.

    Parameters
    ----------
    value : object
        What was given.

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_integer(value) for value in (1, 1.0, True, "1")]
    [True, False, False, False]
    """
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def is_count(value: Any, least: int = 1, most: int = MOST) -> bool:
    """Return whether a value is an integer from `least` to `most`.

    Parameters
    ----------
    value : object
        What was given.
    least, most : int
        Ends of what is allowed, 1 and 10^9 by default.

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_count(value) for value in (1, 0, 1.0, 10**30)]
    [True, False, False, False]
    """
    return is_integer(value) and least <= value <= most


def is_scale(value: Any, least: float = 1 / LARGEST_SCALE) -> bool:
    """Return whether a value is a number from `least` to 1e150: a width or a standard deviation.

    Parameters
    ----------
    value : object
        What was given.
    least : float, default=1e-150
        Smallest value allowed.

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_scale(value) for value in (1, 0.0, 1e300, True)]
    [True, False, False, False]
    """
    return is_number(value) and least <= value <= LARGEST_SCALE


def shown(value: Any) -> str:
    """Return a value as a message repeats it: a long one is shortened.

    Parameters
    ----------
    value : object
        What was given.

    Returns
    -------
    str

    Examples
    --------
    >>> shown(0.5), shown([1] * 1000)
    ('0.5', '[1, 1, 1, 1, 1, 1, ...]')
    """
    text = _shortened.repr(value)
    return " ".join(text.split())


_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxother = _shortened.maxlong = 80
