"""The pipeline's jobs: one Hydra app for each rule of the Snakefile. No science in here."""

import gc
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

if sys.argv[:1] == ["-m"]:  # a job that starts, and no one who imports: all that the imports make is to stay
    gc.disable()  # until `reported` begins
    from genrates.lean_start import import_omegaconf

    import_omegaconf()

CONF = str(Path(__file__).parents[3] / "conf")


def run_and_leave(main: Callable[[], None]) -> None:
    """Run a cell's job and, once it has come to its end, leave at once.

    Python would take its modules apart first, for .04 of a short job's .4 s; .3 s where one of them is torch.
    """
    main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
