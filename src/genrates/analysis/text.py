"""Write rates and tables as text, the same in every table and figure."""

import math
from collections.abc import Iterable, Sequence


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
