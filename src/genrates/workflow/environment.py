"""What a pipeline's jobs inherit: their Python, their terminal; and one pipeline at a time in a folder."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

#: Settings of the C library's allocator (see mallopt(3)): large arrays come and go with every fit, and by
#: default each is given back to the kernel and zeroed again. Other C libraries ignore these variables.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 32)}

_held = []


def prepare(mirror: str | None) -> None:
    """Set the environment that jobs inherit.

    None of it is part of a result, so none of it is a rule's parameter. Jobs use this package and the Python
    that runs Snakemake, whether or not its environment is activated; their bars go to the terminal of the
    person who is watching.

    Parameters
    ----------
    mirror : str or None
        A folder that holds downloads.
    """
    package = str(Path(__file__).parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
    if mirror:
        os.environ["GENRATES_MIRROR"] = mirror
    for name, value in ALLOCATOR.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("GENRATES_TERMINAL", os.ttyname(2) if os.isatty(2) else "")


def lock(results: str) -> None:
    """Hold RESULTS/.lock until this process ends, however it ends; exit if another pipeline holds it.

    Snakemake's own lock is a file that a killed pipeline leaves behind. This one is the kernel's.

    Parameters
    ----------
    results : str
        The folder of results.
    """
    folder = Path(results)
    folder.mkdir(parents=True, exist_ok=True)
    file = open(folder / ".lock", "w")  # noqa: SIM115 (held for the life of the process)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"genrates: another pipeline is at work in {folder}; wait for it, or use results=ELSEWHERE.")
    _held.append(file)


def show_tables(results: str) -> None:
    """Print the tables at the end of a run, unless the caller (`make run`) does so itself.

    Parameters
    ----------
    results : str
        The folder of results.
    """
    if not os.environ.get("GENRATES_QUIET"):
        subprocess.run([sys.executable, "-m", "genrates.cli", "show", f"--results={results}"], check=False)
