"""Runs in the dashboard's store: one active run for each cell, however often it is written."""

import dataclasses
import shutil

import pytest

from genrates.tracking.record import RunRecord
from genrates.tracking.runs import RunWriter, read_runs
from genrates.tracking.store import experiment_id

from mlflow.entities import ViewType  # isort: skip (store.py sets its environment first)

CURVE = [("root_mise", 0.2, 100), ("root_mise", 0.1, 1000), ("rate.root_mise", 0.3, 1000)]
RECORD = RunRecord(
    cell="quick/x/d/m",
    name="d/m",
    content_hash="first",
    params={"n_max": "1000"},
    tags={"genrates.verdict.root_mise": "agrees"},
    metrics=CURVE,
)
CHANGED = dataclasses.replace(
    RECORD,
    content_hash="second",
    params={"n_max": "500"},
    tags={},
    metrics=[("kl", 0.5, 200), ("kl", 0.4, 500)],
)


def history(client, run_id, key="root_mise"):
    return [(m.step, m.value) for m in client.get_metric_history(run_id, key)]


def stages(client, experiment="genrates/x") -> dict[str, str]:
    """Return "active" or "deleted" of each run of an experiment, those in the trash included."""
    found = client.get_experiment_by_name(experiment)
    runs = client.search_runs([found.experiment_id], run_view_type=ViewType.ALL)
    return {run.info.run_id: run.info.lifecycle_stage for run in runs}


@pytest.fixture
def interrupted(tmp_path) -> RunRecord:
    """A record whose artifacts cannot be copied: writing it stops in the middle."""
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "cell.png").symlink_to(tmp_path / "nowhere")
    return dataclasses.replace(RECORD, artifacts=[tmp_path / "figures"])


# -- what a run says ------------------------------------------------------------------------------


def test_metrics_are_curves_over_n(store):
    client, results = store
    run_id = RunWriter(results, "x").write(RECORD)
    assert history(client, run_id) == [(100, 0.2), (1000, 0.1)]
    run = client.get_run(run_id)
    assert run.info.run_name == "d/m"
    assert run.info.status == "FINISHED"
    assert run.data.metrics["root_mise"] == 0.1, "the largest n is what the table of runs shows"
    assert run.data.params == {"n_max": "1000"}
    assert run.data.tags["genrates.cell"] == "quick/x/d/m"
    assert run.data.tags["genrates.verdict.root_mise"] == "agrees"


def test_more_metrics_than_one_call_takes(store):
    client, results = store
    many = [(f"train_loss_{k}", float(k), step) for k in range(25) for step in range(100)]
    run_id = RunWriter(results, "x").write(dataclasses.replace(RECORD, metrics=many))
    assert all(len(history(client, run_id, f"train_loss_{k}")) == 100 for k in range(25))


def test_more_params_than_one_call_takes(store):
    client, results = store
    many = {f"model.p{k}": str(k) for k in range(250)}
    run_id = RunWriter(results, "x").write(dataclasses.replace(RECORD, params=many))
    assert client.get_run(run_id).data.params == many
    assert history(client, run_id) == [(100, 0.2), (1000, 0.1)]


def test_a_long_text_is_cut_not_refused(store):
    client, results = store
    long = dataclasses.replace(RECORD, params={"p": "x" * 10_000}, tags={"t": "y" * 10_000})
    data = client.get_run(RunWriter(results, "x").write(long)).data
    assert data.params["p"].startswith("xxx")
    assert data.tags["t"].startswith("yyy")


def test_artifacts_are_the_cells_files(store):
    _, results = store
    (results / "file.txt").write_text("one")
    (results / "folder").mkdir()
    (results / "folder" / "inner.txt").write_text("two")
    files = [results / "file.txt", results / "folder", results / "missing"]
    run_id = RunWriter(results, "x").write(dataclasses.replace(RECORD, artifacts=files))
    kept = results / "mlartifacts" / "x" / run_id / "artifacts"
    found = {p.relative_to(kept).as_posix(): p.read_text() for p in kept.rglob("*.txt")}
    assert found == {"file.txt": "one", "folder/inner.txt": "two"}


# -- which run stays ------------------------------------------------------------------------------


def test_equal_content_keeps_the_run(store):
    client, results = store
    first = RunWriter(results, "x").write(RECORD)
    before = client.get_run(first).info.end_time
    assert RunWriter(results, "x").write(RECORD) == first
    assert history(client, first) == [(100, 0.2), (1000, 0.1)]
    assert client.get_run(first).info.end_time == before
    assert stages(client) == {first: "active"}
    assert len(read_runs(results, "x")) == 1


def test_a_cell_that_runs_again_gets_a_new_run_and_the_old_one_goes_to_the_trash(store):
    client, results = store
    first = RunWriter(results, "x").write(RECORD)
    second = RunWriter(results, "x").write(CHANGED)
    assert stages(client) == {first: "deleted", second: "active"}
    run = client.get_run(second)
    assert run.data.metrics == {"kl": 0.4}
    assert history(client, second, "kl") == [(200, 0.5), (500, 0.4)]
    assert run.data.params == {"n_max": "500"}
    assert not any("verdict" in tag for tag in run.data.tags)
    assert list(read_runs(results, "x")["run_id"]) == [second]
    assert history(client, first) == [(100, 0.2), (1000, 0.1)], "what is in the trash can be restored"


def test_a_cell_that_changes_back_gets_a_new_run_and_leaves_the_trash_alone(store):
    client, results = store
    first, second, third = (RunWriter(results, "x").write(r) for r in (RECORD, CHANGED, RECORD))
    assert stages(client) == {first: "deleted", second: "deleted", third: "active"}


def test_the_old_run_stays_until_the_new_one_is_complete(store, interrupted):
    client, results = store
    first = RunWriter(results, "x").write(CHANGED)
    with pytest.raises(shutil.Error):
        RunWriter(results, "x").write(interrupted)
    assert stages(client)[first] == "active"
    assert list(read_runs(results, "x")["run_id"]) == [first]
    second = RunWriter(results, "x").write(RECORD)
    active = [run_id for run_id, stage in stages(client).items() if stage == "active"]
    assert active == [second]


def test_an_interrupted_run_is_not_read_and_goes_to_the_trash_with_the_next_write(store, interrupted):
    """The hash, which says that a run is complete, is written last."""
    client, results = store
    with pytest.raises(shutil.Error):
        RunWriter(results, "x").write(interrupted)
    ((torn, stage),) = stages(client).items()
    assert stage == "active"
    assert len(read_runs(results, "x")) == 0
    run_id = RunWriter(results, "x").write(RECORD)
    assert history(client, run_id) == [(100, 0.2), (1000, 0.1)]
    assert stages(client) == {torn: "deleted", run_id: "active"}
    assert list(read_runs(results, "x")["run_id"]) == [run_id]


def test_no_other_run_is_touched(store):
    """Neither those of other cells, budgets and experiments, nor one that a person has made."""
    client, results = store
    RunWriter(results, "x").write(RECORD)
    others = [
        RunWriter(results, "x").write(dataclasses.replace(RECORD, cell=cell))
        for cell in ("quick/x/d/other", "quick/x/other/m", "full/x/d/m")
    ]
    elsewhere = RunWriter(results, "y").write(RECORD)
    by_hand = client.create_run(experiment_id(client, "x", results), run_name="d/m").info.run_id
    before = {run_id: client.get_run(run_id).to_dictionary() for run_id in (*others, elsewhere, by_hand)}
    changed = RunWriter(results, "x").write(CHANGED)
    assert {run_id: client.get_run(run_id).to_dictionary() for run_id in before} == before
    active = {run_id for run_id, stage in stages(client).items() if stage == "active"}
    assert active == {*others, by_hand, changed}
    assert stages(client, "genrates/y") == {elsewhere: "active"}
    assert set(read_runs(results, "x")["run_id"]) == {*others, changed}, "a person's own run is no cell"


def test_one_writer_writes_every_cell_of_an_experiment(store):
    client, results = store
    records = [dataclasses.replace(RECORD, cell=f"quick/x/d/m{k}", name=f"d/m{k}") for k in range(3)]
    writer = RunWriter(results, "x")
    run_ids = [writer.write(record) for record in records]
    assert len(set(run_ids)) == 3
    found = read_runs(results, "x").set_index("run_id")["tags.genrates.cell"]
    assert found.to_dict() == {run_id: record.cell for run_id, record in zip(run_ids, records, strict=True)}
    assert stages(client) == dict.fromkeys(run_ids, "active")


def test_an_experiment_that_was_deleted_in_the_dashboard_is_filled_again(store):
    client, results = store
    first = RunWriter(results, "x").write(RECORD)
    client.delete_experiment(experiment_id(client, "x", results))
    assert len(read_runs(results, "x")) == 0
    again = RunWriter(results, "x").write(RECORD)
    found = read_runs(results, "x")
    assert list(found["run_id"]) == [again]
    assert client.get_experiment_by_name("genrates/x").lifecycle_stage == "active"
    assert stages(client)[again] == "active"
    assert first == again or stages(client)[first] == "deleted"


def test_an_experiment_without_runs_has_an_empty_table(store):
    _, results = store
    RunWriter(results, "x")
    assert len(read_runs(results, "x")) == 0
