"""What every config file promises; files are found by themselves, so a new one is tested by being there."""

import inspect
import re
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import check_estimator

import genrates
from genrates.analysis.theory import asymptotic, truth_of
from genrates.metrics.base import Metric
from genrates.rates.exact import EXACT_KINDS
from genrates.rates.smoothness import KINDS
from genrates.rates.theory import parse_exponent, theory_of
from genrates.workflow.checks import check_data, check_model
from genrates.workflow.config import CONF, ConfigTree
from genrates.workflow.fingerprint import module_path, modules_of
from genrates.workflow.plan import Plan
from genrates.workflow.slices import compare_slice, evaluate_slice, sample_slice, track_slice, train_slice
from genrates.workflow.targets import class_of, make, make_model, parameters_of

SOURCE = Path(genrates.__file__).parent
CONFIGS = ConfigTree()
FILES = sorted(CONF.rglob("*.yaml"))
GROUPED = [path for path in FILES if path.parent != CONF]
# where absolute paths of one machine begin
MACHINE_FOLDERS = ("home", "root", "tmp", "work", "Users")


def relative(path: Path) -> str:
    return str(path.relative_to(CONF))


# -- all files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_a_file_says_what_it_is_and_which_command_uses_it(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    head = lines[: next(i for i, line in enumerate(lines) if not line.startswith("#"))]
    assert head, "the first line is a comment"
    assert len(head[0]) > 20, "that says what the file is"
    commands = [line for line in head if re.match(r"#   +(make|python -m genrates|snakemake) ?", line)]
    assert commands, "a command line that uses the file follows"


@pytest.mark.parametrize("path", GROUPED, ids=relative)
def test_the_command_of_a_file_names_it(path):
    group, name = path.parent.name, path.stem
    commands = " ".join(
        line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#   ")
    )
    chosen = {
        "experiment": rf"(EXPERIMENTS|experiments)=\S*\b{name}\b",
        "metric": rf"metric=\[\S*\b{name}\b",
        "budget": rf"(BUDGET|budget)={name}\b|make run\b",
        "tracking": r"make ui",
        "trainer": r"model\.trainer\.",
    }
    assert re.search(chosen.get(group, rf"{group}={name}\b"), commands), commands


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_the_command_of_a_file_names_only_what_there_is(path):
    text = path.read_text(encoding="utf-8")
    commands = [line for line in text.splitlines() if line.startswith("#   ")]
    for group in ("data", "model", "sampler", "budget", "metric", "experiment"):
        for found in re.findall(rf"(?<![.\w]){group}s?=\[?([\w,]+)", " ".join(commands)):
            unknown = set(found.split(",")) - set(CONFIGS.options(group))
            assert not unknown, f"{group}: {unknown}"


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_no_file_names_a_place_on_some_machine(path):
    assert not re.search("|".join(f"/{name}/" for name in MACHINE_FOLDERS), path.read_text(encoding="utf-8"))


# -- models ----------------------------------------------------------------------------------------
#
# What a model declares is an open list: families, types and theories are told by the model itself.


def model_config(configs: ConfigTree, name: str) -> dict:
    return configs.compose(f"model/{name}")["model"]


def check_model_class(content: dict) -> None:
    """A model is an estimator that accepts its config, and has what it does not exclude."""
    estimator = make_model(content, "here")
    assert isinstance(estimator, BaseEstimator)
    assert callable(estimator.fit)
    for method, capability in (
        ("score_samples", "likelihood"),
        ("score", "likelihood"),
        ("sample", "sampling"),
    ):
        assert hasattr(estimator, method) is (capability not in estimator.unsupported)
    assert all(estimator.unsupported.values()), "what a class lacks, it lacks for a reason"
    own = make(content, "here")  # a peer before it is adapted
    assert set(parameters_of(content, "here")) <= set(own.get_params(deep=False))


def check_model_metadata(configs: ConfigTree, content: dict) -> None:
    """A model has the lecture's columns, and its theory can be read in every dimension."""
    check_model(configs, content, "here")
    metadata = content["metadata"]
    for key in ("type", "method", "tuning", "limitation"):
        assert isinstance(metadata[key], str), key
        assert metadata[key], key
    for metric, entry in metadata.get("theory", {}).items():
        for d in range(1, 7):
            exponent, formula = theory_of(entry, d)
            assert exponent is None or 0 <= exponent <= 1, f"{metric} in {d} dimensions"
            assert formula or exponent is None
    assert metadata.get("family") is None or "kind" in metadata or "theory" in metadata, "a family has rates"


def check_tuned_attribute(content: dict) -> None:
    """A tuned value is an attribute that the fit sets."""
    tuned = content["metadata"].get("tuned")
    if tuned is not None:
        cls = class_of(content["_target_"], "here")
        sources = [inspect.getsource(inspect.getmodule(base)) for base in cls.__mro__[:-1]]
        assert tuned.endswith("_")
        assert any(re.search(rf"\b{tuned}\b", text) for text in sources)


@pytest.fixture(params=CONFIGS.options("model"))
def model(request) -> dict:
    return model_config(CONFIGS, request.param)


def test_a_model_is_an_estimator_that_accepts_its_config(model):
    check_model_class(model)


def test_a_models_metadata_are_complete(model):
    check_model_metadata(CONFIGS, model)


def test_a_tuned_value_is_an_attribute_that_the_fit_sets(model):
    check_tuned_attribute(model)


LAPLACE = '''
import numpy as np

from genrates.data.base import KnownDensity
from genrates.estimators import DensityEstimator


class Laplace(KnownDensity):
    """The Laplace density: a kink, and exponential tails."""

    breakpoints = (0.0,)

    def __init__(self, *, scale=1.0):
        self.scale = scale
        self.domain = (np.array([-24.0 * scale]), np.array([24.0 * scale]))

    def _draw(self, n, rng):
        return rng.laplace(scale=self.scale, size=(n, 1))

    def _logpdf(self, X):
        return -np.abs(X[:, 0]) / self.scale - np.log(2 * self.scale)

    def _cdf(self, x):
        tail = np.exp(-np.abs(x) / self.scale) / 2
        return np.where(x < 0, tail, 1 - tail)

    def _ppf(self, q):
        return np.sign(q - 0.5) * -np.log1p(-2 * np.abs(q - 0.5)) * self.scale


class LaplaceDensity(DensityEstimator):
    """The Laplace density by maximum likelihood: median and mean absolute deviation of each column."""

    minimum_samples = 2

    def __init__(self, *, least_scale=0.0):
        self.least_scale = least_scale

    def fit(self, X, y=None):
        """Estimate median and mean absolute deviation."""
        self._check_number("least_scale", 0.0)
        X, _ = self._check_fit(X)
        self._refuse_constant(X)
        self.location_ = np.median(X, axis=0)
        self.scale_ = np.maximum(np.mean(np.abs(X - self.location_), axis=0), self.least_scale)
        return self

    def _check_parameters(self):
        self._check_number("least_scale", 0.0)

    @property
    def n_parameters_(self):
        return 2 * self.n_features_in_

    def _log_density(self, X):
        return -np.sum(np.abs(X - self.location_) / self.scale_ + np.log(2 * self.scale_), axis=1)

    def _draw(self, n_samples, rng):
        return rng.laplace(self.location_, self.scale_, (n_samples, self.n_features_in_))

    def _cdf(self, x):
        tail = np.exp(-np.abs(x - self.location_[0]) / self.scale_[0]) / 2
        return np.where(x < self.location_[0], tail, 1 - tail)

    def _ppf(self, q):
        tail = -np.log(2 * np.minimum(q, 1 - q)) * self.scale_[0]
        return self.location_[0] + np.where(q < 0.5, -tail, tail)
'''
LAPLACE_MODEL = """
_target_: laplace.LaplaceDensity
metadata:
  type: Robust
  method: Laplace, maximum likelihood
  tuning: None
  limitation: A kink in the middle
  family: laplace
  kind: parametric
"""
LAPLACE_DATA = """
_target_: laplace.Laplace
scale: 1
metadata:
  title: Laplace
  families: [laplace]
  truth: {tail: exponential, inside: [1]}
"""


@pytest.fixture
def own_configs(tmp_path, monkeypatch) -> Path:
    """A model and a data set of a family that genrates does not know: two files each, and nothing else."""
    (tmp_path / "laplace.py").write_text(LAPLACE)
    for group, text in (("model", LAPLACE_MODEL), ("data", LAPLACE_DATA)):
        (tmp_path / "conf" / group).mkdir(parents=True)
        (tmp_path / "conf" / group / "laplace.yaml").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("GENRATES_ALLOW", "laplace")
    return tmp_path / "conf"


def test_a_new_family_and_type_is_a_module_and_a_config(own_configs):
    configs = ConfigTree(own=own_configs)
    content = model_config(configs, "laplace")
    check_model_class(content)
    check_model_metadata(configs, content)
    check_tuned_attribute(content)
    check_data_metadata(configs, "laplace")
    check_estimator(make_model(content, "here"))


def test_a_new_family_has_its_exponents(own_configs, tmp_path):
    (own_configs / "experiment").mkdir()
    text = (
        "title: X\ndata: [laplace, marron_wand_01]\nmodels: [laplace, gaussian, kde]\nmetrics: [root_mise]\n"
    )
    (own_configs / "experiment" / "robust.yaml").write_text(text)
    settings = {"conf": str(own_configs), "experiments": "robust", "results": str(tmp_path / "results")}
    cells = Plan(settings).experiment_results("robust").cells
    outside = "plateau (truth outside the family)"
    expected = ["n^(-1/2)", outside, "n^(-3/8)", outside, "n^(-1/2)", "n^(-2/5)"]
    assert [asymptotic("root_mise", cell)["theory"] for cell in cells] == expected


# -- data ------------------------------------------------------------------------------------------


def check_data_metadata(configs: ConfigTree, name: str) -> None:
    """A data set has a class, a title and hashes for what is downloaded."""
    content = configs.compose(f"data/{name}")["data"]
    metadata = content["metadata"]
    class_of(content["_target_"], name)
    assert metadata["title"]
    truth_of(content)
    for file in (metadata.get("files") or {}).values():
        hashes = file["sha256"] if isinstance(file["sha256"], list) else [file["sha256"]]
        assert all(re.fullmatch("[0-9a-f]{64}", h) for h in hashes)
        assert file["url"].startswith(("https://", "http://")), "the hash vouches for the file"
    if name != "csv":  # the table is the user's own
        check_data(content, name)


@pytest.mark.parametrize("name", [name for name in CONFIGS.options("data") if name != "csv"])
def test_a_data_sets_metadata_are_complete(name):
    check_data_metadata(CONFIGS, name)


def test_a_data_set_names_no_model():
    """Exponents hang on properties of either: a new model needs no line in any data set."""
    for name in CONFIGS.options("data"):
        text = (CONF / "data" / f"{name}.yaml").read_text()
        metadata = re.sub(r"#.*", "", text[text.index("metadata:") :])
        keys = set(re.findall(r"(\w+):", metadata))
        assert not keys & {*CONFIGS.options("model"), *KINDS, *EXACT_KINDS}, name


# -- the other groups ------------------------------------------------------------------------------


def _as_list(value):
    """What YAML makes of a tuple."""
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", CONFIGS.options("metric"))
def test_a_metric_has_its_name_a_way_of_averaging_and_a_docstring(name):
    content = CONFIGS.metrics([name])
    assert list(content) == [name]
    metric = make(content[name], name)
    assert isinstance(metric, Metric)
    assert metric.aggregate in {"mean", "root_mean_square"}
    assert type(metric).__doc__
    options = inspect.signature(type(metric)).parameters
    written = {k: v for k, v in content[name].items() if k != "_target_"}
    assert list(written) == list(options), "all that can be swept is there"
    others = {
        c["_target_"]: n
        for n in CONFIGS.options("metric")
        for c in CONFIGS.metrics([n]).values()
        if n != name
    }
    if not name.startswith(f"{others.get(content[name]['_target_'])}_"):  # else it is a variant of another's
        assert written == {k: _as_list(option.default) for k, option in options.items()}


@pytest.mark.parametrize("name", CONFIGS.options("sampler"))
def test_a_sampler_can_be_asked_and_drawn_from(name):
    content = CONFIGS.compose(f"sampler/{name}")["sampler"]
    sampler = make(content, name)
    assert callable(sampler.applies_to)
    assert callable(sampler.draw)


@pytest.mark.parametrize("budget", CONFIGS.options("budget"))
@pytest.mark.parametrize("experiment", CONFIGS.options("experiment"))
def test_an_experiment_is_a_plan_for_each_budget(experiment, budget, tmp_path):
    plan = Plan({"experiments": experiment, "budget": budget, "results": str(tmp_path / "results")})
    cells = plan.cells(experiment)
    assert cells
    for cell in cells:
        for text in (train_slice(cell), sample_slice(cell), evaluate_slice(cell)):
            assert not any(place in text for place in (str(tmp_path), str(CONF.parent))), "no paths"
        assert all(Path(path).suffix == ".py" for path in plan.modules(cell))
    assert track_slice(cells, plan.store_version)
    assert compare_slice(plan.experiment(experiment))
    assert not (tmp_path / "results").exists(), "planning writes nothing"


@pytest.mark.parametrize("name", CONFIGS.options("budget"))
def test_a_budget_has_its_files_name(name):
    assert CONFIGS.compose("pipeline", f"budget={name}")["budget"]["name"] == name


@pytest.mark.parametrize("name", CONFIGS.options("experiment"))
def test_an_experiment_says_nothing_that_is_the_default(name):
    written = CONFIGS.compose(f"experiment/{name}")["experiment"]
    fields = type(Plan({"experiments": name}).experiments[name]).model_fields
    for key in ("metrics", "figures", "sampler", "budgets"):
        assert key not in written or written[key] != fields[key].default, key


@pytest.mark.parametrize("group", ["data", "model"])
def test_a_config_leaves_out_what_is_nothing(group):
    for name in CONFIGS.options(group):
        metadata = CONFIGS.compose(f"{group}/{name}", *(["data.path=x"] if name == "csv" else []))[group][
            "metadata"
        ]
        shipped = {k: v for k, v in metadata.items() if k not in ("tuning", "limitation")}
        assert all(value or key == "families" for key, value in shipped.items()), name


def test_exponents_are_never_code():
    with pytest.raises(ValueError, match="cannot read"):
        parse_exponent("__import__('os')")


def test_a_models_class_is_found_by_its_own_module(model):
    for module in modules_of(model):
        assert module_path(module).is_file()
