"""What a change runs again: exactly the jobs it touches, and what hangs on them."""

import shutil

import pandas as pd
import pytest

from .conftest import (
    GAUSSIAN,
    NETWORK,
    SWEEP,
    SWEEPS_TABLE,
    SWEPT,
    TINY,
    TINY_KDE,
    TINYS_TABLE,
    announced,
    jobs,
)

COMMENTED = [
    "environment.yml",
    "conf/cell.yaml",
    "conf/pipeline.yaml",
    "conf/data/marron_wand_06.yaml",
    "conf/experiment/tiny.yaml",
    "conf/model/kde.yaml",
    "conf/trainer/small_nets.yaml",
    "src/genrates/estimators/base.py",
    "src/genrates/estimators/kernel/density.py",
    "src/genrates/rates/exact.py",
    "src/genrates/steps/train.py",
    "src/genrates/steps/track.py",
]
EVERYTHING = jobs([*TINY, *SWEEP], *TINYS_TABLE, *SWEEPS_TABLE)
MEASURED = jobs([*TINY, *SWEEP], *TINYS_TABLE, *SWEEPS_TABLE, rules=("evaluate",))
TABLES = {*TINYS_TABLE, *SWEEPS_TABLE}
COMPARED = {"compare smoke/tiny", "compare smoke/sweep", "report"}
#: a module of each package, and the jobs that an edit of its code must run
EDITS = {
    "src/genrates/errors.py": set(),
    "src/genrates/files.py": set(),
    "src/genrates/progress.py": set(),
    "src/genrates/cli.py": set(),
    "src/genrates/workflow/plan.py": set(),
    "src/genrates/workflow/job.py": set(),
    "src/genrates/workflow/checks.py": set(),
    "src/genrates/workflow/environment.py": set(),
    "src/genrates/steps/__init__.py": set(),
    "src/genrates/steps/train.py": set(),
    "src/genrates/steps/evaluate.py": set(),
    "src/genrates/reporting/terminal.py": set(),
    "src/genrates/reporting/figures/cell.py": set(),
    "src/genrates/reporting/report.py": {"report"},
    "src/genrates/reporting/comparison.py": COMPARED,
    "src/genrates/reporting/figures/convergence.py": COMPARED,
    "src/genrates/reporting/figures/cat_sheet.py": set(),
    "src/genrates/tracking/record.py": TABLES,
    "src/genrates/tracking/dashboard.py": set(),
    "src/genrates/analysis/theory.py": TABLES,
    "src/genrates/rates/verdict.py": TABLES,
    "src/genrates/metrics/measurement.py": MEASURED,
    "src/genrates/metrics/wasserstein.py": set(),
    "src/genrates/metrics/truth.py": MEASURED,
    "src/genrates/data/streams.py": EVERYTHING,
    "src/genrates/data/marron_wand.py": EVERYTHING,
    "src/genrates/data/beta.py": set(),
    "src/genrates/estimators/base.py": EVERYTHING,
    "src/genrates/estimators/fitting.py": EVERYTHING,
    "src/genrates/estimators/gaussian.py": jobs([GAUSSIAN], *TINYS_TABLE),
    "src/genrates/estimators/kernel/_sheather_jones.py": jobs(
        [TINY_KDE, *SWEPT], *TINYS_TABLE, *SWEEPS_TABLE
    ),
    "src/genrates/estimators/kernel/adaptive.py": set(),
    "src/genrates/estimators/peers/density.py": set(),
    "src/genrates/neural/cdf/_ensemble.py": jobs([NETWORK], *SWEEPS_TABLE),
    "src/genrates/neural/trainer.py": jobs([NETWORK], *SWEEPS_TABLE),
    "src/genrates/neural/autoencoder/denoising.py": set(),
}


def test_a_second_run_plans_nothing(project):
    assert "Nothing to be done" in project.snakemake("--dry-run")


def test_comments_docstrings_layout_times_and_cores_run_nothing(project):
    for path in COMMENTED:
        project.append(path, "\n\n# a comment\n")
        if path.endswith(".py"):
            project.edit(path, ('"""', '"""Another docstring. '))
    for file in (project.folder / "src").rglob("*.py"):
        file.touch()
    assert "Nothing to be done" in project.snakemake("--dry-run", cores=1)


#: one for each set of jobs, for the fast tests
SHOWN = {
    "src/genrates/workflow/plan.py",
    "src/genrates/reporting/comparison.py",
    "src/genrates/rates/verdict.py",
    "src/genrates/metrics/truth.py",
    "src/genrates/estimators/gaussian.py",
    "src/genrates/neural/trainer.py",
}


@pytest.mark.parametrize(
    "path", [path if path in SHOWN else pytest.param(path, marks=pytest.mark.slow) for path in EDITS]
)
def test_an_edit_of_code_runs_exactly_what_it_touches(project, path):
    project.append(path, "\n_ANSWER = 42\n")
    assert project.plan() == EDITS[path]


def test_another_error_message_runs_nothing(project):
    project.edit("src/genrates/errors.py", ("Did you mean", "Perhaps you meant"))
    assert "Nothing to be done" in project.snakemake("--dry-run")


def test_a_value_in_a_models_config_runs_its_cells(project):
    project.edit("conf/model/kde.yaml", ("kernel: gaussian", "kernel: epanechnikov"))
    assert project.plan() == jobs([TINY_KDE, *SWEPT], *SWEEPS_TABLE, *TINYS_TABLE)


def test_a_value_that_variants_replace_runs_only_the_others(project):
    project.edit("conf/model/kde.yaml", ("bandwidth: lscv", "bandwidth: 0.2"))
    assert project.plan() == jobs([TINY_KDE], *TINYS_TABLE)


def test_the_trainer_runs_only_neural_cells(project):
    project.edit("conf/trainer/small_nets.yaml", ("max_steps: ", "max_steps: 1"))
    assert project.plan() == jobs([NETWORK], *SWEEPS_TABLE)


def test_a_sampler_runs_sample_and_evaluate(project):
    project.edit("conf/sampler/own.yaml", ("n_samples: null", "n_samples: 70"))
    assert project.plan() == jobs([*TINY, *SWEEP], *TINYS_TABLE, *SWEEPS_TABLE, rules=("sample", "evaluate"))


@pytest.mark.slow
def test_a_new_metric_measures_the_kept_fits_again(project):
    """And it gives what a run from the beginning gives: the kept fits are the fits."""
    before = project.scores(TINY_KDE)
    project.edit("conf/experiment/tiny.yaml", ("metrics: [root_mise", "metrics: [wasserstein_1, root_mise"))
    assert project.run() == jobs(TINY, *TINYS_TABLE, rules=("evaluate",))
    after = project.scores(TINY_KDE)
    pd.testing.assert_frame_equal(
        after[after["metric"].isin(before["metric"])].reset_index(drop=True), before, check_exact=True
    )


def test_a_new_data_set_and_a_new_variant_run_only_their_cells(project):
    project.edit("conf/experiment/tiny.yaml", ("[marron_wand_01]", "[marron_wand_01, marron_wand_10]"))
    project.edit("conf/experiment/sweep.yaml", ("0.3]", "0.3, 0.4]"))
    new = [cell.replace("01", "10") for cell in TINY] + ["smoke/sweep/marron_wand_06/kde-bandwidth=0.4"]
    assert project.plan() == jobs(new, *TINYS_TABLE, *SWEEPS_TABLE)


def test_what_metadata_say_is_written_again_but_nothing_is_computed(project):
    project.edit("conf/model/gaussian.yaml", ("limitation: ", "limitation: Really an "))
    assert project.plan() == {*TINYS_TABLE}


def test_asking_for_less_computes_nothing(project):
    assert project.plan(experiments="tiny") == {"report"}
    assert (project.folder / "results" / GAUSSIAN / "scores.parquet").exists()


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ("smoke/tiny/comparison.csv", {"compare smoke/tiny", "report"}),
        pytest.param("smoke/tiny/figures", {"compare smoke/tiny", "report"}, marks=pytest.mark.slow),
        pytest.param("smoke/tiny/summaries.json", {*TINYS_TABLE}, marks=pytest.mark.slow),
        pytest.param("report.html", {"report"}, marks=pytest.mark.slow),
        (f"{GAUSSIAN}/figures", jobs([GAUSSIAN], *TINYS_TABLE, rules=("evaluate",))),
        (f"{GAUSSIAN}/samples.npz", jobs([GAUSSIAN], *TINYS_TABLE, rules=("sample", "evaluate"))),
        pytest.param(f"{GAUSSIAN}/model", jobs([GAUSSIAN], *TINYS_TABLE), marks=pytest.mark.slow),
    ],
)
def test_a_promised_file_that_was_deleted_is_made_again(project, lost, expected):
    path = project.folder / "results" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert project.plan() == expected


@pytest.mark.slow
def test_a_job_that_failed_once_is_tried_again(project):
    """Snakemake removes the outputs of a job that fails; the same command makes them again."""
    project.edit(
        "src/genrates/steps/compare.py", ("    with step_log", "    raise TypeError\n    with step_log")
    )
    project.edit("conf/experiment/tiny.yaml", ("title: Tiny", "title: Still tiny"))
    project.snakemake(code=1)
    assert not (project.folder / "results" / "smoke" / "tiny" / "comparison.csv").exists()
    project.edit("src/genrates/steps/compare.py", ("    raise TypeError\n", ""))
    assert project.run() == {"compare smoke/tiny", "report"}


@pytest.mark.slow
def test_settings_on_the_command_line_overwrite_nothing(project):
    """Another seed is a budget of its own name; what was there stays, to the byte."""
    kept = {p: p.read_bytes() for p in (project.folder / "results" / "smoke").rglob("*") if p.is_file()}
    new = [cell.replace("smoke/", "smoke-seed=1/") for cell in TINY]
    assert project.run(experiments="tiny", seed="1") == jobs(
        new, "track smoke-seed=1/tiny", "compare smoke-seed=1/tiny", "report"
    )
    assert {
        p: p.read_bytes() for p in (project.folder / "results" / "smoke").rglob("*") if p.is_file()
    } == kept
    table = pd.read_csv(project.folder / "results" / "smoke-seed=1" / "tiny" / "comparison.csv")
    assert set(table["budget"]) == {"smoke-seed=1"}
    assert "Nothing to be done" in project.snakemake("--dry-run", experiments="tiny", seed="1")


def test_an_experiment_and_a_file_are_targets(project, clone):
    assert "Nothing to be done" in project.snakemake("tiny", "--dry-run")
    said = clone.python("-m", "snakemake", "--dry-run", "--cores", "1", "results/smoke/tiny/comparison.csv")
    assert announced(said) == jobs(TINY, *TINYS_TABLE[:2])
