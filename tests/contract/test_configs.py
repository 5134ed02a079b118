"""What every config file promises; files are found by themselves, so a new one is tested by being there."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from hydra.utils import get_class, instantiate

from genrates.metrics.base import Metric
from genrates.rates.theory import parse_exponent, theory_of
from genrates.workflow import config
from genrates.workflow.checks import pipeline
from genrates.workflow.fingerprint import targets
from genrates.workflow.plan import Plan

SOURCE = Path(config.__file__).parent
CONF = config.CONF
FILES = sorted(CONF.rglob("*.yaml"))
GROUPED = [path for path in FILES if path.parent != CONF]
METRICS = {"root_mise", "root_sup_cdf", "kl", "wasserstein_1"}
# where absolute paths of one machine begin
MACHINE_FOLDERS = ("home", "root", "tmp", "work", "Users")


def names(group: str) -> list[str]:
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


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
def test_no_file_names_a_place_on_some_machine(path):
    assert not re.search("|".join(f"/{name}/" for name in MACHINE_FOLDERS), path.read_text(encoding="utf-8"))


# -- models ----------------------------------------------------------------------------------------


@pytest.fixture(params=names("model"))
def model(request) -> dict:
    return config.model(request.param, {}, "") | {"name": request.param}


def test_a_model_is_an_estimator_that_accepts_its_config(model):
    from sklearn.base import BaseEstimator

    estimator = instantiate(
        {k: v for k, v in model.items() if k not in ("metadata", "name")}, _convert_="all"
    )
    assert isinstance(estimator, BaseEstimator)
    assert callable(estimator.fit)
    for method, capability in (
        ("score_samples", "likelihood"),
        ("score", "likelihood"),
        ("sample", "sampling"),
    ):
        assert hasattr(estimator, method) is (capability not in estimator.unsupported)
    assert all(estimator.unsupported.values()), "what a class lacks, it lacks for a reason"
    given = set(model) - {"_target_", "metadata", "name"}
    assert given <= set(estimator.get_params(deep=False))


def test_a_models_card_is_complete(model):
    metadata = model["metadata"]
    required = {"type", "method", "tuning", "tuned", "limitation", "family", "theory", "exact", "neural"}
    assert required <= set(metadata) <= required | {"limitation_measured"}
    for key in ("type", "method", "tuning", "limitation"):
        assert isinstance(metadata[key], str), key
        assert metadata[key], key
    assert metadata["type"] in {"Parametric", "Nonparametric", "Regressive", "Autoencoder"}
    assert metadata["family"] in {None, "gaussian", "mixture", "bernoulli"}
    assert metadata["exact"] in {None, "kernel", "histogram", "series", "gaussian"}
    assert metadata["neural"] is any(".neural." in target for target in targets(model)), "in any of its parts"
    assert metadata.get("limitation_measured") in {
        None, "plateau", "rate", "fit_seconds", "model_bytes", "sample_us_per_draw", "n_parameters",
    }  # fmt: skip


def test_a_models_theory_can_be_read_in_every_dimension(model):
    theory = model["metadata"]["theory"]
    assert set(theory) <= set(names("metric"))
    if theory and model["metadata"]["family"] != "bernoulli":  # bits have no density error on a line
        assert set(theory) >= METRICS, "null where theory says nothing"
    for metric, entry in theory.items():
        for d in range(1, 7):
            exponent, formula = theory_of(entry, d)
            assert (exponent is None) == (
                entry is None or (isinstance(entry, dict) and entry.get("rate") is None)
            )
            if exponent is not None:
                assert 0 <= exponent <= 1, f"{metric} in {d} dimensions"
                assert formula


def test_a_tuned_value_is_an_attribute_that_the_fit_sets(model):
    tuned = model["metadata"]["tuned"]
    if tuned is not None:
        text = (SOURCE / "/".join(model["_target_"].split(".")[1:-1])).with_suffix(".py").read_text()
        inherited = "".join(p.read_text() for p in (SOURCE / "estimators").glob("*.py"))
        assert re.search(rf"\b{tuned}\b", text + inherited)
        assert tuned.endswith("_")


# -- data ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names("data"))
def test_a_data_sets_card_is_complete(name):
    content = config.data(name)
    get_class(content["_target_"])
    metadata = content["metadata"]
    assert set(metadata) == {"title", "families", "n_max", "theory", "files"}
    assert metadata["title"]
    assert metadata["n_max"] is None or metadata["n_max"] > 0
    assert set(metadata["theory"]) <= set(names("model"))
    for entries in metadata["theory"].values():
        assert set(entries) <= set(names("metric"))
        for entry in entries.values():
            theory_of(entry, 1)
    for file in metadata["files"].values():
        hashes = file["sha256"] if isinstance(file["sha256"], list) else [file["sha256"]]
        assert all(re.fullmatch("[0-9a-f]{64}", h) for h in hashes)
        assert file["url"].startswith(("https://", "http://")), "the hash vouches for the file"


# -- the other groups ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names("metric"))
def test_a_metric_has_its_name_a_way_of_averaging_and_a_docstring(name):
    content = config.metrics([name])
    assert list(content) == [name]
    metric = instantiate(content[name])
    assert isinstance(metric, Metric)
    assert metric.aggregate in {"mean", "root_mean_square"}
    assert type(metric).__doc__
    options = inspect.signature(type(metric)).parameters
    written = {k: v for k, v in content[name].items() if k != "_target_"}
    assert written == {k: option.default for k, option in options.items()}, "all that can be swept is there"


@pytest.mark.parametrize("name", names("sampler"))
def test_a_sampler_can_be_asked_and_drawn_from(name):
    sampler = instantiate(config.sampler(name))
    assert callable(sampler.applies_to)
    assert callable(sampler.draw)


@pytest.mark.parametrize("budget", names("budget"))
@pytest.mark.parametrize("experiment", names("experiment"))
def test_an_experiment_is_a_plan_for_each_budget(experiment, budget, tmp_path):
    plan = Plan({"experiments": experiment, "budget": budget, "results": str(tmp_path / "results")})
    cells = plan.cells()
    assert cells
    for cell in cells:
        slices = [plan.train_slice(cell), plan.sample_slice(cell), plan.evaluate_slice(cell)]
        assert not any(str(tmp_path) in text or str(CONF.parent) in text for text in slices), "no paths"
        assert all(Path(path).suffix == ".py" for path in plan.modules(cell))
    assert plan.track_slice(experiment)
    assert plan.compare_slice(experiment)
    assert not (tmp_path / "results").exists(), "planning writes nothing"


@pytest.mark.parametrize("name", names("budget"))
def test_a_budget_has_its_files_name(name):
    assert pipeline({"budget": name}).budget.name == name


def test_exponents_are_never_code():
    with pytest.raises(ValueError, match="cannot read"):
        parse_exponent("__import__('os')")


# -- floors: no import runs upward -----------------------------------------------------------------

PACKAGES = sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())
MODULES = sorted(path.stem for path in SOURCE.glob("*.py") if path.stem != "__init__")
#: What a floor may import of genrates, by the first part of the name; "x.y" allows one module of x.
FLOORS = {
    "rates": {"rates", "lazy"},
    "data": {"data", "lazy"},
    "estimators": {"estimators", "lazy"},
    "neural": {"neural", "lazy", "estimators.base", "estimators.persistence", "estimators._binary"},
    "metrics": {"metrics", "lazy"},
    "figures": {"figures", "rates", "rate_text", "lazy", "neural.kde_limit"},
    "rate_text": set(),
    "markdown": set(),
    "lazy": set(),
    "lean_start": set(),
    "progress": set(),
    "files": set(),
    "surroundings": set(),
    "refusal": set(),
    "schema": {"refusal"},
    "joblog": {"refusal"},
    "fingerprint": {"lazy"},
    "config": {"refusal", "lean_start"},
    "plan_config": {"config", "refusal", "schema"},
    "labels": set(),
    "hydra_words": set(),
    "workflow": {"config", "plan_config", "fingerprint", "refusal", "schema", "labels", "hydra_words"},
    "run": set(),
    "workers": {"joblog"},
    "tracking": {"run"},
}
#: What a floor may not import of other people's packages: jobs that do not need them start without them.
HEAVY = {
    "estimators": {"torch", "pytorch_lightning", "pandas", "mlflow", "matplotlib", "hydra"},
    "data": {"torch", "pytorch_lightning", "mlflow", "matplotlib", "hydra"},
    "rates": {"torch", "pytorch_lightning", "pandas", "mlflow", "matplotlib", "hydra", "sklearn"},
    "metrics": {"torch", "pytorch_lightning", "mlflow", "matplotlib", "hydra"},
    "neural": {"mlflow", "matplotlib", "hydra", "pandas"},
    "workflow": {"torch", "pytorch_lightning", "mlflow", "matplotlib", "pandas"},
}


def imports(path: Path) -> set[str]:
    """Full names that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files_of(floor: str) -> list[Path]:
    return sorted((SOURCE / floor).glob("*.py")) if floor in PACKAGES else [SOURCE / f"{floor}.py"]


@pytest.mark.parametrize("floor", FLOORS)
def test_no_import_runs_upward(floor):
    for path in files_of(floor):
        ours = {name.removeprefix("genrates.") for name in imports(path) if name.startswith("genrates.")}
        upward = {n for n in ours if not any(f"{n}.".startswith(f"{allowed}.") for allowed in FLOORS[floor])}
        assert not upward, f"{path.name} imports {', '.join(sorted(upward))}"


@pytest.mark.parametrize("floor", HEAVY)
def test_no_import_is_too_heavy_for_its_floor(floor):
    for path in files_of(floor):
        heavy = {name.split(".")[0] for name in imports(path)} & HEAVY[floor]
        assert not heavy, f"{path.name} imports {', '.join(sorted(heavy))}"


def test_nothing_but_the_steps_own_files_imports_steps():
    for path in SOURCE.rglob("*.py"):
        if path.parent.name != "steps":
            assert not any(name.startswith("genrates.steps") for name in imports(path)), path.name


def test_no_circle_among_modules():
    """Depth first over imports at the top of a file; an import inside a function breaks a circle."""

    def above(path: Path) -> set[Path]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found = set()
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("genrates"):
                base = SOURCE.joinpath(*node.module.split(".")[1:])
                places = [base / f"{alias.name}.py" for alias in node.names] + [base.with_suffix(".py")]
                found |= {p for p in places if p.exists()}
        return found

    finished, entered = set(), []

    def visit(path: Path) -> None:
        assert path not in entered, " -> ".join(p.stem for p in [*entered, path])
        if path in finished:
            return
        entered.append(path)
        for other in above(path):
            visit(other)
        finished.add(entered.pop())

    for path in SOURCE.rglob("*.py"):
        visit(path)


def test_nothing_is_pickled_and_no_global_stream_is_touched():
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not {n.split(".")[0] for n in imports(path)} & {"pickle", "joblib", "cloudpickle", "dill"}, (
            path.name
        )
        for node in ast.walk(tree):
            text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            allowed = {"default_rng", "Generator", "SeedSequence", "RandomState", "BitGenerator", "PCG64"}
            if match := re.fullmatch(r"(?:np|numpy)\.random\.(\w+)", text):
                assert match[1] in allowed, f"{path.name}: {text}"
            assert text not in {"torch.manual_seed", "random.seed", "torch.load"}, f"{path.name}: {text}"
