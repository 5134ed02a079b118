"""Which exponent a cell answers to: by properties of model and data, never by the names of their files."""

from pathlib import Path

import pytest

from genrates.analysis.results import CellResults
from genrates.analysis.text import filled
from genrates.analysis.theory import asymptotic
from genrates.metrics import RootMISE
from genrates.workflow.config import ConfigTree
from genrates.workflow.targets import class_of

METRICS = ("root_mise", "root_mise_core", "root_sup_cdf", "kl", "kl_core", "wasserstein_1")
METRICS += ("hellinger", "total_variation", "pointwise")
#: a model whose file name says nothing, and the shipped one that it is another tuning of
TWINS = {
    "zebra": ("kde", "_target_: genrates.estimators.KernelDensity\nbandwidth: improved_sheather_jones"),
    "yak": (
        "kde4",
        "_target_: genrates.estimators.KernelDensity\nbandwidth: likelihood_cv\nkernel: gaussian4",
    ),
    "lynx": ("knn_global", "_target_: genrates.estimators.NeighborDensity\nn_neighbors: global_rate"),
    "newt": ("slc", "_target_: genrates.neural.NeuralCDF\noptimizer: adam\nhidden: grow"),
}


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> ConfigTree:
    folder = tmp_path_factory.mktemp("own")
    (folder / "model").mkdir()
    shipped = ConfigTree()
    for name, (twin, text) in TWINS.items():
        metadata = shipped.compose(f"model/{twin}")["model"]["metadata"]
        lines = [text, "metadata:", "  type: X", "  method: X", "  tuning: X", "  limitation: X"]
        lines += [f"  {key}: {metadata[key]}" for key in ("kind", "tuned")]
        (folder / "model" / f"{name}.yaml").write_text("\n".join(lines))
    return ConfigTree(folder)


def cell(configs: ConfigTree, data: str, model: str, changes=(), data_changes=()) -> CellResults:
    """A cell in which nothing has run."""
    data_config = configs.choose("data", data, dict(data_changes), "here")
    n_features = data_config.get("d") or class_of(data_config["_target_"], "here").n_features
    return CellResults(
        name="x",
        folder=Path("x"),
        data=data,
        variant=model,
        sampler="own",
        model_name=model,
        changes=tuple(changes),
        data_config=data_config,
        model_config=configs.choose("model", model, dict(changes), "here"),
        metrics={"root_mise": RootMISE},
        sizes=[100],
        replicates={100: 1},
        seed=0,
        truth=None,
        n_features=n_features,
    )


def known(configs: ConfigTree) -> list[str]:
    """Data sets that say something of their density."""
    options = [name for name in configs.options("data") if name != "csv"]
    return [name for name in options if "truth" in configs.compose(f"data/{name}")["data"]["metadata"]]


@pytest.mark.parametrize("name", TWINS)
def test_a_new_model_has_the_exponents_of_its_kind_on_every_data_set(own, name):
    """Without a line in any data file."""
    twin, _ = TWINS[name]
    rates = set()
    for data in known(own):
        for metric in METRICS:
            found = asymptotic(metric, cell(own, data, name))
            assert found == asymptotic(metric, cell(own, data, twin)), f"{data}, {metric}"
            rates.add(found["rate_theory"])
    assert len(rates - {None}) > 2, "data sets differ"


def test_the_truth_follows_a_parameter_of_the_data(own):
    def found(data, model, metric, **changes):
        return asymptotic(metric, cell(own, data, model, data_changes=changes.items()))["rate_theory"]

    assert found("student_t", "kde", "kl") == pytest.approx(1 / 5)
    assert found("student_t", "kde", "kl", df=10) == pytest.approx(2 / 5)
    assert found("beta", "kde", "root_mise", a=1) == pytest.approx(1 / 4), "a jump instead of a kink"
    assert found("mixture_d", "kde", "root_mise", d=4) == pytest.approx(1 / 4)
    assert found("manifold_d", "manifold_pca", "kl") == pytest.approx(2 / 3)
    assert found("manifold_d", "manifold_pca", "kl", curvature=0.5) == 0


def test_an_exponent_follows_a_parameter_of_the_model(own):
    def found(**changes):
        return asymptotic("root_mise", cell(own, "marron_wand_01", "kde", changes.items()))

    assert found()["theory"] == "n^(-2/5)"
    assert found(kernel="gaussian4")["theory"] == "n^(-4/9)"
    assert found(kernel="sinc")["theory"] == "n^(-1/2)"
    assert found(bandwidth=0.3) == {"rate_theory": 0.0, "theory": "plateau (bandwidth is fixed)"}


@pytest.mark.parametrize(
    ("model", "fixed"),
    [
        ("histogram", {"bins": 10}),
        ("histogram", {"bin_width": 0.5}),
        ("kde", {"bandwidth": [[0.1]]}),
        ("knn", {"n_neighbors": 20}),
        ("kdepy_isj", {"bw": 0.3}),
        ("scipy_kde", {"bw_method": 0.3}),
    ],
)
def test_a_tuning_parameter_that_a_person_fixed_leaves_a_plateau(own, model, fixed):
    (name,) = fixed
    found = asymptotic("root_mise", cell(own, "marron_wand_06", model, fixed.items()))
    assert found == {"rate_theory": 0.0, "theory": f"plateau ({name} is fixed)"}
    assert asymptotic("root_mise", cell(own, "marron_wand_06", model))["rate_theory"] > 0


def test_a_truth_outside_the_family_is_a_plateau(own):
    inside, outside = (cell(own, data, "gaussian") for data in ("marron_wand_01", "marron_wand_02"))
    assert asymptotic("kl", inside)["rate_theory"] == 1
    assert asymptotic("kl", outside)["theory"] == "plateau (truth outside the family)"


def test_a_models_own_theory_comes_first(own):
    mine = cell(own, "marron_wand_01", "kde")
    mine.model_config["metadata"]["theory"] = {"root_mise": "1/(3+d)", "kl": None}
    assert asymptotic("root_mise", mine)["theory"] == "n^(-1/4)"
    assert asymptotic("kl", mine) == {"rate_theory": None, "theory": ""}
    assert asymptotic("root_sup_cdf", mine)["theory"] == "n^(-2/5)"


def test_a_title_names_parameters(own):
    assert cell(own, "mixture_d", "kde", data_changes={"d": 3}.items()).data_title == "Two normals, d = 3"
    assert cell(own, "beta", "kde").data_title == "Beta(2, 5)"


@pytest.mark.parametrize("text", ["{e}", "{_target_}", "{d.__class__}", "{}", "{metadata}"])
def test_braces_are_for_parameters_alone(text):
    with pytest.raises(ValueError, match="names the parameter"):
        filled(text, {"d": 1, "_target_": "x", "metadata": {}})
