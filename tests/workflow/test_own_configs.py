"""Configs of a researcher's own lie in a folder of their own, outside the repository."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import genrates
from genrates.errors import ConfigError
from genrates.workflow.plan import Plan

#: no comment at the head: the project's own rules for its files are not a researcher's
FILES = {
    "model/wide.yaml": """
_target_: genrates.estimators.KernelDensity
bandwidth: scott
metadata:
  type: Nonparametric
  method: Wide kernels
  tuning: h
  tuned: bandwidth_
  limitation: Wide
  kind: kernel
  exact: kernel
""",
    "data/hill.yaml": """
_target_: genrates.data.Beta
a: 3
b: 4
metadata:
  title: Hill {a}, {b}
  truth: {tail: bounded, ends: ["{a} - 1", "{b} - 1"]}
""",
    "experiment/mine.yaml": """
title: Mine
data: [hill, mixture_d: {d: [1, 2]}]
models: [wide: {bandwidth: [scott, 0.5]}, gaussian]
budgets:
  smoke: {sizes: [20, 40], replicates: 2}
""",
}


@pytest.fixture
def own(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "my configs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())
    return tmp_path / "my configs"


@pytest.fixture
def plan(own, tmp_path) -> Plan:
    settings = {"experiments": "mine", "budget": "smoke", "results": str(tmp_path / "results")}
    return Plan({"conf": str(own)} | settings)


def test_the_plan_finds_them(plan):
    names = [cell.name for cell in plan.cells("mine")]
    data, models = (
        ("hill", "mixture_d-d=1", "mixture_d-d=2"),
        ("wide-bandwidth=scott", "wide-bandwidth=0.5", "gaussian"),
    )
    assert names == [f"smoke/mine/{d}/{m}" for d in data for m in models]
    experiment = plan.experiment_results("mine")
    assert experiment.metrics == ["root_mise", "root_sup_cdf", "kl", "wasserstein_1"]
    assert experiment.figures == ["convergence", "local_slopes", "table"]
    assert experiment.data_titles["hill"] == "Hill 3, 4"
    assert experiment.data_titles["mixture_d-d=2"] == "Two normals, d = 2"


def test_a_job_by_hand_finds_them(plan, tmp_path):
    """By the very overrides of the plan, in another process and another folder."""
    cell = plan.cells("mine")[0]
    words = shlex.split(plan.cell_overrides(cell, "evaluate"))
    assert any(word.startswith("hydra.searchpath=") for word in words)
    environment = os.environ | {"PYTHONPATH": str(Path(genrates.__file__).parents[1]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "genrates.steps.train", *words]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "results" / cell.name / "fits" / "index.json").read_text())
    assert [(row["n"], row["replicate"], row["status"]) for row in rows] == [
        (n, r, "ok") for n in (20, 40) for r in (0, 1)
    ]


def test_a_step_of_whole_experiments_finds_them(plan):
    words = shlex.split(plan.experiment_overrides("smoke", ["mine"]))
    assert any(word.startswith("conf=") for word in words)


def test_a_name_of_the_projects_is_refused(own, plan):
    (own / "model" / "kde.yaml").write_text(FILES["model/wide.yaml"])
    with pytest.raises(ConfigError, match=r"kde\.yaml: conf/model has this name already"):
        Plan({"conf": str(own), "experiments": "mine"})


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is no folder"):
        Plan({"conf": str(tmp_path / "nowhere")})
