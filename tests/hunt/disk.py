"""A disk that is full: the pipeline fails in words, and carries on when there is room."""

import contextlib
import os
import random
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workflow.conftest import PATIENCE, Project, end, make_project

from .verdicts import show

ROOM = "size=200m"


def hunt(seed: int, count: int) -> list[tuple[str, str]]:
    """Verdict and example of each of `count` small disks: in memory for root, else a limit of file sizes."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder, "project"))
        make_project(project.folder)
        project.snakemake(experiments="tiny")
        right = project.table("tiny")
        for number in range(count):
            kilobytes = random.Random(f"{seed}-{number}").choice((60, 150, 300, 600, 1000, 1500))
            results = Path(folder, f"disk{number}")
            results.mkdir()
            with _disk(results, kilobytes) as limit:
                verdict, said = _attempt(project, results, kilobytes, limit)
                if verdict == "same" and not project.table("tiny", str(results)).equals(right):
                    verdict = "wrong"
            found.append((verdict, f"--seed {seed}, attempt {number}: {kilobytes} kB: {said}"))
            show("disk", *found[-1])
    return found


@contextlib.contextmanager
def _disk(results: Path, kilobytes: int) -> Iterator[bool]:
    """Mount a small disk; whether files must be limited instead, for want of root's rights."""
    if os.geteuid() != 0:
        yield True
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", results], check=True)
    try:
        yield False
    finally:
        subprocess.run(["umount", "--lazy", results], check=True)


def _attempt(project: Project, results: Path, kilobytes: int, limit: bool) -> tuple[str, str]:
    """Run on the small disk, then with room. `roomy` where the small disk was enough."""
    code, said = _run(project, results, kilobytes if limit else None)
    if code is None:
        return "hang", said
    if code == 0:
        return "roomy", ""
    if "Traceback (most recent call last)" in said:
        return "traceback", said[-3000:]
    if not limit:
        subprocess.run(["mount", "-o", f"remount,{ROOM}", results], check=True)
    code, again = _run(project, results, None)
    if code is None:
        return "hang", again
    return ("same", said[-300:]) if code == 0 else ("failed", again[-1500:])


def _run(project: Project, results: Path, kilobytes: int | None) -> tuple[int | None, str]:
    """Exit status (None: it hangs) and what it printed; with no file longer than `kilobytes`."""

    def shorten() -> None:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, hard))

    command = project.command(experiments="tiny", results=str(results))
    process = project.start(*command, preexec_fn=None if kilobytes is None else shorten)
    try:
        said, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None, f"longer than {PATIENCE} s"
    finally:
        end(process)
    return process.returncode, said
