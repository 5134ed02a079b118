"""The colors of the verdicts, in the terminal, on the page, and in figures."""

from typing import NamedTuple


class Colors(NamedTuple):
    """How one verdict is shown.

    Attributes
    ----------
    terminal : str
        A style of rich.
    ink : str
        Color of its text on the page.
    tint : str
        Color behind it in a figure, light enough to write on.
    """

    terminal: str
    ink: str
    tint: str


VERDICTS = {
    "agrees": Colors("green", "#1a7f37", "#cfe8cf"),
    "faster": Colors("cyan", "#0b5fb5", "#cfe1f3"),
    "slower": Colors("red", "#b3261e", "#f6cdc6"),
    "plateau": Colors("yellow", "#9a5b00", "#f9e3a6"),
    "skipped": Colors("dim", "#666666", "#f2f2f2"),
    "failed": Colors("bold red", "#b3261e", "#c9c9c9"),
}


def colors_of(verdict: str) -> Colors:
    """Return how a verdict is shown.

    Parameters
    ----------
    verdict : str
        A verdict of the table.

    Returns
    -------
    Colors
        Those of "skipped" for what is no verdict.
    """
    return VERDICTS.get(verdict, VERDICTS["skipped"])
