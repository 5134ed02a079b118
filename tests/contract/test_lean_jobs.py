"""What the jobs of a closed-form model import: a short job is mostly imports."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import genrates

SOURCE = Path(genrates.__file__).parent
WORDS = ["data=marron_wand_01", "model=histogram", "sizes=[20,40]", "replicates=2", "results=results"]
#: never in a job of a model with a closed form
HEAVY = {"torch", "pytorch_lightning", "lightning", "mlflow", "pydantic", "snakemake", "numba"}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> dict[str, set[str]]:
    """Names of the modules that each job has loaded when it ends, by step."""
    folder = tmp_path_factory.mktemp("lean")
    environment = os.environ | {"PYTHONPATH": str(SOURCE.parent), "OMP_NUM_THREADS": "1"}
    found = {}
    for step in ("train", "sample", "evaluate"):
        code = (
            f"import json, sys; from genrates.steps.{step} import main; main(); "
            f"open('{step}.json', 'w').write(json.dumps(sorted(sys.modules)))"
        )
        command = [sys.executable, "-c", code, *WORDS]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr
        found[step] = set(json.loads((folder / f"{step}.json").read_text()))
    assert list(folder.glob("results/*/by_hand/marron_wand_01/histogram/scores.parquet")), "it did run"
    return found


@pytest.mark.parametrize("step", ["train", "sample", "evaluate"])
def test_a_histograms_job_imports_nothing_heavy(loaded, step):
    packages = {name.split(".")[0] for name in loaded[step]}
    assert not packages & HEAVY
    assert step == "evaluate" or "matplotlib" not in packages, "only evaluate draws"


@pytest.mark.parametrize("step", ["train", "sample", "evaluate"])
def test_no_module_of_ours_in_a_histograms_job_imports_pandas(loaded, step):
    """Read from the source, since pandas itself is loaded in any case: `sklearn.utils.fixes` imports it."""
    for name in loaded[step]:
        if name.split(".")[0] == "genrates":
            path = SOURCE.joinpath(*name.split(".")[1:])
            path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                assert "pandas" not in {found.split(".")[0] for found in names}, name
