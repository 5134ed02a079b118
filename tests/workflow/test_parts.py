"""A model that is made of parts: their parameters, their checks, and their code."""

import pytest

from genrates.errors import ConfigError
from genrates.estimators import KernelDensity
from genrates.workflow.config import ConfigTree
from genrates.workflow.fingerprint import modules_of
from genrates.workflow.plan import Plan
from genrates.workflow.slices import train_slice
from genrates.workflow.targets import make_model

CONFIGS = ConfigTree()


def test_dots_reach_a_part_s_parameters():
    changed = CONFIGS.choose("model", "manifold_pca", {"density.bandwidth": 0.3}, "here")
    assert changed["density"]["bandwidth"] == 0.3
    assert CONFIGS.choose("model", "manifold_pca", {}, "here")["density"]["bandwidth"] == "lscv"
    model = make_model(changed, "here")
    assert isinstance(model.density, KernelDensity)
    assert model.density.bandwidth == 0.3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"density.bandwith": 0.3}, "here: manifold_pca.density: unknown parameter 'bandwith'.*'bandwidth'"),
        ({"densty.bandwidth": 0.3}, "here: manifold_pca: unknown parameter 'densty'. Did you mean 'density'"),
        ({"latent.bandwidth": 0.3}, "here: manifold_pca.latent: unknown parameter 'bandwidth'"),
        ({"density._target_": "os.system"}, "here: manifold_pca.density: unknown parameter '_target_'"),
        ({"metadata.type": "x"}, "here: manifold_pca: unknown parameter 'metadata'"),
        ({"density.bandwidth": -1.0}, "here: ManifoldDensity: density: KernelDensity: bandwidth"),
    ],
)
def test_a_part_s_parameters_are_checked_before_any_job(changes, message):
    with pytest.raises(ConfigError, match=f"(?s){message}"):
        make_model(CONFIGS.choose("model", "manifold_pca", changes, "here"), "here")


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    results = str(tmp_path_factory.mktemp("results"))
    plan = Plan({"experiments": "manifold", "budget": "smoke", "results": results})
    (found,) = [c for c in plan.cells("manifold") if c.model.name == "manifold_pca"]
    return plan, found


def test_a_part_s_code_is_part_of_the_cell(cell):
    plan, found = cell
    assert [path for path in plan.modules(found) if path.endswith("estimators/kernel/density.py")]
    assert modules_of(found.model_config) == [
        "genrates.estimators.manifold.density",
        "genrates.estimators.kernel.density",
    ]


def test_a_part_s_code_decides_whether_the_cell_trains_again(cell, monkeypatch):
    _, found = cell
    seen = []
    monkeypatch.setattr("genrates.workflow.slices.fingerprint", lambda *modules: seen.extend(modules) or "")
    assert train_slice(found)
    assert "genrates.estimators.kernel.density" in seen
