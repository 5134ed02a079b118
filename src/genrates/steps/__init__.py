"""The pipeline's jobs: one Hydra app for each rule of the Snakefile. No science in here."""

from pathlib import Path

from genrates.lean_start import import_sklearn_base

CONF = str(Path(__file__).parents[3] / "conf")

import_sklearn_base()
