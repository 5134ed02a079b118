"""One pipeline at a time in a results folder, with a lock that dies with its process."""

import fcntl
import sys
from pathlib import Path

_held = []


def acquire(results: str) -> None:
    """Hold RESULTS/.lock until this process ends, however it ends; exit if another pipeline holds it.

    Snakemake's own lock is a file that a killed pipeline leaves behind. This one is the kernel's.
    """
    folder = Path(results)
    folder.mkdir(parents=True, exist_ok=True)
    file = open(folder / ".lock", "w")  # noqa: SIM115 (held for the life of the process)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"genrates: another pipeline is at work in {folder}; wait for it, or use results=ELSEWHERE.")
    _held.append(file)
