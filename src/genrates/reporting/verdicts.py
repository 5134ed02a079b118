"""Colors of the verdicts: one table for the terminal, the page and the figures."""

from typing import NamedTuple


class Colors(NamedTuple):
    """Colors of one verdict.

    Attributes
    ----------
    terminal : str
        A style of rich.
    text : str
        Color of its text on the page.
    background : str
        Color behind it in a figure, light enough to write on.
    """

    terminal: str
    text: str
    background: str


VERDICTS = {
    "agrees": Colors("green", "#1a7f37", "#cfe8cf"),
    "undecided": Colors("magenta", "#6b4a8a", "#e4dcef"),
    "faster": Colors("cyan", "#0b5fb5", "#cfe1f3"),
    "slower": Colors("red", "#b3261e", "#f6cdc6"),
    "plateau": Colors("yellow", "#9a5b00", "#f9e3a6"),
    "no_rate": Colors("dim", "#666666", "#f2f2f2"),
    "skipped": Colors("dim", "#666666", "#f2f2f2"),
    "failed": Colors("bold red", "#b3261e", "#c9c9c9"),
}


def colors_of(verdict: str) -> Colors:
    """Return the colors of a verdict.

    Parameters
    ----------
    verdict : str
        A verdict of the comparison table.

    Returns
    -------
    Colors
        Its colors; those of "skipped" for any other text.
    """
    return VERDICTS.get(verdict, VERDICTS["skipped"])
