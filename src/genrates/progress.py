"""Show a bar for a person who is watching; nothing at all in a log or on a cluster."""

import os
import sys
from collections.abc import Iterable, Iterator

from tqdm import tqdm


def progress_bar(items: Iterable, what: str, total: int | None = None) -> Iterator:
    """Yield items, and show how many there are, how many are done, and how long it takes.

    The bar is drawn only where standard error is a terminal. A job whose standard error goes to a log
    draws on the terminal that the environment variable GENRATES_TERMINAL names.

    Parameters
    ----------
    items : iterable
        What to go through.
    what : str
        The text before the bar.
    total : int, optional
        How many items there are; default: their length.

    Yields
    ------
    object
        Each item.
    """
    screen = _terminal()
    if screen is None:
        yield from items
        return
    with screen:
        yield from tqdm(
            items, desc=f"  {what}", total=total, file=screen, leave=False, mininterval=0.2, ascii=True
        )


def _terminal():
    """Return the terminal to draw on, as an open file, or None."""
    try:
        if sys.stderr.isatty():
            return open(os.dup(sys.stderr.fileno()), "w")
        name = os.environ.get("GENRATES_TERMINAL")
        return open(name, "w") if name else None
    except OSError:
        return None
