"""MLflow's store is locked, cut off, another's, of another version, or lacks a part.

It is waited for or restored; or two lines say what to delete. The files of the cells are the truth.
"""

import contextlib
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from omegaconf import OmegaConf

from genrates import cli
from genrates.errors import ConfigError
from genrates.steps import compare, evaluate, sample, track, train
from genrates.tracking import database
from genrates.tracking.record import RunRecord
from genrates.tracking.runs import RunWriter, read_runs
from genrates.tracking.store import open_store
from genrates.workflow.config import ConfigTree
from genrates.workflow.plan import Plan
from genrates.workflow.store_version import run_artifacts, written_runs

from mlflow.entities import ViewType  # isort: skip (store.py sets its environment first)

pytestmark = pytest.mark.usefixtures("logging_is_put_back")

RECORD = RunRecord(
    cell="quick/x/d/m",
    name="d/m",
    content_hash="first",
    params={"n_max": "1000"},
    tags={},
    metrics=[("root_mise", 0.2, 100), ("root_mise", 0.1, 1000)],
)
HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder of results with a database that has one run. Not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    RunWriter(folder, "x").write(RECORD)
    return folder


@pytest.fixture
def results(made, tmp_path) -> Path:
    """A copy of a folder of results with a database that has one run."""
    return shutil.copytree(made, tmp_path / "results")


@contextlib.contextmanager
def held(path: Path, seconds: float):
    """Another process holds a database for some seconds from now."""
    command = [sys.executable, "-c", HOLDER, str(path), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout.readline() == "held\n"
            yield
        finally:
            holder.kill()


def execute(path: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def refusal(results: Path) -> str:
    """What each of a writer, a reader and the dashboard say; all the same, in two lines, and harmless."""
    before = (results / "mlflow.db").read_bytes()
    said = set()
    for use in (RunWriter, read_runs):
        with pytest.raises(ConfigError) as caught:
            use(results, "x")
        said.add(str(caught.value))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SystemExit) as ended:
        cli.main(["ui", "--results", str(results), "--port", str(port)])
    said.add(ended.value.code.removeprefix("genrates ui: "))
    assert len(said) == 1
    assert (results / "mlflow.db").read_bytes() == before, "a file that may be another's is not touched"
    (text,) = said
    assert text.startswith(str(results / "mlflow.db"))
    assert len(text.splitlines()) == 2
    return text


def rebuild(results: Path) -> None:
    """Do what the refusal says."""
    (results / "mlflow.db").unlink()
    run_id = RunWriter(results, "x").write(RECORD)
    assert list(read_runs(results, "x")["run_id"]) == [run_id]


# -- locked ---------------------------------------------------------------------------------------


def test_a_writer_and_a_reader_wait_for_a_process_that_holds_the_database(results):
    database_file, start = results / "mlflow.db", time.monotonic()
    with held(database_file, 8):
        changed = RunWriter(results, "x").write(RunRecord("quick/x/d/m", "d/m", "second", {}, {}, []))
        assert time.monotonic() - start > 7, "it was held"
    with held(database_file, 3):
        assert list(read_runs(results, "x")["run_id"]) == [changed]


def test_every_call_of_the_client_waits(results):
    writer = RunWriter(results, "x")
    with held(results / "mlflow.db", 2):
        second = writer.write(RunRecord("quick/x/d/m", "d/m", "second", {"a": "1"}, {}, []))
    assert list(read_runs(results, "x")["run_id"]) == [second]


def test_a_call_that_meets_a_lock_is_made_again(tmp_path):
    """MLflow's own waiting hides most locks; what is left is an error that comes from SQLite."""
    path, calls = tmp_path / "x.db", []
    execute(path, "CREATE TABLE t (a)")

    def write():
        calls.append(1)
        try:
            with contextlib.closing(sqlite3.connect(path, timeout=0)) as connection, connection:
                connection.execute("INSERT INTO t VALUES (1)")
        except sqlite3.Error as error:
            raise RuntimeError("wrapped") from error

    with held(path, 1.2):
        database.patiently(path, write)
    assert len(calls) > 1
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (1,)


def test_an_error_that_is_not_the_databases_is_not_hidden(tmp_path):
    calls = []

    def fail():
        calls.append(1)
        raise RuntimeError("database is locked, says a text")

    with pytest.raises(RuntimeError, match="says a text"):
        database.patiently(tmp_path / "x.db", fail)
    assert len(calls) == 1


def test_a_lock_that_is_never_given_back_is_named_in_two_lines(results, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 1.0)
    with held(results / "mlflow.db", 60), pytest.raises(ConfigError) as caught:
        RunWriter(results, "x")
    first, second = str(caught.value).splitlines()
    assert first == f"{results / 'mlflow.db'} has been held by another process for 1 s."
    assert "fuser" in second


# -- cut off, another's, of another version -------------------------------------------------------


@pytest.mark.parametrize("kept", [0, 1, 99, 100, 600, 4096, 0.1, 0.5, 0.99, -1])
def test_a_database_that_was_cut_off(results, kept):
    path = results / "mlflow.db"
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])
    first, second = refusal(results).splitlines()
    assert any(word in first for word in ("cut off", "not MLflow's database"))
    assert second.startswith("Delete it or move it elsewhere, and run the pipeline again")
    if kept == 0.5:
        rebuild(results)


def test_a_database_whose_middle_is_lost(results):
    path = results / "mlflow.db"
    content = bytearray(path.read_bytes())
    content[8192 : len(content) // 2] = bytes(len(content) // 2 - 8192)
    path.write_bytes(content)
    assert "cut off" in refusal(results)


@pytest.mark.parametrize("text", ["a, b\n1, 2\n" * 10, "a, b\n1, 2\n" * 2000])
def test_a_file_that_is_no_database(results, text):
    (results / "mlflow.db").write_text(text)
    assert "no database" in refusal(results)


@pytest.mark.parametrize("table", ["bookmarks", "alembic_version"])
def test_a_database_of_another_program(results, table):
    path = results / "mlflow.db"
    path.unlink()
    execute(path, f"CREATE TABLE {table} (version_num TEXT)", f"INSERT INTO {table} VALUES ('a')")
    assert f"is not MLflow's database: it has the tables {table}, but" in refusal(results)


def test_a_folder_in_the_place_of_the_database(results):
    (results / "mlflow.db").unlink()
    (results / "mlflow.db").mkdir()
    with pytest.raises(ConfigError, match=r"is not a file(.|\n)*Delete it or move it elsewhere"):
        RunWriter(results, "x")


@pytest.mark.parametrize(("revision", "age"), [("451aebb31d03", "older"), ("ffffffffffff", "newer")])
def test_a_database_of_another_version_of_mlflow(results, revision, age):
    execute(results / "mlflow.db", f"UPDATE alembic_version SET version_num = '{revision}'")
    text = refusal(results)
    assert f"was written by a{'n' * (age == 'older')} {age} MLflow than MLflow " in text
    assert revision in text
    assert ("mlflow db upgrade" in text) == (age == "older")


def test_a_database_without_any_version(results):
    execute(results / "mlflow.db", "DELETE FROM alembic_version")
    assert "is half made" in refusal(results)


def test_a_journal_of_a_database_that_is_gone_does_not_spoil_the_next_one(results):
    (results / "mlflow.db").unlink()
    for suffix in ("-journal", "-wal", "-shm"):
        (results / f"mlflow.db{suffix}").write_bytes(b"old" * 1000)
    RunWriter(results, "x").write(RECORD)
    assert len(read_runs(results, "x")) == 1


# -- a part is gone -------------------------------------------------------------------------------


@pytest.fixture
def with_files(results) -> RunRecord:
    """A record with a file and a folder, which is written."""
    (results / "scores.txt").write_text("one")
    (results / "model").mkdir()
    (results / "model" / "weights").write_text("two")
    record = RunRecord("quick/x/d/m", "d/m", "files", {}, {}, [], [results / "scores.txt", results / "model"])
    RunWriter(results, "x").write(record)
    return record


def kept_files(results: Path, run_id: str) -> dict[str, str]:
    folder = run_artifacts(results, "x", run_id)
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("lost", ["", "x", "x/RUN", "x/RUN/artifacts/model", "x/RUN/artifacts/model/weights"])
def test_artifacts_that_were_deleted_are_filled_again_in_the_same_run(results, with_files, lost):
    (run_id,) = read_runs(results, "x")["run_id"]
    path = results / "mlartifacts" / lost.replace("RUN", run_id)
    path.unlink() if path.is_file() else shutil.rmtree(path)
    assert RunWriter(results, "x").write(with_files) == run_id
    assert kept_files(results, run_id) == {"scores.txt": "one", "model/weights": "two"}


def test_artifacts_follow_the_cells_files_and_leave_a_persons_alone(results, with_files):
    (run_id,) = read_runs(results, "x")["run_id"]
    (results / "model" / "weights").write_text("new")
    (run_artifacts(results, "x", run_id) / "mine.txt").write_text("mine")
    assert RunWriter(results, "x").write(with_files) == run_id
    assert kept_files(results, run_id) == {"scores.txt": "one", "model/weights": "new", "mine.txt": "mine"}


def active(results: Path) -> list[str]:
    client = open_store(results)
    found = client.get_experiment_by_name("genrates/x")
    return [run.info.run_id for run in client.search_runs([found.experiment_id])]


def test_a_deleted_run_is_written_again(results):
    (first,) = active(results)
    open_store(results).delete_run(first)
    second = RunWriter(results, "x").write(RECORD)
    assert active(results) == [second] != [first]


def test_a_deleted_experiment_comes_back_without_what_was_in_its_trash(results):
    """Two cells, each with a former run in the trash: one is written again, the other is left alone."""
    other = RunRecord("full/x/d/m", "d/m", "other", {}, {}, [])
    for record in (other, RunRecord("full/x/d/m", "d/m", "new", {}, {}, []), RECORD):
        RunWriter(results, "x").write(record)
    before = active(results)
    client = open_store(results)
    where = client.get_experiment_by_name("genrates/x").experiment_id
    assert len(client.search_runs([where], run_view_type=ViewType.ALL)) == 3
    client.delete_experiment(where)
    RunWriter(results, "x").write(RECORD)
    assert sorted(active(results)) == sorted(before)


def test_a_run_that_was_deleted_and_purged_is_written_again(results):
    """What `mlflow gc` does; it needs a server, so the rows are deleted by hand here."""
    path = results / "mlflow.db"
    (first,) = active(results)
    open_store(results).delete_run(first)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        of_runs = [
            t for t in tables if "run_uuid" in str(connection.execute(f"SELECT * FROM {t}").description)
        ]
    assert {"runs", "metrics", "params", "tags"} <= set(of_runs)
    execute(path, *(f"DELETE FROM {table} WHERE run_uuid = '{first}'" for table in of_runs))
    shutil.rmtree(run_artifacts(results, "x", first))
    second = RunWriter(results, "x").write(RECORD)
    assert active(results) == [second] != [first]
    assert run_artifacts(results, "x", second).exists()


# -- the steps ------------------------------------------------------------------------------------


SETTINGS = {"budget": "smoke", "experiments": "x", "sizes": [10, 40], "replicates": 2}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A folder with an experiment of one cell, whose jobs have run. Not to be changed."""
    folder = tmp_path_factory.mktemp("finished")
    file = folder / "own" / "experiment" / "x.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(
        "title: X\ndata: [marron_wand_01]\nmodels: [gaussian]\nmetrics: [root_mise]\nfigures: [convergence]\n"
    )
    plan = plan_in(folder)
    for cell in plan.cells("x"):
        for step in (train, sample, evaluate):
            words = shlex.split(plan.cell_overrides(cell, step.__name__.rpartition(".")[2]))
            config = plan.configs.compose("cell", *words, "downloads=none")
            step.main.__wrapped__(OmegaConf.create(config))
    table_of(folder, track, compare)
    return folder


@pytest.fixture
def project(finished, tmp_path) -> Path:
    return shutil.copytree(finished, tmp_path / "project")


def plan_in(folder: Path) -> Plan:
    return Plan(SETTINGS | {"conf": str(folder / "own"), "results": str(folder / "results")})


def table_of(folder: Path, *steps) -> pd.DataFrame:
    """The comparison table after steps have run."""
    for step in steps:
        run(step, folder)
    return pd.read_csv(experiment_folder(folder) / "comparison.csv")


def run(step, folder: Path) -> None:
    """A step that speaks of the whole experiment."""
    plan = plan_in(folder)
    words = shlex.split(plan.experiment_overrides(plan.budget, ["x"]))
    step.main.__wrapped__(OmegaConf.create(ConfigTree(str(folder / "own")).compose("tables", *words)))


def experiment_folder(folder: Path) -> Path:
    return folder / "results" / plan_in(folder).budget / "x"


@pytest.mark.parametrize(
    "lost",
    [
        "run",
        "database",
        pytest.param("tracked.json", marks=pytest.mark.slow),
        pytest.param("older database", marks=pytest.mark.slow),
    ],
)
def test_the_table_is_made_again_from_the_files_where_mlflow_has_lost_its_runs(project, lost):
    results, before = project / "results", table_of(project)
    (run_id,) = written_runs(experiment_folder(project)).values()
    if lost == "run":
        open_store(results).delete_run(run_id)
    elif lost == "database":
        (results / "mlflow.db").unlink()
    elif lost == "tracked.json":
        (experiment_folder(project) / "tracked.json").unlink()
    else:
        # of a time when the cell's run said something else
        (cell,) = plan_in(project).cells("x")
        former = RunRecord(cell.name, "d/m", "former", {}, {}, [])
        (results / "mlflow.db").unlink()
        RunWriter(results, "x").write(former)
    (experiment_folder(project) / "comparison.csv").unlink()
    if "database" in lost:  # another store: the runs are to be written first, as the pipeline does
        with pytest.raises(SystemExit, match=r"steps\.track"):
            run(compare, project)
        run(track, project)
    after = table_of(project, compare)
    pd.testing.assert_frame_equal(after.drop(columns="run_id"), before.drop(columns="run_id"))
    assert list(written_runs(experiment_folder(project)).values()) == list(after["run_id"])


@pytest.mark.parametrize("step", [track, compare], ids=["track", "compare"])
def test_a_step_says_what_to_delete_and_nothing_else(project, step):
    (project / "results" / "mlflow.db").write_text("no database")
    with pytest.raises(SystemExit) as ended:
        table_of(project, step)
    text = ended.value.code
    assert text.startswith(
        f"genrates {step.__name__.rpartition('.')[2]}: {project}/results/mlflow.db is cut off"
    )
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize("lost", ["mlartifacts", "mlflow.version", "mlflow*"])
def test_the_store_is_complete_and_the_plan_stands_still_after_track(project, lost):
    results = project / "results"
    before = plan_in(project).store_version
    for path in list(results.glob(lost)):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    planned = plan_in(project).store_version
    assert planned > before, "Snakemake runs the track rule again"
    table_of(project, track)
    assert plan_in(project).store_version == planned
    (run_id,) = written_runs(experiment_folder(project)).values()
    assert {path.name for path in run_artifacts(results, "x", run_id).iterdir()} >= {"config.yaml", "figures"}


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.9])
def test_a_comparison_table_that_was_cut_off_is_named_in_one_line_after_the_others(project, kept, capsys):
    path = experiment_folder(project) / "comparison.csv"
    shutil.copytree(path.parent, path.parents[1] / "whole")
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])
    with pytest.raises(SystemExit) as ended:
        cli.main(["show", "--results", str(project / "results")])
    assert ended.value.code.startswith(f"genrates show: {path} is cut off")
    assert len(ended.value.code.splitlines()) == 1
    assert "gaussian" in capsys.readouterr().out
