"""No old number under a new config: lost provenance, other checkouts, jobs that die."""

import os
import shutil
import signal
import subprocess

import pandas as pd
import pytest

from .conftest import GAUSSIAN, NETWORK, TINY_KDE, TINYS_TABLE, jobs, wait_until

DIES = """
import os, sys
if "model=kde" in sys.argv and "cell.experiment=tiny" in sys.argv:
    os.kill(os.getpid(), {signal})
"""


INTERRUPTED_AT_ITS_IMPORTS = """
import pathlib, sys, time
pathlib.Path("results/at_its_imports").touch()
try:
    time.sleep(60)
except KeyboardInterrupt:  # a library may make of it what it likes
    sys.exit(1)
"""


def edit(project) -> set[str]:
    """Change the bandwidth of one cell; returns the jobs that this touches."""
    project.edit("conf/model/kde.yaml", ("bandwidth: lscv", "bandwidth: 0.2"))
    return jobs([TINY_KDE], *TINYS_TABLE)


def test_without_snakemakes_memory_an_edit_still_runs_what_it_touches(project):
    shutil.rmtree(project.folder / ".snakemake")
    assert "Nothing to be done" in project.snakemake("--dry-run")
    touched = edit(project)
    assert project.plan() == touched
    project.edit("conf/model/kde.yaml", ("bandwidth: 0.2", "bandwidth: lscv"))
    assert "Nothing to be done" in project.snakemake("--dry-run"), "an edit that is taken back runs nothing"


def test_results_of_another_checkout_are_made_again_where_they_differ(finished, clone):
    touched = edit(clone)
    shutil.copytree(finished.folder / "results", clone.folder / "results")
    assert clone.plan() == touched


@pytest.mark.parametrize(
    "step",
    [
        pytest.param("train", marks=pytest.mark.slow),
        "sample",
        pytest.param("evaluate", marks=pytest.mark.slow),
    ],
)
def test_files_of_unknown_origin_are_made_again(project, step):
    (project.folder / "results" / GAUSSIAN / "made" / f"{step}.json").unlink()
    rules = ("train", "sample", "evaluate")
    assert project.plan() == jobs([GAUSSIAN], *TINYS_TABLE, rules=rules[rules.index(step) :])


@pytest.mark.slow
def test_files_that_a_late_job_of_an_old_config_leaves_are_made_again(project):
    """As on a cluster, when the pipeline was interrupted and its jobs ended after an edit."""
    old = project.folder / "results" / TINY_KDE
    kept = project.folder / "kept"
    shutil.copytree(old, kept)
    touched = edit(project)
    assert project.run(experiments="tiny") == touched
    shutil.rmtree(old)
    shutil.copytree(kept, old, copy_function=shutil.copy)  # newer than all there is
    assert project.plan(experiments="tiny") == touched


@pytest.mark.slow
@pytest.mark.parametrize("killed", [signal.SIGKILL, signal.SIGSEGV])
def test_a_job_that_dies_is_a_failed_cell_and_is_tried_again(project, finished, killed):
    edit(project)
    train = project.folder / "src" / "genrates" / "steps" / "train.py"
    before = train.read_text()
    train.write_text(
        before.replace("import logging\n", f"import logging\n{DIES.format(signal=int(killed))}", 1)
    )
    said = project.snakemake(code=1, experiments="tiny")
    assert f"{TINY_KDE}: the train job died" in said
    assert "genrates: the same command tries again." in said
    assert "Traceback" not in said
    table = project.table("tiny").set_index("model")
    assert set(table.loc["kde", "verdict"]) == {"failed"}
    assert table.loc["kde", "reason"].str.contains("the train job died").all()
    expected = finished.table("tiny").set_index("model")
    pd.testing.assert_frame_equal(table.loc["gaussian"], expected.loc["gaussian"])
    assert (project.folder / "results" / "report.html").exists()
    assert project.plan(experiments="tiny") == jobs([TINY_KDE], *TINYS_TABLE)

    train.write_text(before)
    project.edit("conf/model/kde.yaml", ("bandwidth: 0.2", "bandwidth: lscv"))
    project.run(experiments="tiny")
    pd.testing.assert_frame_equal(project.table("tiny"), finished.table("tiny"), check_exact=True)
    assert "Nothing to be done" in project.snakemake("--dry-run", experiments="tiny")


@pytest.mark.slow
def test_a_job_whose_shell_is_killed_with_it_is_a_failed_cell_too(project):
    edit(project)
    process = project.start(*project.command(experiments="tiny"))
    pattern = "genrates.steps.train.*model=kde.*cell.experiment=tiny"
    wait_until(lambda: subprocess.run(["pkill", "-9", "-f", pattern], check=False).returncode == 0, process)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 1, said
    assert set(project.table("tiny").set_index("model").loc["kde", "verdict"]) == {"failed"}
    project.run(experiments="tiny")
    assert "failed" not in set(project.table("tiny")["verdict"])


@pytest.mark.slow
def test_a_cell_that_takes_too_long_is_a_failed_cell(project):
    project.edit("conf/model/cdf_network.yaml", ("metadata:", "trainer: {max_steps: 100000000}\nmetadata:"))
    project.edit("conf/budget/smoke.yaml", ("minutes: 10", "minutes: 1"))
    said = project.snakemake(code=1)
    assert f"{NETWORK}: the train job died: it took longer than 1 minutes" in said


def test_an_interrupted_pipeline_says_one_line_and_carries_on(project):
    edit(project)
    train = project.folder / "src" / "genrates" / "steps" / "train.py"
    before = train.read_text()
    train.write_text(before.replace("import logging\n", f"import logging\n{INTERRUPTED_AT_ITS_IMPORTS}", 1))
    process = project.start(*project.command(experiments="tiny"))
    wait_until((project.folder / "results" / "at_its_imports").exists, process)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode in (1, 130), said
    assert said.rstrip().endswith("genrates: interrupted; the same command carries on."), said
    assert "Traceback" not in said
    assert "KeyboardInterrupt" not in said
    train.write_text(before)
    assert project.plan(experiments="tiny") == jobs([TINY_KDE], *TINYS_TABLE)
