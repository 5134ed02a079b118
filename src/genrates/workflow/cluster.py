"""Cluster jobs that a killed pipeline has left: they are ended before new ones write the same files."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

#: seconds for SLURM to answer a question, and to end a job
PATIENCE = 120


def take_over(results: str) -> None:
    """Name the SLURM jobs of this pipeline after its results, and end those of an earlier one.

    A pipeline that is killed (`kill -9`, a node that goes down) cannot cancel its jobs. They would run on
    beside the new ones. Call this only while :func:`genrates.workflow.environment.lock` holds the folder.
    On a machine without SLURM nothing happens.

    Parameters
    ----------
    results : str
        The folder of results.

    Raises
    ------
    SystemExit
        If within two minutes the controller of SLURM does not answer, or an old job does not end.
    """
    if not shutil.which("squeue"):
        return
    name = name_of_jobs(results)
    os.environ["SBATCH_JOB_NAME"] = name
    if not (left := _jobs(name)):
        return
    print(f"genrates: an earlier run has left SLURM jobs; ending them: {' '.join(left)}.", file=sys.stderr)
    _ask("scancel", *left)
    deadline = time.monotonic() + PATIENCE
    while left := _jobs(name):
        if time.monotonic() > deadline:
            sys.exit(f"genrates: SLURM has not ended its jobs {' '.join(left)}; end them, and try again.")
        time.sleep(1)


def name_of_jobs(results: str) -> str:
    """Return the name of the SLURM jobs that write to a folder.

    Parameters
    ----------
    results : str
        The folder of results.

    Returns
    -------
    str
        The same for all spellings of a folder.
    """
    return "genrates-" + hashlib.sha256(os.fsencode(Path(results).resolve())).hexdigest()[:12]


def _jobs(name: str) -> list[str]:
    # A controller that is down is waited for: it may have jobs. A SLURM that is not set up has none.
    deadline = time.monotonic() + PATIENCE
    while True:
        asked = _ask("squeue", "--noheader", "--me", "--format=%i", f"--name={name}")
        if "Unable to contact slurm controller" not in asked.stderr:
            return asked.stdout.split()
        if time.monotonic() > deadline:
            sys.exit("genrates: SLURM's controller does not answer. It may have jobs of an earlier run.")
        time.sleep(5)


def _ask(*words: str) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        sys.exit(f"genrates: {words[0]} has not answered within {PATIENCE} seconds.")
