"""Objects that configs name by `_target_`: classes that are allowed, with parameters that they have."""

import textwrap

import numpy as np
import pytest
from sklearn.neighbors import KernelDensity as SklearnKernelDensity

from genrates.errors import ConfigError
from genrates.estimators import GaussianDensity, KernelDensity, ManifoldDensity
from genrates.estimators.peers.density import STORED_CLASSES
from genrates.workflow.targets import class_of, make, make_model, parameters_of

KDE = "genrates.estimators.KernelDensity"


@pytest.fixture(autouse=True)
def _nothing_allowed_by_hand(monkeypatch):
    monkeypatch.delenv("GENRATES_ALLOW", raising=False)


@pytest.fixture
def own_package(tmp_path, monkeypatch) -> str:
    """A package of a person's own, which can be imported."""
    (tmp_path / "person_s_own").mkdir()
    (tmp_path / "person_s_own" / "__init__.py").write_text("")
    source = """
        from collections import OrderedDict


        class Model:
            def __init__(self, *, width=1.0):
                self.width = width


        def function():
            raise AssertionError("nobody may call this")
    """
    (tmp_path / "person_s_own" / "models.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(tmp_path)
    return "person_s_own.models"


# -- classes --------------------------------------------------------------------------------------


def test_classes_of_genrates_are_allowed():
    assert class_of(KDE, "here") is KernelDensity
    assert class_of("genrates.estimators.kernel.density.KernelDensity", "here") is KernelDensity


@pytest.mark.parametrize("target", STORED_CLASSES)
def test_peers_are_allowed(target):
    assert class_of(target, "here").__name__ == target.rpartition(".")[2]


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "builtins.eval",
        "subprocess.Popen",
        "pathlib.Path",
        "sklearn.cluster.KMeans",
        "sklearn.mixture._gaussian_mixture.GaussianMixture",
        "sklearn.mixture",
        "genrates_evil.KernelDensity",
        "evil.genrates.KernelDensity",
        "KernelDensity",
        "genrates",
        "",
        ".",
        None,
        7,
        {"_target_": KDE},
        [KDE],
    ],
    ids=str,
)
def test_what_is_not_allowed_is_refused_with_the_list_of_what_is(target):
    with pytest.raises(ConfigError) as error:
        class_of(target, "conf/model/x.yaml")
    message = str(error.value)
    assert message.startswith(
        f"conf/model/x.yaml: _target_: {target!r} is not allowed. Allowed: classes of genrates"
    )
    assert all(peer in message for peer in STORED_CLASSES)
    assert "GENRATES_ALLOW" in message


@pytest.mark.parametrize(
    "target",
    [
        "genrates.errors.check_choice",
        "genrates.estimators.persistence.load",
        "genrates.estimators.kernel",
        "genrates.files.os",
        "genrates.estimators.peers.density.STORED_CLASSES",
    ],
)
def test_what_is_no_class_is_refused(target):
    with pytest.raises(ConfigError, match=f"here: _target_: '{target}' is no class"):
        class_of(target, "here")


@pytest.mark.parametrize(
    "target",
    ["genrates.files.Path", "genrates.estimators.base.BaseEstimator", "genrates.tracking.store.MlflowClient"],
)
def test_a_class_of_another_package_is_refused_where_genrates_imports_it(target):
    with pytest.raises(ConfigError, match=f"here: _target_: '{target}' is not allowed"):
        class_of(target, "here")


@pytest.mark.parametrize(
    "target",
    [
        "genrates.estimators.NoSuchDensity",
        "genrates.nowhere.KernelDensity",
        "genrates..KernelDensity",
        "genrates.estimators.",
        "genrates.estimators.KernelDensity.fit",
    ],
)
def test_what_cannot_be_imported_is_refused(target):
    with pytest.raises(ConfigError, match=r"here: _target_: '.*' cannot be imported: "):
        class_of(target, "here")


def test_a_package_is_allowed_by_the_person_at_the_keyboard_alone(own_package, monkeypatch):
    with pytest.raises(ConfigError, match="not allowed"):
        class_of(f"{own_package}.Model", "here")
    monkeypatch.setenv("GENRATES_ALLOW", "another, person_s_own")
    assert class_of(f"{own_package}.Model", "here").__name__ == "Model"
    assert make({"_target_": f"{own_package}.Model", "width": 3}, "here").width == 3
    with pytest.raises(ConfigError, match="is no class"):
        class_of(f"{own_package}.function", "here")
    with pytest.raises(ConfigError, match="cannot be imported"):
        class_of(f"{own_package}.Missing", "here")
    with pytest.raises(ConfigError, match="not allowed"):
        class_of("os.system", "here")


@pytest.mark.parametrize("allowed", ["", " ", ",", "person_s", "person_s_own_too", "person_s_own.models"])
def test_a_similar_name_allows_nothing(own_package, monkeypatch, allowed):
    monkeypatch.setenv("GENRATES_ALLOW", allowed)
    for target in (f"{own_package}.Model", "os.system", "Model"):
        with pytest.raises(ConfigError, match="not allowed"):
            class_of(target, "here")


# -- parameters -----------------------------------------------------------------------------------


def test_parameters_are_what_is_neither_target_nor_metadata():
    content = {"_target_": KDE, "bandwidth": 0.3, "metadata": {"type": "x"}}
    assert parameters_of(content, "here") == {"bandwidth": 0.3}


@pytest.mark.parametrize("read", [parameters_of, make, make_model])
def test_an_unknown_parameter_is_refused_with_the_closest_name(read):
    with pytest.raises(ConfigError) as error:
        read({"_target_": KDE, "bandwith": 0.3}, "conf/model/x.yaml")
    message = str(error.value)
    assert message.startswith("conf/model/x.yaml: unknown parameter 'bandwith'. Did you mean 'bandwidth'?")
    assert "Allowed: bandwidth, kernel" in message


@pytest.mark.parametrize("read", [parameters_of, make, make_model])
def test_a_config_without_a_target_is_refused(read):
    with pytest.raises(ConfigError, match="here: _target_: None is not allowed"):
        read({"bandwidth": 0.3}, "here")


# -- objects --------------------------------------------------------------------------------------


def test_an_object_has_the_parameters_of_its_config():
    model = make({"_target_": KDE, "bandwidth": 0.3, "bounds": [[0, None]], "metadata": {}}, "here")
    assert isinstance(model, KernelDensity)
    assert (model.bandwidth, model.bounds) == (0.3, [[0, None]])


def test_parameters_beside_the_config_are_passed_on():
    assert make({"_target_": KDE}, "here", bandwidth=0.3).bandwidth == 0.3
    with pytest.raises(ConfigError, match="here: "):
        make({"_target_": KDE, "bandwidth": 0.3}, "here", bandwidth=0.3)


def test_a_peer_is_made():
    found = make({"_target_": "sklearn.neighbors.KernelDensity", "bandwidth": 0.3}, "here")
    assert isinstance(found, SklearnKernelDensity)
    assert found.fit(np.zeros((2, 1))).bandwidth == 0.3


MANIFOLD = "genrates.estimators.ManifoldDensity"


def test_parts_with_a_target_are_made_at_every_depth():
    inner = {"_target_": KDE, "bandwidth": 0.3}
    content = {"_target_": MANIFOLD, "density": {"_target_": MANIFOLD, "latent": 1, "density": inner}}
    model = make(content, "here")
    assert isinstance(model, ManifoldDensity)
    assert isinstance(model.density, ManifoldDensity)
    assert isinstance(model.density.density, KernelDensity)
    assert (model.density.latent, model.density.density.bandwidth) == (1, 0.3)
    assert content["density"]["density"] == inner, "a config is not changed"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"_target_": "os.system"}, "here.density.density: _target_: 'os.system' is not allowed"),
        ({"_target_": "genrates.errors.check_choice"}, "here.density.density: _target_: .* is no class"),
        (
            {"_target_": KDE, "bandwith": 1},
            "here.density.density: unknown parameter 'bandwith'. Did you mean",
        ),
        ({"_target_": None}, "here.density.density: _target_: None is not allowed"),
    ],
)
def test_a_part_is_judged_like_the_object_and_named(part, message):
    content = {"_target_": MANIFOLD, "density": {"_target_": MANIFOLD, "density": part}}
    with pytest.raises(ConfigError, match=message):
        make(content, "here")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"_target_": "genrates.data.MarronWand"}, "missing"),
        ({"_target_": "genrates.data.MarronWand", "number": 99}, "99"),
        ({"_target_": "genrates.data.CsvTable", "path": "no/such/table.csv"}, "no/such/table"),
    ],
)
def test_what_a_constructor_refuses_is_an_error_of_the_config(content, message):
    with pytest.raises(ConfigError, match=f"data=x: .*{message}"):
        make(content, "data=x")


def test_a_model_judges_its_parameters_before_there_are_data():
    assert isinstance(
        make_model({"_target_": "genrates.estimators.GaussianDensity"}, "here"), GaussianDensity
    )
    with pytest.raises(ConfigError, match="here: KernelDensity: bandwidth must"):
        make_model({"_target_": KDE, "bandwidth": -1.0}, "here")
