"""The pipeline's jobs: one Hydra app for each rule of the Snakefile. No science in here."""

import atexit
import gc
import sys
from pathlib import Path

if sys.argv[:1] == ["-m"]:  # a job that starts, and no one who imports: all that the imports make is to stay
    gc.disable()  # until `reported` begins
    atexit.register(gc.freeze)  # and to go with the process, not to be collected first

CONF = str(Path(__file__).parents[3] / "conf")
