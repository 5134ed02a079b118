"""Pipelines killed at random moments: the same command again gives the table of an undisturbed run."""

import os
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pandas as pd

from workflow.conftest import PATIENCE, Project, end, make_project

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
        right: dict[tuple | None, pd.DataFrame] = {}
        whole = {}
        for edit in (None, *EDITS):
            whole[edit] = _edited(fresh.copy(Path(folder, f"whole{len(whole)}")), edit)
            whole[edit].snakemake(experiments="tiny")
            right[edit] = whole[edit].table("tiny")
        for number in range(count):
            rng = random.Random(f"{seed}-{number}")
            edit = rng.choice(EDITS) if number % 2 else None
            start = whole[None] if edit else fresh
            project = _edited(start.copy(Path(folder, "killed")), edit)
            verdict, said = _attempt(rng, project, right[edit], None if edit is None else right[None])
            found.append((verdict, f"--seed {seed}, attempt {number}: edit {edit}: {said}"))
            shutil.rmtree(project.folder)
    return found


def _edited(project: Project, edit: tuple | None) -> Project:
    if edit:
        project.edit(edit[0], edit[1:])
    return project


def _attempt(
    rng: random.Random, project: Project, right: pd.DataFrame, old: pd.DataFrame | None
) -> tuple[str, str]:
    """Kill a pipeline once or twice, then run it to its end."""
    said = ""
    for _ in range(rng.choice((1, 1, 2))):
        process = project.start(*project.command(experiments="tiny"))
        time.sleep(rng.uniform(0.5, 25))
        whole_group = rng.random() < 0.6
        said += f"killed {'all' if whole_group else 'Snakemake'}; "
        try:
            (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            said += "too late; "
        if not whole_group:
            time.sleep(rng.uniform(0, 5))  # its jobs live on as orphans
        end(process)
        if rng.random() < 0.3:
            said += "no .snakemake; "
            shutil.rmtree(project.folder / ".snakemake", ignore_errors=True)
    process = project.start(*project.command(experiments="tiny"))
    try:
        printed, _ = process.communicate(timeout=PATIENCE)
    except Exception:
        return "hang", said
    finally:
        end(process)
    if process.returncode != 0:
        return ("traceback" if "Traceback" in printed else "failed"), said + printed[-500:]
    table = project.table("tiny")
    if table.equals(right):
        return "same", said
    return ("stale" if old is not None and table.equals(old) else "wrong"), said
