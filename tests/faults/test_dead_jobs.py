"""A job that dies is a failed cell: the table and all others stand, and the same command tries it again."""

import json
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from omegaconf import OmegaConf

from genrates.steps import died, evaluate, sample, train
from genrates.steps.died import how
from genrates.workflow.cell_step import make_cell_job
from genrates.workflow.config import ConfigTree
from genrates.workflow.environment import DEATHS
from genrates.workflow.provenance import planned_origins

OVERRIDES = ["data=marron_wand_01", "model=kde", "metric=[root_mise,sliced_wasserstein]", "sizes=[10,20]"]
NAMES = ["replicates=2", "cell.budget=b", "cell.data=d", "cell.variant=v", "downloads=none"]
STEPS = {"train": train, "sample": sample, "evaluate": evaluate}
KILLED = 128 + signal.SIGKILL


def config(folder, *more: str):
    return OmegaConf.create(ConfigTree().compose("cell", *OVERRIDES, *NAMES, f"results={folder}", *more))


def run(folder, step: str) -> None:
    STEPS[step].main.__wrapped__(config(folder))


def die(folder, step: str, status: int = KILLED, attempt: int = 1) -> None:
    """What the pipeline does after a job with this exit status."""
    more = [f"+step={step}", f"+status={status}", f"+attempt={attempt}"]
    died.main.__wrapped__(config(folder, *more))


def cell_of(folder):
    return make_cell_job(OmegaConf.to_container(config(folder)))


@pytest.mark.parametrize(
    ("dead", "failed", "whole"),
    [
        ("train", {"root_mise", "sliced_wasserstein"}, set()),
        ("sample", {"sliced_wasserstein"}, {"root_mise"}),
        ("evaluate", {"root_mise", "sliced_wasserstein"}, set()),
    ],
)
def test_the_rest_of_the_cell_is_complete_and_all_of_it_is_tried_again(tmp_path, dead, failed, whole):
    for step in STEPS:
        if step == dead:
            die(tmp_path, step)
        elif dead == "train":
            with pytest.raises(SystemExit, match="every fit failed: the train job died"):
                run(tmp_path, step)
        else:
            run(tmp_path, step)
    cell = cell_of(tmp_path)
    scores = pd.read_parquet(cell.folder / "scores.parquet")
    for metric in failed:
        rows = scores[scores["metric"] == metric]
        assert len(rows) == 4
        assert set(rows["status"]) == {"failed"}
        assert rows["reason"].str.contains(f"the {dead} job died: it was killed (SIGKILL)", regex=False).all()
    for metric in whole:
        assert set(scores[scores["metric"] == metric]["status"]) == {"ok"}
    for name in ("config.yaml", "samples.npz", "density_grids.npz", "figures", "model", "fits", "draws"):
        assert (cell.folder / name).exists()
    stand = {step: origin.stands for step, origin in planned_origins(cell.folder, cell).items()}
    steps = list(STEPS)
    assert stand == {step: steps.index(step) < steps.index(dead) for step in steps}
    assert f"b/by_hand/d/v: the {dead} job died" in (tmp_path / DEATHS).read_text()
    for step in STEPS:
        run(tmp_path, step)
    assert all(origin.stands for origin in planned_origins(cell.folder, cell).values())
    assert set(pd.read_parquet(cell.folder / "scores.parquet")["status"]) == {"ok"}


def test_a_step_that_came_to_its_end_is_left_alone(tmp_path):
    """Every fit may have failed, which by hand is exit status 1: that is a result."""
    run(tmp_path, "train")
    before = (cell_of(tmp_path).folder / "fits" / "index.json").read_text()
    die(tmp_path, "train", status=1)
    assert (cell_of(tmp_path).folder / "fits" / "index.json").read_text() == before
    assert not (tmp_path / DEATHS).exists()


def test_a_step_that_was_interrupted_leaves_nothing(tmp_path):
    with pytest.raises(SystemExit) as end:
        die(tmp_path, "train", status=130)
    assert end.value.code == 130
    assert list(tmp_path.rglob("*.json")) == []


def test_a_shell_that_died_too_is_named(tmp_path):
    die(tmp_path, "train", attempt=2)
    index = json.loads((cell_of(tmp_path).folder / "fits" / "index.json").read_text())
    reason = "the train job died: its shell, or its job on a cluster, was killed"
    assert {row["reason"] for row in index} == {reason}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (KILLED, "memory"),
        (128 + signal.SIGALRM, "longer than 7 minutes"),
        (128 + signal.SIGSEGV, "SIGSEGV"),
        (128 + signal.SIGTERM, "SIGTERM"),
        (1, "exit status 1"),
    ],
)
def test_how_it_died_is_said_in_words(status, words):
    assert words in how(status, 7)


def test_a_job_ends_when_its_time_is_up(tmp_path):
    words = [*OVERRIDES, *NAMES, f"results={tmp_path}", "sizes=[100,100000]", "replicates=50"]
    command = [sys.executable, "-m", "genrates.steps.train", *words, "minutes=0.001"]
    assert subprocess.run(command, cwd=tmp_path, timeout=120, check=False).returncode == -signal.SIGALRM
    assert not (tmp_path / "b/by_hand/d/v/made/train.json").exists()


@pytest.mark.parametrize("minutes", ["0", "-1", ".nan", ".inf", "abc"])
def test_a_time_limit_is_a_positive_number(tmp_path, minutes):
    with pytest.raises(SystemExit, match="minutes: must be a positive number"):
        train.main.__wrapped__(config(tmp_path, f"minutes={minutes}"))


def test_placeholders_hold_nothing_to_look_at(tmp_path):
    for step in ("train", "sample"):
        run(tmp_path, step)
    die(tmp_path, "evaluate")
    with np.load(cell_of(tmp_path).folder / "density_grids.npz") as grids:
        assert list(grids) == ["points"]
