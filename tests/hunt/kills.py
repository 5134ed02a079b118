"""Pipelines killed at random moments: the same command again gives the table of an undisturbed run."""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from workflow.conftest import PATIENCE, TINY, Project, end, make_project

from .verdicts import show

#: edits between a run and the next, each with its way back
EDITS = (
    ("conf/model/kde.yaml", "bandwidth: lscv", "bandwidth: 0.2"),
    ("conf/data/marron_wand_01.yaml", "number: 1", "number: 6"),
    ("conf/experiment/tiny.yaml", "replicates: 2", "replicates: 3"),
    ("conf/experiment/tiny.yaml", "metrics: [root_mise", "metrics: [kl, root_mise"),
)


def hunt(seed: int, count: int) -> list[tuple[str, str]]:
    """Verdict and example of each of `count` killed pipelines."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        fresh = Project(Path(folder, "fresh"))
        make_project(fresh.folder)
        whole: dict[tuple | None, Project] = {}

        def undisturbed(edit: tuple | None) -> Project:
            if edit not in whole:
                whole[edit] = _edited(fresh.copy(Path(folder, f"whole{len(whole)}")), edit)
                whole[edit].snakemake(experiments="tiny")
            return whole[edit]

        for number in range(count):
            rng = random.Random(f"{seed}-{number}")
            edit = rng.choice(EDITS) if number % 2 else None
            right, old = _made(undisturbed(edit)), _made(undisturbed(None)) if edit else None
            start = undisturbed(None) if edit else fresh
            project = _edited(start.copy(Path(folder, "killed")), edit)
            longest = 15 if edit else 30  # seconds; a re-run after an edit has less to do
            verdict, said = _attempt(
                rng, project, longest, lambda made, r=right, o=old: _compared(made, r, o)
            )
            found.append((verdict, f"--seed {seed}, attempt {number}: edit {edit}: {said}"))
            show("kills", *found[-1])
            shutil.rmtree(project.folder)
    return found


def _edited(project: Project, edit: tuple | None) -> Project:
    if edit:
        project.edit(edit[0], edit[1:])
    return project


def _made(project: Project) -> list[pd.DataFrame]:
    """The table and every cell's scores."""
    return [project.table("tiny"), *(project.scores(cell) for cell in TINY)]


def _compared(made: list, right: list, old: list | None) -> str:
    """Whether all that was made is right; a part that is only the old one is stale."""
    differ = [i for i, (one, other) in enumerate(zip(made, right, strict=True)) if not one.equals(other)]
    if not differ:
        return "same"
    return "stale" if old is not None and any(made[i].equals(old[i]) for i in differ) else "wrong"


def _attempt(
    rng: random.Random, project: Project, longest: float, compared: Callable[[list], str]
) -> tuple[str, str]:
    """Kill a pipeline once or twice, then run it to its end; orphans may live on beside it."""
    said, killed, orphaned = "", 0, []
    try:
        for _ in range(rng.choice((1, 1, 2))):
            process = project.start(*project.command(experiments="tiny"))
            orphaned.append(process)
            moment, takes_all = rng.uniform(0.5, longest), rng.random() < 0.6
            time.sleep(moment)
            if process.poll() is not None:  # a kill of what has ended proves nothing
                said += f"ended before {moment:.1f} s; "
                continue
            killed += 1
            (os.killpg if takes_all else os.kill)(process.pid, signal.SIGKILL)
            process.wait()
            said += f"killed {'all' if takes_all else 'Snakemake'} at {moment:.1f} s; "
            if not takes_all and rng.random() < 0.5:
                time.sleep(rng.uniform(0, 5))
                end(orphaned.pop())
                said += "then its jobs; "
            if rng.random() < 0.3:
                said += "no .snakemake; "
                shutil.rmtree(project.folder / ".snakemake", ignore_errors=True)
        verdict, printed = _again(project)
        if verdict == "ended":
            verdict = compared(_made(project))
        return (verdict if killed or verdict != "same" else "not killed"), said + printed
    finally:
        for process in orphaned:
            end(process)


def _again(project: Project) -> tuple[str, str]:
    """Whether the same command ends well, and what it printed where it does not."""
    process = project.start(*project.command(experiments="tiny"))
    try:
        printed, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return "hang", ""
    finally:
        end(process)
    if process.returncode == 0:
        return "ended", ""
    return ("traceback" if "Traceback" in printed else "failed"), printed[-1500:]
