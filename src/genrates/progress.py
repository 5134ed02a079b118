"""A line that moves, for a person who is watching; nothing at all in a log or on a cluster."""

import os
import sys
import time
from collections.abc import Iterable, Iterator


def progress_bar(items: Iterable, what: str, total: int | None = None) -> Iterator:
    """Yield `items`, keeping one line of the terminal up to date: what, how far, how long.

    The line is redrawn at most five times a second, and only where standard error is a terminal; jobs
    whose standard error goes to a log write to the terminal that GENRATES_TERMINAL names.
    """
    total = total if total is not None else len(items)  # type: ignore[arg-type]
    screen = _screen()
    if screen is None:
        yield from items
        return
    start, last = time.monotonic(), 0.0
    with screen:
        for i, item in enumerate(items):
            now = time.monotonic()
            if now - last > 0.2:
                last = now
                width = 24
                done = "#" * (width * i // max(total, 1))
                screen.write(f"\r\x1b[K  {what}  [{done:<{width}}] {i}/{total}  {now - start:.0f} s")
                screen.flush()
            yield item
        screen.write("\r\x1b[K")


def _screen():
    if sys.stderr.isatty():
        return open(os.dup(sys.stderr.fileno()), "w")
    try:
        name = os.environ.get("GENRATES_TERMINAL")
        return open(name, "w") if name else None
    except OSError:
        return None
