"""Write rates and tables as text, the same in every table and figure."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def filled(text: Any, parameters: Mapping[str, Any]) -> Any:
    """Return text with the values of the parameters that it names in braces.

    Parameters
    ----------
    text : object
        Text, or a mapping or list of texts. Everything else stays as it is.
    parameters : mapping
        Values by name.

    Returns
    -------
    object
        A copy.

    Raises
    ------
    ValueError
        For braces around what is no parameter.

    Examples
    --------
    >>> filled({"title": "Two normals, d = {d}", "ends": ["{a} - 1"]}, {"d": 3, "a": 2})
    {'title': 'Two normals, d = 3', 'ends': ['2 - 1']}
    """
    if isinstance(text, Mapping):
        return {key: filled(value, parameters) for key, value in text.items()}
    if isinstance(text, list):
        return [filled(value, parameters) for value in text]
    if not isinstance(text, str):
        return text
    known = {key: value for key, value in parameters.items() if key not in ("_target_", "metadata")}
    if unknown := [name for name in re.findall(r"{([^{}]*)}", text) if name not in known]:
        raise ValueError(
            f"{text!r} names the parameter {unknown[0]!r}; there are {', '.join(known) or 'none'}."
        )
    return re.sub(r"{([^{}]*)}", lambda match: str(known[match[1]]), text)


def rate_with_interval(rate: float | None, low: float | None, high: float | None) -> str:
    """Return a rate and its interval as text.

    Parameters
    ----------
    rate, low, high : float or None
        One replicate leaves no interval (NaN). None, or NaN, is no rate.

    Returns
    -------
    str
        Empty where there is no rate.

    Examples
    --------
    >>> rate_with_interval(0.4, 0.3812, 0.4188), rate_with_interval(-0.0001, math.nan, math.nan)
    ('0.400 [0.381, 0.419]', '0.000')
    >>> rate_with_interval(None, None, None)
    ''
    """
    if rate is None or math.isnan(rate):
        return ""
    return f"{rate:z.3f}" if math.isnan(low) else f"{rate:z.3f} [{low:z.3f}, {high:z.3f}]"


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    r"""Return the lines of a table in Markdown.

    Parameters
    ----------
    headings : sequence of str
        One for each column.
    rows : iterable of sequence of str
        A bar in a field stays within its field.

    Returns
    -------
    list of str
        Lines.

    Examples
    --------
    >>> markdown_table(["metric", "theory"], [["ideal_gap", "rate of |error - 1|"]])
    ['| metric | theory |', '|---|---|', '| ideal_gap | rate of \\|error - 1\\| |']
    """
    return [_line(headings), "|" + "---|" * len(headings), *map(_line, rows)]


def _line(fields: Sequence[str]) -> str:
    return "| " + " | ".join(field.replace("|", "\\|") for field in fields) + " |"
