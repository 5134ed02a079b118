"""A job's log, and its last words: one readable message for a config that cannot be run."""

import gc
import logging
import sys
from contextlib import contextmanager
from pathlib import Path

from genrates.errors import ConfigError


@contextmanager
def reported(step: str, log: str | None):
    """Log to the file `log` (None: the terminal); a ConfigError ends the process with its message alone."""
    gc.freeze()  # modules and configs stay; steps/__init__.py has put collections off until here
    gc.enable()
    if log:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
    write_to(log, "w")
    try:
        yield
    except ConfigError as error:
        if log:
            logging.error("%s", error)
        sys.exit(f"genrates {step}: {error}")
    except Exception:
        if log:  # else the traceback is printed anyway
            logging.exception("%s failed", step)
        raise


def write_to(log: str | None, mode: str = "a") -> None:
    """Let this process write its log, and warnings, to the file `log`; None: to the terminal."""
    logging.captureWarnings(True)
    target = {"filename": log, "filemode": mode} if log else {"stream": sys.stderr}
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", force=True, **target
    )
