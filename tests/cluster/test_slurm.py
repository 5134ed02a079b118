"""The pipeline on a real SLURM: the table of a local run, a cancelled job, a controller that goes away.

make test-cluster
"""

import time

import pandas as pd
import pytest
from slurm_node import CannotRun, Node, install

from workflow.conftest import (  # noqa: F401 (fixtures)
    SWEEP,
    TINY,
    clone,
    end,
    finished,
    pristine,
    shared,
    wait_until,
)

pytestmark = pytest.mark.cluster
ON_SLURM = ("--profile", "profiles/slurm", "--seconds-between-status-checks", "2")
OUTAGE = 30  # seconds: longer than a command of SLURM waits for its controller


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A SLURM of one node, stopped in the end."""
    slurm = Node(tmp_path_factory.mktemp("slurm"))
    try:
        install()
        slurm.start()
    except CannotRun as error:
        slurm.stop()
        pytest.exit(f"make test-cluster: {error}", returncode=1)
    yield slurm
    slurm.stop()


@pytest.fixture(autouse=True)
def forgotten(node):
    """Each test has the queue for itself."""
    node.clear()


def test_the_table_is_that_of_a_local_run_and_the_controller_may_be_away(node, clone, finished):  # noqa: F811
    process = clone.start(*clone.command(*ON_SLURM))
    try:
        wait_until(lambda: node.jobs("running"), process)
        node.stop_controller()
        time.sleep(OUTAGE)
        node.start_controller()
        said, _ = process.communicate(timeout=600)
    finally:
        end(process)
    assert process.returncode == 0, said
    for experiment in ("tiny", "sweep"):
        pd.testing.assert_frame_equal(clone.table(experiment), finished.table(experiment), check_exact=True)
    for cell in [*TINY, *SWEEP]:
        pd.testing.assert_frame_equal(clone.scores(cell), finished.scores(cell), check_exact=True)

    # Six cells are two jobs, of four cells and of two; what writes to MLflow ran here. On two cores, two
    # cells run at once: four need the time of two. A step has 10 minutes, and 5 to begin and to end.
    assert sorted(node.limits()) == [(2, 8000, 3 * 15), (2, 8000, 2 * 3 * 15)]
    assert "Nothing to be done" in clone.snakemake("--dry-run", *ON_SLURM)


def test_a_cancelled_job_is_a_failed_cell_and_the_same_command_tries_again(node, clone, finished):  # noqa: F811
    words = clone.command(*ON_SLURM, "--group-components", "cell=1", experiments="tiny")
    process = clone.start(*words)
    try:
        wait_until(lambda: node.jobs("running"), process)
        node.ask("scancel", node.jobs("running")[0])
        said, _ = process.communicate(timeout=600)
    finally:
        end(process)
    assert process.returncode == 1, said
    assert "genrates: the same command tries again." in said
    table, whole = clone.table("tiny"), finished.table("tiny")
    died = set(table.loc[table["status"] == "failed", "model"])
    assert len(died) == 1, "the other cell stands"
    assert table.loc[table["model"].isin(died), "reason"].str.contains("was killed").all()
    stands = ~whole["model"].isin(died)
    pd.testing.assert_frame_equal(table[stands], whole[stands], check_exact=True)

    clone.python(*words)
    pd.testing.assert_frame_equal(clone.table("tiny"), whole, check_exact=True)


def test_jobs_of_a_killed_pipeline_are_ended_before_the_same_command_submits_new_ones(node, clone, finished):  # noqa: F811
    words = clone.command(*ON_SLURM, experiments="tiny")
    process = clone.start(*words)
    try:
        wait_until(lambda: node.jobs("running"), process)
        left = node.jobs("running,pending")
    finally:
        process.kill()
        process.communicate()
    assert set(left) <= set(node.jobs("running,pending")), "they run on"

    said = clone.python(*words)
    assert f"ending them: {' '.join(left)}." in said
    cancelled = node.jobs("cancelled")
    assert set(left) <= set(cancelled)
    pd.testing.assert_frame_equal(clone.table("tiny"), finished.table("tiny"), check_exact=True)
