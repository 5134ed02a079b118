"""What surrounds a pipeline's jobs: one pipeline at a time in a folder, their Python, their terminal."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

#: Large arrays come and go with every fit; glibc would give each back to the kernel and have it zeroed again,
#: a tenth of the time of a training. Other C libraries do not know these.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 32)}

#: Set where a plan has checked the config of the jobs, which need not check its shapes again.
PLANNED = "GENRATES_PLANNED"

#: What makes hundreds of processes start sooner: modules are compiled by the first of them, and nobody looks
#: for plugins of pydantic in all that is installed.
SOONER = {"PYTHONDONTWRITEBYTECODE": "", "PYDANTIC_DISABLE_PLUGINS": "__all__", PLANNED: "1"}

_held = []


def prepare(mirror: str | None) -> None:
    """Set the environment that jobs inherit; none of it is part of a result, so none is a rule's parameter.

    Jobs use this package and the Python that runs Snakemake, whether or not its environment is activated;
    they are told the folder that holds downloads, to keep the memory that they free, and how to start soon;
    their bars go to the terminal of the person who is watching, if any.
    """
    package = str(Path(__file__).parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
    if mirror:
        os.environ["GENRATES_MIRROR"] = mirror
    for name, value in ALLOCATOR.items():
        os.environ.setdefault(name, value)
    os.environ |= SOONER
    os.environ.setdefault("GENRATES_TERMINAL", os.ttyname(2) if os.isatty(2) else "")


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


def unlimit(workflow) -> None:
    """Let a local pipeline start jobs without a limit of jobs a second, and watch them less closely.

    Under Snakemake's limit each job that ends leaves a timer that looks for waiting jobs once a second, as
    long as there are any: hundreds of jobs in, that takes a fifth of a core. A cluster's queue keeps the
    limit. For `benchmark:` the kernel is asked how a job uses its memory, page by page, each half second: two
    in a hundred of a core. Each second will do.
    """
    from snakemake import benchmark  # which runs already; those who want ALLOCATOR need not import it

    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
        benchmark.BENCHMARK_INTERVAL_SHORT = 1.0


def show(results: str) -> None:
    """Print the tables at the end of a run, unless the caller (`make run`) does so itself."""
    if not os.environ.get("GENRATES_QUIET"):
        subprocess.run(
            [sys.executable, "-m", "genrates.reporting.terminal", f"results={results}"], check=False
        )
