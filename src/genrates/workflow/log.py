"""What every step does with its log and with an error: one readable message for a config that cannot run."""

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from genrates.errors import ConfigError, UnusableFile
from genrates.files import record_file

#: what a person reads after Ctrl-C
INTERRUPTED = "interrupted; the same command carries on."


@contextmanager
def step_log(step: str) -> Iterator[None]:
    """Log to standard error; end the process with one message for what cannot be run, or after Ctrl-C.

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
