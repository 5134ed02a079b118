"""pyproject.toml, constraints.txt, environment.yml and what is installed say the same."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def _pins(path: Path) -> dict[str, str]:
    lines = [line.strip().removeprefix("- ") for line in path.read_text().splitlines()]
    pairs = [line.split("==") for line in lines if re.fullmatch(r"[\w.\-]+==[\w.]+", line)]
    return {_name(name): found for name, found in pairs}


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
DIRECT = [Requirement(text) for text in PROJECT["dependencies"] + EXTRAS["dev"] + EXTRAS["cluster"]]
CONSTRAINTS = _pins(ROOT / "constraints.txt")
CONDA = _pins(ROOT / "environment.yml")


@pytest.mark.parametrize("requirement", DIRECT, ids=str)
def test_the_pin_of_a_direct_dependency_lies_in_its_range(requirement):
    pin = CONSTRAINTS[_name(requirement.name)]
    assert requirement.specifier.contains(pin)


def test_conda_has_the_same_packages_at_the_same_versions():
    assert CONDA == CONSTRAINTS


def test_every_line_of_the_constraints_is_an_exact_pin_that_anyone_can_meet():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines
    assert all(re.fullmatch(r"[\w.\-]+==[\w.]+", line) for line in lines), (
        "local versions (+cpu) are met by nobody"
    )


@pytest.mark.parametrize(
    "requirement", [r for r in DIRECT if r.name != "snakemake-executor-plugin-cluster-generic"], ids=str
)
def test_what_is_installed_is_what_is_pinned(requirement):
    assert version(requirement.name).split("+")[0] == CONSTRAINTS[_name(requirement.name)]
