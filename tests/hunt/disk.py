"""A disk that is full: the pipeline fails in words, and carries on when there is room."""

import random
import subprocess
import tempfile
from pathlib import Path

from workflow.conftest import Project, make_project


def hunt(seed: int, count: int) -> list[tuple[str, str]]:
    """Verdict and example of each of `count` small disks. They are file systems in memory: it needs root."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder, "project"))
        make_project(project.folder)
        project.snakemake(experiments="tiny")
        right = project.table("tiny")
        for number in range(count):
            kilobytes = random.Random(f"{seed}-{number}").choice((60, 150, 300, 600, 1000, 1500))
            disk = Path(folder, "disk")
            disk.mkdir(exist_ok=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", disk], check=True)
            try:
                verdict, said = _attempt(project, disk)
                if verdict == "same" and not project.table("tiny", str(disk)).equals(right):
                    verdict = "wrong"
            finally:
                subprocess.run(["umount", "--lazy", disk], check=True)
            found.append((verdict, f"--seed {seed}, attempt {number}: {kilobytes} kB: {said}"))
    return found


def _attempt(project: Project, disk: Path) -> tuple[str, str]:
    said = project.snakemake(code=None, experiments="tiny", results=str(disk))
    if "Traceback (most recent call last)" in said.split("Logfile")[0]:
        return "traceback", said[-800:]
    subprocess.run(["mount", "-o", "remount,size=100m", disk], check=True)
    again = project.snakemake(code=None, experiments="tiny", results=str(disk))
    if not (disk / "smoke" / "tiny" / "comparison.csv").exists():
        return "failed", again[-800:]
    return "same", ""
