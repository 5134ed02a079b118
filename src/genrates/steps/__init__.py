"""The pipeline's jobs: one Hydra app for each rule of the Snakefile. No science in here."""

from pathlib import Path

CONF = str(Path(__file__).parents[3] / "conf")
