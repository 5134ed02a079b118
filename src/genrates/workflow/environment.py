"""What a pipeline's jobs inherit: their Python, their terminal; and one pipeline at a time in a folder."""

import fcntl
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from genrates.workflow.log import INTERRUPTED

#: Settings of the C library's allocator (see mallopt(3)): large arrays come and go with every fit, and by
#: default each is given back to the kernel and zeroed again. Other C libraries ignore these variables.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 32)}

#: the file below the results that tells which jobs of this run have died
DEATHS = ".died"

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
    (folder / DEATHS).unlink(missing_ok=True)


def stop_quietly() -> None:
    """Let Ctrl-C end the pipeline with one line, not with what each of its jobs has to say of it."""

    def stop(number, frame):
        logging.disable(logging.CRITICAL)  # Snakemake would show the logs of the jobs that were interrupted
        print(f"\ngenrates: {INTERRUPTED}", file=sys.stderr)
        sys.exit(128 + number)

    signal.signal(signal.SIGINT, stop)


def say_failed(results: str) -> None:
    """Say that a job has failed, unless the pipeline was interrupted.

    Parameters
    ----------
    results : str
        The folder of results.
    """
    if logging.getLogger().isEnabledFor(logging.CRITICAL):
        said = f"genrates: a job failed; its log is below {results}/logs. The same command again carries on."
        print(said, file=sys.stderr)


def note_death(results: str, step: str, cell: str, reason: str) -> None:
    """Remember until the end of this run that a job of a cell has died.

    Parameters
    ----------
    results : str
        The folder of results.
    step, cell : str
        Names of the job's step and cell.
    reason : str
        How it died.
    """
    with open(Path(results, DEATHS), "a", encoding="utf-8") as file:  # short lines: appended as a whole
        file.write(f"{cell}: {reason}; log: {Path(results, 'logs', step, cell)}.log\n")


def exit_after_deaths(results: str) -> None:
    """End with exit status 1, and say why, if a job of this run has died.

    Parameters
    ----------
    results : str
        The folder of results.
    """
    if deaths := _deaths(results):
        print("genrates: died, so `failed` in the table:", *deaths, sep="\n  ", file=sys.stderr)
        sys.exit("genrates: the same command tries again.")


def _deaths(results: str) -> list[str]:
    file = Path(results, DEATHS)
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def show_tables(results: str) -> None:
    """Print the tables at the end of a run, unless the caller (`make run`) does so itself after a success.

    Parameters
    ----------
    results : str
        The folder of results.
    """
    if _deaths(results) or not os.environ.get("GENRATES_QUIET"):
        subprocess.run([sys.executable, "-m", "genrates.cli", "show", f"--results={results}"], check=False)
