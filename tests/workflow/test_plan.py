"""The plan of a pipeline: cells, names, overrides and slices, as pure functions of conf/."""

import os
import shlex
import shutil
from types import SimpleNamespace

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from genrates.errors import ConfigError
from genrates.workflow import config, slices
from genrates.workflow.checks import read_pipeline
from genrates.workflow.config import ConfigTree
from genrates.workflow.overrides import to_overrides
from genrates.workflow.plan import Plan


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """A function that plans an experiment `x`, which lies in a folder of configs of one's own."""
    folder = tmp_path / "own" / "experiment"
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    def make(models: str, data: str = "[marron_wand_01]", rest: str = "", **settings) -> Plan:
        text = f"title: X\ndata: {data}\nmodels: {models}\nmetrics: [root_mise]\n{rest}\n"
        (folder / "x.yaml").write_text(text)
        return Plan({"conf": "own", "budget": "smoke", "experiments": "x"} | settings)

    return make


def test_cells_are_data_times_variants(plan):
    found = plan(
        "[gaussian, {kde: {bandwidth: [lscv, 0.3], kernel: gaussian}}]", "[marron_wand_01, marron_wand_06]"
    )
    variants = ["gaussian", "kde-bandwidth=lscv", "kde-bandwidth=0.3"]
    assert [c.name for c in found.cells("x")] == [
        f"smoke/x/marron_wand_{d}/{name}" for d in ("01", "06") for name in variants
    ]
    cell = found.cell(
        SimpleNamespace(budget="smoke", experiment="x", data="marron_wand_06", variant="kde-bandwidth=0.3")
    )
    assert cell.model.changes == (("bandwidth", 0.3), ("kernel", "gaussian"))
    assert cell.model_config["bandwidth"] == 0.3


def test_two_swept_parameters_are_all_pairs(plan):
    cells = plan("[{kde: {bandwidth: [lscv, 0.3], kernel: [gaussian, epanechnikov]}}]").cells("x")
    assert len(cells) == 4
    assert cells[1].model.name == "kde-bandwidth=lscv-kernel=epanechnikov"


def test_data_sweep_like_models_do(plan):
    cells = plan("[gaussian]", "[{mixture_d: {d: [1, 3]}}]").cells("x")
    assert [cell.data.name for cell in cells] == ["mixture_d-d=1", "mixture_d-d=3"]
    assert [cell.data_config["d"] for cell in cells] == [1, 3]


def test_a_cell_that_there_is_not_is_refused_with_the_ones_that_there_are(plan):
    wildcards = SimpleNamespace(budget="smoke", experiment="x", data="marron_wand_01", variant="gausian")
    with pytest.raises(ConfigError, match="Did you mean 'marron_wand_01/gaussian'"):
        plan("[gaussian]").cell(wildcards)


def test_an_experiment_may_have_sizes_of_its_own_for_a_budget(plan):
    own = plan("[gaussian]", rest="budgets: {smoke: {sizes: [10, 20], replicates: {10: 4, 20: 2}}}")
    assert own.cells("x")[0].replicates == {10: 4, 20: 2}
    assert own.experiment_results("x").cells[0].replicates == {10: 4, 20: 2}
    assert own.cells("x")[0].sizes == [10, 20]
    assert plan("[gaussian]").cells("x")[0].sizes == own.pipeline.budget.sizes


def test_a_model_may_have_replicates_of_its_own(plan):
    rest = "budgets: {smoke: {replicates: {100: 9, 1000: 5}, replicates_of: {kde: 2}}}"
    cells = plan("[gaussian, {kde: {bandwidth: [0.1, 0.2]}}]", rest=rest).cells("x")
    assert [cell.replicates for cell in cells] == [{100: 9, 1000: 5}, 2, 2]
    asked = plan("[gaussian, kde]", rest=rest, replicates=3).cells("x")
    assert [cell.replicates for cell in asked] == [3, 3], "what was asked for is for all"
    with pytest.raises(ConfigError, match=r"smoke\.replicates_of: unknown model 'slc'.*Allowed: gaussian"):
        plan("[gaussian]", rest=rest.replace("kde", "slc"))


@pytest.mark.parametrize(
    ("settings", "budget"),
    [
        ({}, "smoke"),
        ({"seed": 0}, "smoke"),
        ({"seed": 1}, "smoke-seed=1"),
        ({"replicates": 3}, "smoke-replicates=3"),
        ({"sizes": [10, 30], "seed": 2}, "smoke-sizes=10x30-seed=2"),
        ({"sizes": ["10", "30"]}, "smoke-sizes=10x30"),  # as Snakemake hands over sizes=[10,30]
        ({"sizes": "10,30"}, "smoke-sizes=10x30"),
        ({"replicates": {"10": "4", "30": "2"}}, "smoke-replicates=_10__4__30__2_~bbf6f6c2"),
    ],
)
def test_sizes_replicates_and_a_seed_make_a_budget_of_their_own_name(plan, settings, budget):
    found = plan("[gaussian]", **settings)
    assert found.budget == budget
    (cell,) = found.cells("x")
    assert cell.name == f"{budget}/x/marron_wand_01/gaussian"
    assert cell.sizes == ([10, 30] if "sizes" in settings else found.pipeline.budget.sizes)
    assert cell.seed == settings.get("seed", 0)


def test_another_budget_is_another_plan_without_what_was_given_by_hand(plan):
    found = plan("[gaussian]", seed=1)
    assert found.of_budget("smoke-seed=1") is found
    assert found.of_budget("full").cells("x")[0].seed == 0
    assert found.of_budget("full").budget == "full"


@pytest.mark.parametrize(
    "results", ["results", "results/", "./results", "elsewhere/../results", "whole path"]
)
def test_one_folder_has_one_name(plan, results):
    results = results.replace("whole path", os.path.abspath("results"))
    assert plan("[gaussian]", results=results).results == "results"


@pytest.mark.parametrize(
    "value",
    ["text", "größe", "a\\b", "a\nb", "\\${x}", "\\",
     "lscv", "0.3", "null", "a b", "a=b", "it's", 'say "x"', "", "ünïcode", "${x}", "a,b", "[1]",
     0.3, -1e-12, 7, True, None, [1, 2], ["a", "b c"], [[0.0, 1.0]], {"max_steps": 3, "name": "a b"}],
)  # fmt: skip
def test_overrides_arrive_as_they_were(value):
    """Through the shell's splitting and Hydra's grammar."""
    (override,) = shlex.split(to_overrides({"model.new": value}))
    with initialize_config_dir(str(config.CONF), version_base="1.3"):
        model = compose("cell", [f"+{override}"]).model
    found = OmegaConf.to_container(OmegaConf.masked_copy(model, "new"), resolve=True)["new"]
    assert found == value
    assert type(found) is type(value)


def test_a_slice_knows_what_a_job_uses_and_nothing_else(plan):
    base = plan("[gaussian]").cells("x")[0]
    more = plan(
        "[gaussian, kde]", "[marron_wand_01, marron_wand_06]", results="elsewhere", mirror="/somewhere"
    ).cells("x")[0]
    for slice_of in (slices.train_slice, slices.sample_slice, slices.evaluate_slice):
        assert slice_of(more) == slice_of(base)
    text = slices.train_slice(base)
    assert "metadata" not in text
    assert str(config.CONF.parent) not in text
    assert slices.train_slice(plan("[gaussian]", seed=1).cells("x")[0]) != text
    (other,) = plan("[{gaussian: {covariance: diag}}]").cells("x")
    assert other.model.name == "gaussian"
    assert slices.train_slice(other) != text


def test_a_slice_of_metrics_belongs_to_evaluate_alone(plan):
    (cell,) = plan("[gaussian]").cells("x")
    assert "RootMISE" in slices.evaluate_slice(cell)
    assert "RootMISE" not in slices.train_slice(cell)


def test_an_entry_of_two_models_is_refused(plan):
    with pytest.raises(ConfigError, match="one model an entry"):
        plan("[{kde: {}, gaussian: {}}]")


def test_a_name_of_ones_own_that_is_taken_is_refused(plan, tmp_path):
    (tmp_path / "own" / "model").mkdir()
    (tmp_path / "own" / "model" / "kde.yaml").write_text("_target_: genrates.estimators.KernelDensity\n")
    with pytest.raises(ConfigError, match="has this name already"):
        plan("[gaussian]")


def test_a_part_of_the_store_that_a_person_deleted_makes_a_new_version(plan, tmp_path):
    folder = tmp_path / "results"
    kept = folder / "mlartifacts" / "x" / "run" / "artifacts"
    tracked = folder / plan("[gaussian]").budget / "x" / "tracked.json"
    assert plan("[gaussian]").store_version == 1
    for part in (kept, tracked.parent):
        part.mkdir(parents=True)
    tracked.write_text('{"quick/x/d/gaussian": "run"}')
    (folder / "mlflow.version").write_text("4\n")
    (folder / "mlflow.db").touch()
    assert plan("[gaussian]").store_version == 4
    cells = plan("[gaussian]").cells("x")
    assert slices.track_slice(cells, 4) != slices.track_slice(cells, 5)
    (folder / "mlflow.db").unlink()
    assert plan("[gaussian]").store_version == 5
    (folder / "mlflow.db").touch()
    kept.rename(folder / "elsewhere")
    assert plan("[gaussian]").store_version == 5, "a run has no artifacts"
    shutil.rmtree(folder / "mlartifacts")
    tracked.write_text("[")
    assert plan("[gaussian]").store_version == 5, "there are no artifacts at all"


@pytest.mark.parametrize("written", [None, "", "x"])
def test_a_number_of_the_store_that_is_lost_is_none_that_was_before(plan, tmp_path, written):
    folder = tmp_path / "results"
    tracked = folder / "quick" / "x" / "tracked.json"
    tracked.parent.mkdir(parents=True)
    if written is not None:
        (folder / "mlflow.version").write_text(written)
    assert plan("[gaussian]").store_version == 1, "no runs yet"
    tracked.write_text("{}")
    assert plan("[gaussian]").store_version == int(tracked.stat().st_mtime) + 1


def test_settings_name_several_experiments_in_one_word():
    assert read_pipeline(ConfigTree(), {"experiments": "rates, cat"}).experiments == ["rates", "cat"]
    assert read_pipeline(ConfigTree(), {"experiments": ["rates"]}).experiments == ["rates"]


def test_every_promised_file_lies_below_the_budget_and_the_experiment(plan):
    files = plan("[gaussian]").promised("x")
    assert "results/smoke/x/comparison.csv" in files
    assert "results/smoke/x/marron_wand_01/gaussian/scores.parquet" in files
    assert all(file.startswith("results/smoke/x/") for file in files)
