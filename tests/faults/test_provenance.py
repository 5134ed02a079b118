"""Nothing stale is taken for today's: what files were made from stands beside them, and is compared."""

import json
import shlex

import pytest
from omegaconf import OmegaConf

from genrates.errors import ConfigError
from genrates.steps import evaluate, sample, train
from genrates.workflow.cell_step import make_cell_job
from genrates.workflow.config import ConfigTree
from genrates.workflow.plan import Plan
from genrates.workflow.provenance import CELL_STEPS, Origin, origin_of_step, planned_origins

OVERRIDES = ["data=marron_wand_01", "model=kde", "metric=[root_mise]", "sizes=[10,20]", "replicates=2"]
NAMES = ["cell.budget=b", "cell.data=d", "cell.variant=v", "downloads=none"]
STEPS = {"train": train, "sample": sample, "evaluate": evaluate}


def config(folder, *more: str):
    return OmegaConf.create(ConfigTree().compose("cell", *OVERRIDES, *NAMES, f"results={folder}", *more))


def job(folder, *more: str):
    return make_cell_job(OmegaConf.to_container(config(folder, *more)))


def run(folder, *more: str, steps=tuple(STEPS)):
    """Run steps of a cell in this process; return its folder."""
    for step in steps:
        STEPS[step].main.__wrapped__(config(folder, *more))
    return job(folder).folder


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ("model.bandwidth=0.5", "train"),
        ("data=marron_wand_06", "train"),
        ("seed=1", "train"),
        ("sizes=[10,30]", "train"),
        ("replicates=3", "train"),
        ("sampler=inversion", "sample"),
    ],
)
def test_a_step_refuses_files_that_were_made_from_another_config(tmp_path, change, refused):
    run(tmp_path, steps=["train", "sample"])
    with pytest.raises(SystemExit, match=rf"{refused} was made from another config .*steps\.{refused}` with"):
        run(tmp_path, change, steps=["evaluate"])


@pytest.mark.parametrize("missing", ["train", "sample"])
def test_files_of_unknown_origin_are_refused(tmp_path, missing):
    (run(tmp_path, steps=["train", "sample"]) / "made" / f"{missing}.json").unlink()
    with pytest.raises(SystemExit, match=rf"the step {missing} has no files; run .*steps\.{missing}"):
        run(tmp_path, steps=["evaluate"])


@pytest.mark.parametrize("content", ["", "{", "[]", "\0", '{"hash": 3}'])
def test_a_record_that_cannot_be_read_is_no_record(tmp_path, content):
    origin = Origin(tmp_path, "train", "{}")
    origin.write()
    assert origin.stands
    origin.record.write_text(content)
    assert not origin.stands
    with pytest.raises(ConfigError, match=r"steps\.train"):
        origin.trusted_hash()


def test_there_is_no_record_while_files_are_made(tmp_path):
    origin = Origin(tmp_path, "train", "{}")
    origin.write()

    def fill_the_disk():
        with origin.recorded():
            assert not origin.record.exists()
            raise RuntimeError("full disk")

    with pytest.raises(RuntimeError, match="full disk"):
        fill_the_disk()
    assert not origin.record.exists()


def test_every_step_counts_what_came_before(tmp_path):
    run(tmp_path)
    cell = job(tmp_path)
    assert all(origin.stands for origin in planned_origins(cell.folder, cell).values())
    other = job(tmp_path, "model.bandwidth=0.5")
    assert not any(origin.stands for origin in planned_origins(cell.folder, other).values())
    metric = job(tmp_path, "metric=[kl]")
    stand = {step: origin.stands for step, origin in planned_origins(cell.folder, metric).items()}
    assert stand == {"train": True, "sample": True, "evaluate": False}


def test_a_job_that_died_is_another_origin_for_all_that_follows(tmp_path):
    cell = job(tmp_path)
    origin_of_step(cell.folder, cell, "train").write(died="the train job died")
    assert not planned_origins(cell.folder, cell)["train"].stands
    origin_of_step(cell.folder, cell, "sample").write()
    origin_of_step(cell.folder, cell, "evaluate").write()
    assert not any(origin.stands for origin in planned_origins(cell.folder, cell).values())
    assert origin_of_step(cell.folder, cell, "evaluate").stands, "of what stands there"


def test_a_record_says_in_full_what_it_is_of(tmp_path):
    folder = run(tmp_path, steps=["train"])
    record = json.loads((folder / "made" / "train.json").read_text())
    assert record["slice"]["model"]["bandwidth"] == "lscv"
    assert record["slice"]["sizes"] == [10, 20]
    assert record["died"] == ""


def test_a_table_whose_content_has_changed_is_another_data_set(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("x\n" + "".join(f"{i * i % 17}\n" for i in range(60)))
    own = ("data=csv", f"data.path={table}")
    folder = run(tmp_path, *own)
    cell = job(tmp_path, *own)
    assert planned_origins(folder, cell)["evaluate"].stands
    table.write_text(table.read_text().replace("16\n", "15\n", 1))
    assert not planned_origins(folder, cell)["train"].stands


EXPERIMENTS = Plan().all_experiments


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_a_job_reads_from_its_overrides_what_the_plan_has(experiment):
    """Otherwise the pipeline would make its files again each time."""
    plan, configs = Plan({"budget": "smoke", "experiments": [experiment]}), ConfigTree()
    for cell in plan.cells(experiment):
        overrides = shlex.split(plan.cell_overrides(cell, "evaluate"))
        found = make_cell_job(configs.compose("cell", *overrides, "downloads=none"))
        for step, slice_of in CELL_STEPS.items():
            assert slice_of(found) == slice_of(cell), (cell.name, step)
