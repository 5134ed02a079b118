"""MLflow beside the files: what a second run, a deleted database and four writers at once make of it."""

import textwrap

import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from genrates.tracking.store import tracking_uri

from .conftest import NETWORK, SWEEP, SWEEPS_TABLE, SWEPT, TINY, TINYS_TABLE


def client_of(project) -> MlflowClient:
    return MlflowClient(tracking_uri(project.folder / "results"))


def runs_of(project, experiment: str) -> dict:
    """cell -> run"""
    client = client_of(project)
    where = client.get_experiment_by_name(f"genrates/{experiment}").experiment_id
    runs = client.search_runs([where])
    found = {run.data.tags["genrates.cell"]: run for run in runs}
    assert len(found) == len(runs), "a cell has two runs"
    return found


def history(project, run, metric: str) -> list[tuple[int, float]]:
    points = client_of(project).get_metric_history(run.info.run_id, metric)
    return sorted((p.step, p.value) for p in points)


def test_each_cell_is_one_run_whose_chart_is_the_convergence_curve(finished):
    runs = runs_of(finished, "sweep")
    assert set(runs) == set(SWEEP)
    for cell, run in runs.items():
        assert run.info.run_name == cell.removeprefix("smoke/sweep/")
        assert run.info.status == "FINISHED"
        scores = finished.scores(cell).query("metric == 'root_sup_cdf'")
        errors = (scores["value"] ** 2).groupby(scores["n"]).mean() ** 0.5
        curve = dict(history(finished, run, "root_sup_cdf"))
        assert list(curve) == [50, 100]
        pd.testing.assert_series_equal(pd.Series(curve), errors, check_names=False, check_index_type=False)


def test_a_network_shows_its_training_curve(finished):
    run = runs_of(finished, "sweep")[NETWORK]
    curve = history(finished, run, "train_loss")
    assert len(curve) > 10
    assert curve[-1][1] < curve[0][1]


def test_a_sweep_gives_a_folder_a_run_and_a_row_each(finished):
    table = finished.table("sweep")
    assert list(table["model"]) == [cell.split("/")[-1] for cell in SWEEP]
    for cell in SWEPT:
        run, value = runs_of(finished, "sweep")[cell], cell.split("=")[1]
        assert run.data.params["model.bandwidth"] == value
        assert (finished.folder / "results" / cell / "scores.parquet").exists()
        assert f"bandwidth: {value}\n" in (finished.folder / "results" / cell / "config.yaml").read_text()
    errors = table.set_index("model")["error_n_max"]
    assert errors[:3].nunique() == 3, "three bandwidths, three errors"


def test_the_table_is_what_the_dashboard_shows(finished):
    csv = pd.read_csv(finished.folder / "results" / "smoke" / "tiny" / "comparison.csv")
    runs = runs_of(finished, "tiny")
    for row in csv.itertuples():
        run = runs[f"smoke/tiny/{row.data}/{row.model}"]
        assert run.info.run_id == row.run_id
        assert run.data.metrics[f"rate.{row.metric}"] == row.rate
        assert run.data.metrics[row.metric] == row.error_n_max
        assert run.data.tags[f"genrates.verdict.{row.metric}"] == row.verdict


@pytest.mark.slow
def test_a_deleted_database_is_rebuilt_with_the_same_table(project):
    table = project.table("tiny")
    curves = {cell: history(project, run, "root_mise") for cell, run in runs_of(project, "tiny").items()}
    (project.folder / "results" / "mlflow.db").unlink()
    assert project.plan() == {*TINYS_TABLE, *SWEEPS_TABLE}
    assert project.run(experiments="tiny") == {*TINYS_TABLE}
    pd.testing.assert_frame_equal(project.table("tiny"), table)
    runs = runs_of(project, "tiny")
    assert {cell: history(project, run, "root_mise") for cell, run in runs.items()} == curves
    assert "Nothing to be done" in project.snakemake("--dry-run", experiments="tiny")


@pytest.mark.slow
def test_a_cell_that_runs_again_gets_a_new_run_and_the_old_one_is_in_the_trash(project):
    """Fewer sizes: what no longer holds is gone from the chart, and can be restored."""
    before = runs_of(project, "tiny")
    others = {cell: run.info.run_id for cell, run in runs_of(project, "sweep").items()}
    project.edit("conf/experiment/tiny.yaml", ("sizes: [50, 100, 200]", "sizes: [60, 120]"))
    project.snakemake("results/smoke/tiny/tracked.json", experiments="tiny")
    after = runs_of(project, "tiny")
    assert set(after) == set(TINY)
    for cell, run in after.items():
        assert run.info.run_id != before[cell].info.run_id
        assert [n for n, _ in history(project, run, "root_mise")] == [60, 120]
        assert run.data.params["n_max"] == "120"
        assert "rate.root_mise" not in run.data.metrics, "two sizes have no rate"
        old = client_of(project).get_run(before[cell].info.run_id)
        assert old.info.lifecycle_stage == "deleted"
        assert old.data.params["n_max"] == "200"
    assert {cell: run.info.run_id for cell, run in runs_of(project, "sweep").items()} == others


WRITER = """
    import sys
    from genrates.tracking.record import RunRecord
    from genrates.tracking.runs import RunWriter
    results, experiment = sys.argv[1:]
    writer = RunWriter(results, experiment)
    for i in range(8):
        curve = [(f"metric_{m}", float(100 * i + m), n) for m in range(20) for n in (100, 1000, 10000)]
        name = f"data/model_{i}"
        writer.write(RunRecord(f"smoke/{experiment}/{name}", name, f"hash {i}", {"i": str(i)}, {}, curve))
"""


@pytest.mark.slow
def test_four_writers_at_once_lose_nothing(pristine, tmp_path):
    """Into a database that does not exist yet; every metric of every run of every experiment is there."""
    script = tmp_path / "writer.py"
    script.write_text(textwrap.dedent(WRITER))
    results, names = tmp_path / "results", ["a", "b", "c", "d"]
    writers = [pristine.start(str(script), str(results), name) for name in names]
    for writer in writers:
        said, _ = writer.communicate()
        assert writer.returncode == 0, said
    client = MlflowClient(tracking_uri(results))
    for name in names:
        runs = client.search_runs([client.get_experiment_by_name(f"genrates/{name}").experiment_id])
        assert sorted(run.info.run_name for run in runs) == [f"data/model_{i}" for i in range(8)]
        for run in runs:
            i = int(run.data.params["i"])
            assert run.data.metrics == {f"metric_{m}": 100.0 * i + m for m in range(20)}
            assert [p.step for p in client.get_metric_history(run.info.run_id, "metric_7")] == [
                100,
                1000,
                10000,
            ]
