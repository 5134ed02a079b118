"""What every step does with its log and with an error: one readable message for a config that cannot run."""

import errno
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from genrates.errors import ConfigError, UnusableFile
from genrates.files import record_file

#: what a person reads after Ctrl-C
INTERRUPTED = "interrupted; the same command carries on."
#: what the system says of a disk without room, of a person's share of one, and of a file that may not grow
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: what libraries say of it that are not written in Python (safetensors, SQLite)
_SAID_OF_FULL = (*(f"(os error {number})" for number in _FULL), "database or disk is full")


@contextmanager
def step_log(step: str) -> Iterator[None]:
    """Log to standard error; end the process with one message for what cannot be run, a full disk, or Ctrl-C.

    The pipeline sends standard error to the job's log file.

    Parameters
    ----------
    step : str
        Name of the step, for the message.

    Yields
    ------
    None
        The step runs meanwhile.
    """
    logging.captureWarnings(True)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", force=True, stream=sys.stderr
    )
    try:
        yield
    except ConfigError as error:
        if isinstance(error, UnusableFile):  # without its record, the pipeline makes it again
            for folder in error.path.parents[:2]:
                record_file(folder, error.step).unlink(missing_ok=True)
        sys.exit(f"genrates {step}: {error}")
    except KeyboardInterrupt:
        print(f"genrates {step}: {INTERRUPTED}", file=sys.stderr, flush=True)
        sys.exit(128 + signal.SIGINT)
    except Exception as error:
        if not is_full_disk(error):
            raise
        said = " ".join(str(error).split())[:200]
        sys.exit(f"genrates {step}: the disk is full ({said}); make room, and the same command carries on.")


def is_full_disk(error: Exception) -> bool:
    """Return whether an error, or what led to it, is that a file could not be written for want of room.

    Parameters
    ----------
    error : Exception
        The error.

    Returns
    -------
    bool
        True as well where a library has put the system's number into its message alone.
    """
    chain: list[BaseException] = [error]
    while cause := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(cause)
    return any(
        getattr(one, "errno", None) in _FULL or any(words in str(one) for words in _SAID_OF_FULL)
        for one in chain
    )
