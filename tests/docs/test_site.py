"""The extensions of the documentation site, and its examples. `make docs` builds the site itself."""

import sys
from pathlib import Path

import pytest
import yaml
from docutils.utils.math import MathError

import genrates.neural
from genrates.errors import ConfigError
from genrates.workflow import schema
from genrates.workflow.config import CONF
from genrates.workflow.plan import Plan

DOCS = Path(__file__).parents[2] / "docs"
sys.path.append(str(DOCS / "_ext"))

import config_reference  # noqa: E402 (they lie beside conf.py)
import mathml  # noqa: E402
import public_names  # noqa: E402


def test_every_file_of_a_group_is_read():
    for group in ("data", "model", "experiment", "metric", "sampler", "trainer", "budget", "tracking"):
        files = config_reference.files_of(group)
        assert [file.name for file in files] == sorted(path.stem for path in (CONF / group).glob("*.yaml"))
        for file in files:
            assert [kind for kind, _ in file.head][:2] == ["text", "commands"]
            assert yaml.safe_load(file.body) is not None


def test_comments_beside_and_above_keys_are_found():
    kde = config_reference.ConfigFile("model", "kde").comments
    assert kde["bounds"].startswith("of the support: [0, null] keeps the rate")
    assert kde["metadata.tuned"] == "fitted attribute that holds the tuned value"
    assert "kernel" not in kde, "a key without a comment"
    bandwidths = config_reference.ConfigFile("experiment", "bandwidths").comments
    assert bandwidths["models"].startswith("Each model once as it tunes itself"), "lines above a key"
    binary = config_reference.ConfigFile("data", "cat_sketches_binary")
    assert [base.name for base, _ in binary.bases] == ["cat_sketches"]
    ((trainer, key),) = config_reference.ConfigFile("model", "cdf_network").bases
    assert (trainer.group, trainer.name, key) == ("trainer", "small_nets", "trainer")


def test_a_parameter_without_a_comment_gets_its_docstring():
    content = config_reference.ConfigFile("model", "manifold_pca").content
    told = config_reference.meanings(content)
    assert {"latent", "density.bandwidth", "density.rtol"} <= set(told)
    assert told["density.bandwidth"].startswith('"lscv": '), "a list as a whole"


@pytest.mark.parametrize("name", ["PipelineConfig", "ExperimentConfig", "ModelMetadata", "DataMetadata"])
def test_every_key_of_a_schema_is_described(name):
    rows = config_reference.schema_rows(getattr(schema, name))
    assert rows
    assert all(meaning for *_, meaning in rows)


@pytest.mark.parametrize("tex", [r"\tfrac12 x", r"\Big( x \Big)", r"a \le \dots \le b", r"\big| x \big|"])
def test_formulas_that_docutils_cannot_read_are_rewritten(tex):
    assert mathml.to_mathml(tex, block=False).startswith("<math")


def test_an_index_stands_beside_its_letter_and_a_prime_is_a_prime():
    assert "munderover" not in mathml.to_mathml(r"\hat p_n + \hat\theta_k^2", block=True)
    assert "\u2032" in mathml.to_mathml("R(p'')", block=False)


def test_a_formula_that_nobody_can_read_is_refused():
    with pytest.raises(MathError):
        mathml.to_mathml(r"\nosuchcommand", block=True)


def test_a_public_name_without_a_page_is_found():
    assert public_names.missing_names(["genrates.neural"], set()) == [
        f"genrates.neural.{name}" for name in sorted(genrates.neural.__all__)
    ]
    assert not public_names.exists("genrates.estimators.base.no_such_name")
    assert not public_names.exists("numpy.ndarray")


def test_the_examples_of_the_docs_are_a_plan(monkeypatch, tmp_path):
    settings = {"conf": str(DOCS / "examples" / "conf"), "experiments": "mine", "results": str(tmp_path)}
    monkeypatch.syspath_prepend(str(DOCS / "examples"))
    monkeypatch.setenv("GENRATES_ALLOW", "mypackage")
    plan = Plan(settings)
    assert {cell.model.name for cell in plan.cells("mine")} == {
        "laplace-center=median", "laplace-center=mean", "gaussian", "kde",
    }  # fmt: skip
    monkeypatch.setenv("GENRATES_ALLOW", "")
    with pytest.raises(ConfigError, match="not allowed"):
        Plan(settings)
