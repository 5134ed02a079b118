"""Configs: what conf/ offers, what a folder of one's own adds, and copies with changes."""

import shlex

import pytest

from genrates.errors import ConfigError
from genrates.workflow.config import CONF, ConfigTree
from genrates.workflow.overrides import to_overrides
from genrates.workflow.plan import Plan, plan_of_step


@pytest.fixture
def own(tmp_path):
    """A folder of configs of one's own: a model, and an experiment."""
    for group, name, text in (
        ("model", "my_kde", "defaults: [kde, _self_]\nbandwidth: 0.5\n"),
        ("experiment", "mine", "title: Mine\ndata: [beta]\nmodels: [my_kde, kde]\n"),
    ):
        (tmp_path / group).mkdir()
        (tmp_path / group / f"{name}.yaml").write_text(text)
    return tmp_path


def test_a_group_offers_the_names_of_its_files():
    configs = ConfigTree()
    assert configs.options("model") == sorted(path.stem for path in (CONF / "model").glob("*.yaml"))
    assert {"kde", "gaussian"} <= set(configs.options("model"))
    assert configs.options("no_such_group") == []
    assert configs.overrides == {}


def test_a_config_is_resolved_and_without_hydra_s_own_settings():
    found = ConfigTree().compose("pipeline", "budget=smoke")
    assert found["budget"]["name"] == "smoke"
    assert "hydra" not in found


def test_a_config_is_composed_once_for_each_choice():
    configs = ConfigTree()
    assert configs.compose("pipeline") is configs.compose("pipeline")
    assert configs.compose("pipeline", "seed=1")["seed"] == 1
    assert configs.compose("pipeline")["seed"] == 0


@pytest.mark.parametrize(
    ("name", "overrides", "words"),
    [
        ("pipeline", ["sede=1"], ["conf/pipeline.yaml with sede=1", "sede"]),
        ("pipeline", ["budget=no_such"], ["conf/pipeline.yaml with budget=no_such", "no_such"]),
        ("model/no_such", [], ["conf/model/no_such.yaml: "]),
        ("pipeline", ["seed=[1"], ["seed=[1"]),
    ],
)
def test_what_hydra_refuses_is_an_error_of_the_config(name, overrides, words):
    with pytest.raises(ConfigError) as error:
        ConfigTree().compose(name, *overrides)
    assert all(word in str(error.value) for word in words), str(error.value)


# -- a folder of one's own --------------------------------------------------------------------------


def test_configs_of_one_s_own_are_chosen_by_name(own):
    configs = ConfigTree(own)
    assert set(configs.options("model")) == {"my_kde", *ConfigTree().options("model")}
    assert configs.compose("model/my_kde")["model"]["bandwidth"] == 0.5
    assert configs.compose("cell", "model=my_kde", "downloads=x")["model"]["bandwidth"] == 0.5
    assert configs.compose("experiment/mine")["experiment"]["models"] == ["my_kde", "kde"]
    assert configs.file("model/my_kde") == str(own / "model" / "my_kde.yaml")
    assert configs.file("model/kde") == "conf/model/kde.yaml"
    assert to_overrides(configs.overrides)


def test_a_plan_runs_experiments_and_models_of_one_s_own(own):
    settings = {"conf": str(own), "experiments": "mine", "budget": "smoke", "results": str(own / "results")}
    plan = Plan(settings)
    first, second = plan.cells("mine")
    assert (first.key, second.key) == (("beta", "my_kde"), ("beta", "kde"))
    assert first.model_config["bandwidth"] == 0.5
    assert first.model_config["metadata"] == second.model_config["metadata"]
    overrides = shlex.split(plan.cell_overrides(first, "evaluate"))
    composed = ConfigTree().compose("cell", *overrides, "downloads=x")
    assert composed["model"] == first.model_config, "a step finds it too"
    step = ConfigTree().compose("tables", *shlex.split(plan.experiment_overrides(plan.budget, ["mine"])))
    assert plan_of_step(step).cells("mine")[0].model_config == first.model_config


def test_a_table_of_one_s_own_has_the_dimension_of_its_columns(own):
    """Theory's exponents depend on it; the config of a table does not say it."""
    (own / "table.csv").write_text("a,b\n" + "".join(f"{i},{i * i % 17}\n" for i in range(200)))
    table = f"csv: {{path: {own / 'table.csv'}}}"
    (own / "experiment" / "table.yaml").write_text(f"title: T\ndata: [{table}]\nmodels: [kde]\n")
    settings = {"conf": str(own), "experiments": "table", "budget": "smoke", "results": str(own / "results")}
    plan = Plan(settings | {"sizes": [50]})
    (cell,) = plan.experiment_results("table").cells
    assert cell.n_features == 2


def test_a_folder_whose_name_hydra_could_misread_is_found(own, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("mine") / 'it\'s my, [conf] = {x}: 100 % \\ "größe"'
    own.rename(elsewhere)
    assert ConfigTree(elsewhere).compose("model/my_kde")["model"]["bandwidth"] == 0.5


def test_a_name_of_conf_cannot_be_taken(own):
    (own / "model" / "kde.yaml").write_text("bandwidth: 1\n")
    with pytest.raises(ConfigError, match=r"model/kde\.yaml: conf/model has this name already"):
        ConfigTree(own).options("model")


@pytest.mark.parametrize("name", ["no/such/folder", "pyproject.toml"])
def test_a_folder_that_is_none_is_refused(name):
    with pytest.raises(ConfigError, match=f"conf: '{name}' is no folder"):
        ConfigTree(name)


def test_yaml_that_cannot_be_read_is_an_error_of_its_file(own):
    (own / "model" / "torn.yaml").write_text("a: [1\n")
    with pytest.raises(ConfigError, match=r"model/torn\.yaml, line 2: not YAML: "):
        ConfigTree(own).compose("model/torn")


# -- copies with changes ----------------------------------------------------------------------------


def test_a_choice_is_a_copy_with_changes():
    configs = ConfigTree()
    changed = configs.choose("model", "kde", {"bandwidth": 0.3}, "here")
    assert changed["bandwidth"] == 0.3
    changed["metadata"]["kind"] = "histogram"
    again = configs.choose("model", "kde", {}, "here")
    assert again["bandwidth"] == "lscv"
    assert again["metadata"]["kind"] == "kernel"


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("kdd", {}, "here: unknown model 'kdd'. Did you mean 'kde'"),
        ("kde", {"bandwith": 1}, "here: kde: unknown parameter 'bandwith'. Did you mean 'bandwidth'"),
        ("kde", {"_target_": "os.system"}, "here: kde: unknown parameter '_target_'"),
        ("kde", {"metadata": {}}, "here: kde: unknown parameter 'metadata'"),
    ],
)
def test_unknown_names_and_parameters_are_refused(name, changes, message):
    with pytest.raises(ConfigError, match=message):
        ConfigTree().choose("model", name, changes, "here")


def test_metrics_are_found_by_their_files():
    found = ConfigTree().metrics(["kl", "root_mise"])
    assert list(found) == ["kl", "root_mise"]
    assert all("_target_" in content for content in found.values())
