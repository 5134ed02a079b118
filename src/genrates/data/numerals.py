"""Numbers as a table writes them: read without loss, or refused with a reason."""

import re

_NUMBER = re.compile(r"[+-]?(?P<digits>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?(?P<digits>[0-9]+)(?:\.0*)?")
#: words, in lower case, with which programs mark a value that is missing or infinite
_NOT_FINITE = {"nan", "na", "n/a", "#n/a", "<na>", "nat", "null", "none"} | {"inf", "infinity"}
_EXACT = 2.0**53  # whole numbers below are all float64s
_LONGEST_SHOWN = 40  # characters of a cell that a message repeats


def is_numeral(cell: str) -> bool:
    """Return whether a cell is written as a number.

    Parameters
    ----------
    cell : str
        Content of the cell.

    Returns
    -------
    bool
        True also for a number that no float64 can hold.

    Examples
    --------
    >>> [is_numeral(cell) for cell in ("-1.5e3", "1_000", "0x10", "nan")]
    [True, False, False, False]
    """
    return _NUMBER.fullmatch(cell.strip(" \t")) is not None


def is_empty_or_not_finite(cell: str) -> bool:
    """Return whether a cell is empty, or a word for a value that is missing or infinite.

    Parameters
    ----------
    cell : str
        Content of the cell.

    Returns
    -------
    bool
        True for "", "NaN", "NA", "-inf" and the like.

    Examples
    --------
    >>> [is_empty_or_not_finite(cell) for cell in (" ", "NA", "-inf", "1")]
    [True, True, True, False]
    """
    text = cell.strip(" \t").lower()
    return text in {"", *_NOT_FINITE} or text.lstrip("+-") in _NOT_FINITE


def read_numeral(cell: str) -> float:
    """Return the finite number that a cell holds.

    A decimal fraction becomes the nearest float64. A whole number must be a float64 itself, since what
    has so many digits is often an identifier.

    Parameters
    ----------
    cell : str
        Decimal digits with an optional sign, point and exponent; blanks around them do not count.

    Returns
    -------
    float
        The number.

    Raises
    ------
    ValueError
        For any other cell. The message says what was found and what is allowed.

    Examples
    --------
    >>> read_numeral(" -1.5e3")
    -1500.0
    >>> read_numeral("1_000")
    Traceback (most recent call last):
    ValueError: '1_000' is not a number; allowed are numbers such as 1000, -0.5 and 1e5
    """
    text = cell.strip(" \t")
    match = _NUMBER.fullmatch(text)
    if match is None:
        if not text:
            raise ValueError("an empty cell is not a number; fill it or remove the row")
        if is_empty_or_not_finite(text):
            raise ValueError(f"{_shown(cell)} is not a finite number; replace it or remove the row")
        raise ValueError(f"{_shown(cell)} is not a number; allowed are numbers such as 1000, -0.5 and 1e5")
    value = float(text)
    if abs(value) >= _EXACT:
        _refuse_inexact(text, value)
    if value == 0 and any(digit in "123456789" for digit in match["digits"]):
        raise ValueError(f"{_shown(cell)} would be rounded to 0; the smallest positive number is 4.9e-324")
    return value


def _refuse_inexact(text: str, value: float) -> None:
    """Raise a ValueError for a number beyond the largest float64, or a whole number that is rounded."""
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{_shown(text)} is not a finite number for float64, whose largest is 1.8e308")
    whole = _WHOLE.fullmatch(text)
    if whole and int(whole["digits"].lstrip("0") or "0") != abs(int(value)):
        raise ValueError(
            f"{_shown(text)} has more digits than a float64 keeps and would become {int(value)}; leave "
            f"the column out if it is an identifier, or write {value!r} if the rounded number is meant"
        )


def _shown(cell: str) -> str:
    """Return a cell as a message repeats it, the beginning of a long one."""
    return repr(cell if len(cell) <= _LONGEST_SHOWN else f"{cell[:_LONGEST_SHOWN]}...")
