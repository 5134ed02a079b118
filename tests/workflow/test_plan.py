"""The plan of a pipeline: cells, labels, words and slices, as pure functions of conf/."""

import shlex
from types import SimpleNamespace

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from genrates.errors import ConfigError
from genrates.workflow import config
from genrates.workflow.checks import pipeline
from genrates.workflow.overrides import to_overrides
from genrates.workflow.plan import Plan
from genrates.workflow.variants import cell_label


@pytest.fixture
def conf(tmp_path, monkeypatch):
    """Write an experiment `x` beside the real ones; returns the function that plans it."""
    (tmp_path / "conf").mkdir()
    for path in config.CONF.iterdir():
        if path.name != "experiment":
            (tmp_path / "conf" / path.name).symlink_to(path)
    (tmp_path / "conf" / "experiment").mkdir()
    monkeypatch.setattr(config, "CONF", tmp_path / "conf")
    monkeypatch.chdir(tmp_path)
    forget()

    def plan(models: str, data: str = "[marron_wand_01]", rest: str = "", **settings) -> Plan:
        text = (
            f"title: X\ndata: {data}\nmodels: {models}\nmetrics: [root_mise]\n"
            f"figures: [convergence, table]\n{rest}\n"
        )
        (tmp_path / "conf" / "experiment" / "x.yaml").write_text(text)
        forget()
        return Plan({"budget": "smoke", "experiments": "x"} | settings)

    yield plan
    forget()


def forget():
    config.options.cache_clear()
    config.compose.cache_clear()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], "kde"),
        ([("bandwidth", 0.3)], "kde-bandwidth=0.3"),
        ([("bandwidth", "lscv"), ("kernel", "gaussian")], "kde-bandwidth=lscv-kernel=gaussian"),
        ([("hidden", [8, 4])], "kde-hidden=8x4"),
        ([("path", "a/b c'd")], "kde-path=a_b_c_d"),
        ([("x", None)], "kde-x=None"),
    ],
)
def test_labels_are_folder_names(changes, expected):
    assert cell_label("kde", changes) == expected


def test_cells_are_data_times_variants(conf):
    plan = conf(
        "[gaussian, {kde: {bandwidth: [lscv, 0.3], kernel: gaussian}}]", "[marron_wand_01, marron_wand_06]"
    )
    labels = ["gaussian", "kde-bandwidth=lscv", "kde-bandwidth=0.3"]
    assert [c.name for c in plan.cells()] == [
        f"x/marron_wand_{d}/{name}" for d in ("01", "06") for name in labels
    ]
    cell = plan.cell(SimpleNamespace(experiment="x", data="marron_wand_06", label="kde-bandwidth=0.3"))
    assert cell.changes == (("bandwidth", 0.3), ("kernel", "gaussian"))


def test_two_swept_parameters_are_all_pairs(conf):
    plan = conf("[{kde: {bandwidth: [lscv, 0.3], kernel: [gaussian, epanechnikov]}}]")
    assert len(plan.cells()) == 4
    assert plan.cells()[1].label == "kde-bandwidth=lscv-kernel=epanechnikov"


def test_an_experiment_may_have_sizes_of_its_own_for_a_budget(conf):
    own = conf("[gaussian]", rest="budgets: {smoke: {sizes: [10, 20], replicates: 2}}")
    assert own.cells()[0].grid.sizes == [10, 20]
    assert (
        conf("[gaussian]").cells()[0].grid.sizes
        == pipeline({"experiments": "x", "budget": "smoke"}).budget.sizes
    )


@pytest.mark.parametrize(
    "value",
    ["text", "lscv", "0.3", "null", "a b", "a=b", "it's", 'say "x"', "", "ünïcode", "${x}", "a,b", "[1]",
     0.3, -1e-12, 7, True, None, [1, 2], ["a", "b c"], [[0.0, 1.0]], {"max_steps": 3, "name": "a b"}],
)  # fmt: skip
def test_words_arrive_as_they_were(value):
    """Through the shell's splitting and Hydra's grammar."""
    (word,) = shlex.split(to_overrides({"model.new": value}))
    with initialize_config_dir(str(config.CONF), version_base="1.3"):
        model = compose("cell", [f"+{word}"]).model
    found = OmegaConf.to_container(OmegaConf.masked_copy(model, "new"), resolve=False)["new"]
    assert found == value
    assert type(found) is type(value)


def test_a_slice_knows_what_a_job_uses_and_nothing_else(conf):
    base = conf("[gaussian]")
    more = conf(
        "[gaussian, kde]", "[marron_wand_01, marron_wand_06]", results="elsewhere", mirror="/somewhere"
    )
    cell = base.cells()[0]
    for of in ("train_slice", "sample_slice", "evaluate_slice"):
        assert getattr(more, of)(more.cells()[0]) == getattr(base, of)(cell)
    text = base.train_slice(cell)
    assert "metadata" not in text
    assert str(config.CONF.parent) not in text
    assert conf("[gaussian]", seed=1).train_slice(cell) != text
    assert conf("[{gaussian: {covariance: diag}}]").cells()[0].label == "gaussian"
    other = conf("[{gaussian: {covariance: diag}}]")
    assert other.train_slice(other.cells()[0]) != text


def test_a_slice_of_metrics_belongs_to_evaluate_alone(conf):
    plan = conf("[gaussian]")
    (cell,) = plan.cells()
    assert "root_mise" in plan.evaluate_slice(cell)
    assert "root_mise" not in plan.train_slice(cell)


def test_a_model_that_is_no_estimator_is_refused(conf):
    with pytest.raises(ConfigError, match="one model an entry"):
        conf("[{kde: {}, gaussian: {}}]")


def test_the_database_that_a_person_deleted_is_a_new_generation(conf, tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    assert conf("[gaussian]").store_generation == 1
    (folder / "mlflow.generation").write_text("1\n")
    (folder / "mlflow.db").touch()
    assert conf("[gaussian]").store_generation == 1
    before = conf("[gaussian]").track_slice("x")
    (folder / "mlflow.db").unlink()
    assert conf("[gaussian]").store_generation == 2
    assert conf("[gaussian]").track_slice("x") != before


def test_settings_name_several_experiments_in_one_word():
    assert pipeline({"experiments": "rates, cat"}).experiments == ["rates", "cat"]
    assert pipeline({"experiments": ["rates"]}).experiments == ["rates"]


def test_an_experiment_is_compared_again_when_the_code_of_its_figures_changes(conf, monkeypatch):
    monkeypatch.setattr("genrates.workflow.fingerprint", lambda *modules: " ".join(modules))
    code = conf("[kde]").compare_slice("x")
    assert "genrates.reporting.figures.convergence" in code
    assert "genrates.reporting.figures.table" in code
