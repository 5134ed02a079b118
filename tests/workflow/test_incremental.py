"""What a change runs again: exactly the cells it touches, and what hangs on them."""

from .conftest import GAUSSIAN, SLC, SWEPT, TINY, TINY_KDE, jobs

SWEEPS_TABLE = ("track sweep", "compare sweep", "report")
TINYS_TABLE = ("track tiny", "compare tiny", "report")
COMMENTED = [
    "environment.yml",
    "conf/cell.yaml",
    "conf/pipeline.yaml",
    "conf/data/marron_wand_06.yaml",
    "conf/experiment/tiny.yaml",
    "conf/model/kde.yaml",
    "conf/trainer/small_nets.yaml",
    "src/genrates/estimators/base.py",
    "src/genrates/estimators/kernel.py",
    "src/genrates/rates/exact.py",
    "src/genrates/steps/train.py",
    "src/genrates/steps/track.py",
]


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


def test_a_value_in_a_models_config_runs_its_cells(project):
    project.edit("conf/model/kde.yaml", ("kernel: gaussian", "kernel: epanechnikov"))
    assert project.plan() == jobs([TINY_KDE, *SWEPT], *SWEEPS_TABLE, *TINYS_TABLE)


def test_a_value_that_variants_replace_runs_only_the_others(project):
    project.edit("conf/model/kde.yaml", ("bandwidth: lscv", "bandwidth: 0.2"))
    assert project.plan() == jobs([TINY_KDE], *TINYS_TABLE)


def test_code_in_a_models_file_runs_its_cells(project):
    project.append("src/genrates/estimators/kernel.py", "\n_ANSWER = 42\n")
    assert project.plan() == jobs([TINY_KDE, *SWEPT], *SWEEPS_TABLE, *TINYS_TABLE)


def test_the_trainer_runs_only_neural_cells(project):
    project.edit("conf/trainer/small_nets.yaml", ("max_steps: ", "max_steps: 1"))
    assert project.plan() == jobs([SLC], *SWEEPS_TABLE)


def test_a_new_data_set_and_a_new_variant_run_only_their_cells(project):
    project.edit("conf/experiment/tiny.yaml", ("[marron_wand_01]", "[marron_wand_01, marron_wand_10]"))
    project.edit("conf/experiment/sweep.yaml", ("0.3]", "0.3, 0.4]"))
    new = [cell.replace("01", "10") for cell in TINY] + ["sweep/marron_wand_06/kde-bandwidth=0.4"]
    assert project.plan() == jobs(new, *TINYS_TABLE, *SWEEPS_TABLE)


def test_a_new_metric_runs_only_its_experiment(project):
    project.edit("conf/experiment/tiny.yaml", ("metrics: [root_mise", "metrics: [kl, root_mise"))
    assert project.plan() == jobs(TINY, *TINYS_TABLE)


def test_what_a_card_says_is_written_again_but_nothing_is_computed(project):
    project.edit("conf/model/gaussian.yaml", ("limitation: ", "limitation: Really an "))
    assert project.plan() == {*TINYS_TABLE}


def test_asking_for_less_computes_nothing(project):
    assert project.plan(experiments="tiny") == {"report"}
    assert (project.folder / "results" / GAUSSIAN / "scores.parquet").exists()
