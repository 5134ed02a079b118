"""Tables in Markdown, as comparison.md and the dashboard's note of a run show them."""

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table; a bar in a field stays within its field.

    >>> table(["metric", "theory"], [["ideal_gap", "rate of |error - 1|"]])
    ['| metric | theory |', '|---|---|', '| ideal_gap | rate of \\\\|error - 1\\\\| |']
    """
    return [_line(headings), "|" + "---|" * len(headings), *map(_line, rows)]


def _line(fields: Sequence[str]) -> str:
    return "| " + " | ".join(field.replace("|", "\\|") for field in fields) + " |"
