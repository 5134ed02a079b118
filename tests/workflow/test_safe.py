"""Killed, doubled, repeated: the table stays the same."""

import fcntl
import os
import signal

import pandas as pd
import pytest

from .conftest import TINY, end, wait_until


def killed_while(project, rule: str, whole_group: bool) -> None:
    """Start the tiny pipeline, and kill -9 it as soon as a job of `rule` has begun."""
    process = project.start(*project.command(experiments="tiny"))
    logs = project.folder / "results" / "logs" / rule
    try:
        wait_until(
            lambda: any(logs.rglob("*.log")) if rule in ("train", "evaluate") else logs.exists(), process
        )
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            os.kill(process.pid, signal.SIGKILL)  # its jobs live on as orphans
        process.wait()
        assert not (project.folder / "results" / "report.html").exists()
        project.snakemake(cores=1, experiments="tiny")
    finally:
        end(process)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "whole_group"),
    [("train", True), ("train", False), ("evaluate", True), ("track", True), ("compare", True)],
)
def test_a_killed_pipeline_carries_on_to_the_same_table(clone, finished, rule, whole_group):
    """And to the same bits: the finished project ran on two cores in another folder, this one on one."""
    killed_while(clone, rule, whole_group)
    pd.testing.assert_frame_equal(clone.table("tiny"), finished.table("tiny"), check_exact=True)
    for cell in TINY:
        pd.testing.assert_frame_equal(clone.scores(cell), finished.scores(cell), check_exact=True)
    left = [*clone.folder.rglob(".*.part*"), *clone.folder.rglob(".mlflow.*.db*")]
    assert left == [], "the remnants of a killed job are swept up by the next"
    assert "Nothing to be done" in clone.snakemake("--dry-run", experiments="tiny")


def test_a_second_pipeline_in_the_same_folder_is_refused(project):
    project.edit("conf/experiment/tiny.yaml", ("title: Tiny", "title: Tiny still"))
    with open(project.folder / "results" / ".lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # as a running pipeline does, and as its death undoes
        said = project.snakemake(code=1)
    assert "another pipeline is at work in results" in said
    assert "Traceback" not in said
    assert "Finished job" not in said
