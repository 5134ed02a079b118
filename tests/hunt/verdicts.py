"""What comes of one attempt, in one word, within a time limit."""

import contextlib
import faulthandler
import signal
import sys
import traceback
from collections.abc import Callable, Iterator

from genrates.errors import ConfigError

#: what no attempt may come to
FAULTS = ("stale", "wrong", "failed", "hang", "traceback")
_MOST_LINES, _MOST_CHARACTERS = 8, 3000


class Hang(BaseException):
    """An attempt took longer than its time; not an Exception, so that nothing catches it on the way."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`Hang` after so many seconds; end the process where compiled code does not let go."""

    def hangs(number, frame):
        raise Hang

    before = signal.signal(signal.SIGALRM, hangs)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(3 * seconds, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def verdict_of(attempt: Callable[[], str], seconds: float = 20) -> tuple[str, str]:
    """The word that `attempt` returns, or what its error comes to; and what it said.

    What takes too long is tried once more: a machine that was busy for a while is no hang.
    """
    found = _verdict(attempt, seconds)
    return _verdict(attempt, seconds) if found[0] == "hang" else found


def _verdict(attempt: Callable[[], str], seconds: float) -> tuple[str, str]:
    try:
        with time_limit(seconds):
            return attempt(), ""
    except Hang:
        return "hang", f"longer than {seconds} s, twice"
    except (ConfigError, ValueError, SystemExit) as error:
        said = str(error)
        is_readable = 0 < len(said) < _MOST_CHARACTERS and len(said.splitlines()) <= _MOST_LINES
        return ("refused" if is_readable else "traceback"), said[:300]
    except Exception:
        return "traceback", "".join(traceback.format_exc().splitlines(keepends=True)[-4:])


def show(part: str, verdict: str, example: str) -> None:
    """Say what a long attempt came to as soon as it is known: a hunt that is cut off has said it."""
    print(f"{part}: {verdict}: {example}", file=sys.stderr, flush=True)
