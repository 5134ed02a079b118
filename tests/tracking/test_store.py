"""MLflow's database and its experiments: made once, found again."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from genrates.tracking.store import experiment_id, open_store


def test_experiments_have_their_names_and_no_machines_paths(store):
    client, results = store
    first = experiment_id(client, "x", results)
    assert experiment_id(client, "x", results) == first
    found = client.get_experiment(first)
    assert found.name == "genrates/x"
    assert str(results) not in found.artifact_location


def test_an_experiment_that_was_deleted_in_the_dashboard_is_restored(store):
    client, results = store
    first = experiment_id(client, "x", results)
    client.delete_experiment(first)
    assert experiment_id(client, "x", results) == first
    assert client.get_experiment(first).lifecycle_stage == "active"


def test_processes_that_need_an_experiment_at_once_get_the_same_one(store):
    client, results = store
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: experiment_id(client, "x", results), range(8)))
    assert len(set(found)) == 1


def test_a_new_database_is_complete_and_knows_its_version(fresh):
    assert (fresh / "mlflow.version").read_text() == "1\n"
    assert not list(fresh.glob(".mlflow.*"))


@pytest.mark.parametrize(("given", "kept"), [(None, "5\n"), (1, "5\n"), (7, "7\n")])
def test_a_database_that_exists_keeps_its_experiments_and_never_an_older_version(store, given, kept):
    client, results = store
    first = experiment_id(client, "x", results)
    (results / "mlflow.version").write_text("5\n")
    assert open_store(results, given).get_experiment_by_name("genrates/x").experiment_id == first
    assert (results / "mlflow.version").read_text() == kept


def test_a_database_that_is_made_anew_has_the_version_that_it_is_given(tmp_path):
    (tmp_path / ".mlflow.12345.db").touch()  # left by a job that was killed
    (tmp_path / ".mlflow.12345.db-journal").touch()
    assert open_store(tmp_path, version=3).get_experiment_by_name("genrates/x") is None
    assert (tmp_path / "mlflow.version").read_text() == "3\n"
    assert not list(tmp_path.glob(".mlflow.*"))
