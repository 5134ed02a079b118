"""Runs in the dashboard's store: one for each cell, however often it is written."""

import dataclasses

import pytest

from genrates.tracking import store as tracking
from genrates.tracking.record import Run
from genrates.tracking.store import Runs, experiment_id, open_store, read_runs

CURVE = [("root_mise", 0.2, 100), ("root_mise", 0.1, 1000), ("rate.root_mise", 0.3, 1000)]
RUN = Run("x/d/m", "d/m", "first", {"n_max": "1000"}, {"genrates.verdict.root_mise": "agrees"}, CURVE)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A new, empty database; made once, since that takes a second."""
    folder = tmp_path_factory.mktemp("fresh")
    open_store(folder)
    return folder


@pytest.fixture
def store(fresh, tmp_path):
    (tmp_path / "mlflow.db").write_bytes((fresh / "mlflow.db").read_bytes())
    return tracking.MlflowClient(tracking.tracking_uri(tmp_path)), tmp_path


def history(client, run_id, key="root_mise"):
    return [(m.step, m.value) for m in client.get_metric_history(run_id, key)]


def test_metrics_are_curves_over_n(store):
    client, results = store
    run_id = Runs(client, "x", results).log(RUN)
    assert history(client, run_id) == [(100, 0.2), (1000, 0.1)]
    run = client.get_run(run_id)
    assert run.info.run_name == "d/m"
    assert run.info.status == "FINISHED"
    assert run.data.metrics["root_mise"] == 0.1, "the largest n is what the table of runs shows"
    assert run.data.tags["genrates.cell"] == "x/d/m"


def test_writing_twice_changes_nothing(store):
    client, results = store
    first = Runs(client, "x", results).log(RUN)
    before = client.get_run(first).info.end_time
    assert Runs(client, "x", results).log(RUN) == first
    assert history(client, first) == [(100, 0.2), (1000, 0.1)]
    assert client.get_run(first).info.end_time == before
    assert len(read_runs(results, "x")) == 1


def test_a_cell_that_runs_again_replaces_what_its_run_says(store):
    client, results = store
    first = Runs(client, "x", results).log(RUN)
    again = dataclasses.replace(
        RUN,
        content_hash="second",
        params={"n_max": "500"},
        tags={},
        metrics=[("kl", 0.5, 200), ("kl", 0.4, 500)],
    )
    assert Runs(client, "x", results).log(again) == first
    run = client.get_run(first)
    assert run.data.metrics == {"kl": 0.4}
    assert history(client, first) == []
    assert history(client, first, "kl") == [(200, 0.5), (500, 0.4)]
    assert run.data.params == {"n_max": "500"}
    assert not any("verdict" in tag for tag in run.data.tags)


def test_a_run_that_was_cut_short_is_written_again(store, monkeypatch):
    """The hash that says "finished" is written last."""
    client, results = store

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tracking, "_copy_artifacts", killed)
        with pytest.raises(KeyboardInterrupt):
            Runs(client, "x", results).log(RUN)
    run_id = Runs(client, "x", results).log(RUN)
    assert history(client, run_id) == [(100, 0.2), (1000, 0.1)]
    assert len(read_runs(results, "x")) == 1


def test_more_metrics_than_one_call_takes(store):
    client, results = store
    many = [(f"train_loss_{k}", float(k), step) for k in range(25) for step in range(100)]
    run_id = Runs(client, "x", results).log(dataclasses.replace(RUN, metrics=many))
    assert all(len(history(client, run_id, f"train_loss_{k}")) == 100 for k in range(25))


def test_a_long_text_is_cut_not_refused(store):
    client, results = store
    run_id = Runs(client, "x", results).log(dataclasses.replace(RUN, params={"p": "x" * 10_000}))
    assert client.get_run(run_id).data.params["p"].startswith("xxx")


def test_artifacts_are_the_cells_files(store):
    client, results = store
    (results / "file.txt").write_text("one")
    (results / "folder").mkdir()
    (results / "folder" / "inner.txt").write_text("two")
    files = [results / "file.txt", results / "folder", results / "missing"]
    run_id = Runs(client, "x", results).log(dataclasses.replace(RUN, artifacts=files))
    kept = results / "mlartifacts" / "x" / run_id / "artifacts"
    assert sorted(p.relative_to(kept).as_posix() for p in kept.rglob("*.txt")) == [
        "file.txt",
        "folder/inner.txt",
    ]


def test_cells_that_an_experiment_no_longer_has_are_forgotten(store):
    client, results = store
    kept = Runs(client, "x", results).log(RUN)
    Runs(client, "x", results).log(dataclasses.replace(RUN, cell="x/d/other", name="d/other"))
    runs = Runs(client, "x", results)
    runs.forget_others({runs.log(RUN)})
    assert list(read_runs(results, "x")["run_id"]) == [kept]
    assert list(read_runs(results, "x")["tags.genrates.cell"]) == ["x/d/m"]


def test_experiments_have_their_names_and_no_machines_paths(store):
    client, results = store
    first = experiment_id(client, "x", results)
    assert experiment_id(client, "x", results) == first
    about = client.get_experiment(first)
    assert about.name == "genrates/x"
    assert str(results) not in about.artifact_location


def test_a_new_database_is_whole_and_knows_its_generation(fresh):
    assert (fresh / "mlflow.generation").read_text() == "1\n"
    assert not list(fresh.glob(".mlflow.*"))
