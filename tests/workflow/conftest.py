"""A project that has run once, and cheap copies of it: what a test edits, breaks and runs again.

Everything happens in a copy of the project (Snakefile, conf, src, profiles) in pytest's temporary folder,
by the very command that a person types; the copy's `src` comes first on PYTHONPATH, so that the code which
is edited is the code that runs.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
PATIENCE = 600  # seconds after which a process is taken for hanging

EXPERIMENTS = {
    "tiny": """
# Two models with closed forms learn a normal.
#   make run EXPERIMENTS=tiny
title: Tiny
data: [marron_wand_01]
models: [gaussian, kde]
metrics: [root_mise, root_sup_cdf]
figures: [convergence, local_slopes, table]
budgets:
  smoke: {sizes: [50, 100, 200], replicates: 2}
""",
    "sweep": """
# Three bandwidths and a network learn a bimodal density.
#   make run EXPERIMENTS=sweep
title: Sweep
data: [marron_wand_06]
models:
  - kde: {bandwidth: [silverman, lscv, 0.3]}
  - cdf_network
metrics: [root_sup_cdf]
figures: [convergence, local_slopes, table]
budgets:
  smoke: {sizes: [50, 100], replicates: 2}
""",
}
GAUSSIAN, TINY_KDE = "smoke/tiny/marron_wand_01/gaussian", "smoke/tiny/marron_wand_01/kde"
SWEPT = [f"smoke/sweep/marron_wand_06/kde-bandwidth={value}" for value in ("silverman", "lscv", "0.3")]
NETWORK = "smoke/sweep/marron_wand_06/cdf_network"
TINY, SWEEP = [GAUSSIAN, TINY_KDE], [*SWEPT, NETWORK]
#: columns of the table that a clock or MLflow fills
UNREPEATABLE = ["fit_seconds", "score_us_per_point", "sample_us_per_draw", "run_id"]


#: the jobs that make an experiment's table, and the report
TINYS_TABLE = ("track smoke/tiny", "compare smoke/tiny", "report")
SWEEPS_TABLE = ("track smoke/sweep", "compare smoke/sweep", "report")


def jobs(
    cells: list[str], *others: str, rules: tuple[str, ...] = ("train", "sample", "evaluate")
) -> set[str]:
    """The jobs that compute `cells`, and `others`."""
    return {f"{rule} {cell}" for rule in rules for cell in cells} | set(others)


class Project:
    """A copy of the project in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder = folder

    def copy(self, folder: Path) -> "Project":
        shutil.copytree(self.folder, folder, symlinks=True)  # copy2: times are kept
        return Project(folder)

    def environment(self) -> dict[str, str]:
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("GENRATES", "SNAKEMAKE", "MLFLOW", "PYTEST"))
        }
        threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "NUMBA")}
        return kept | threads | {"PYTHONPATH": str(self.folder / "src"), "MLFLOW_DISABLE_TELEMETRY": "true"}

    def start(self, *words: str, **keywords) -> subprocess.Popen:
        """`python WORDS` in the project's folder, as the leader of a process group."""
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **keywords,
        )

    def python(self, *words: str, code: int | None = 0) -> str:
        """What `python WORDS` prints; it must end with exit status `code` (None: anything)."""
        process = self.start(*words)
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        finally:
            end(process)
        assert code is None or process.returncode == code, said
        return said

    def step(self, step: str, *words: str, code: int | None = 0) -> str:
        """One Hydra app by hand."""
        return self.python("-m", f"genrates.steps.{step}", *words, code=code)

    def snakemake(self, *words: str, cores: int = 2, code: int | None = 0, **settings: str) -> str:
        """The pipeline of both tiny experiments, unless `settings` say otherwise."""
        return self.python(*self.command(*words, cores=cores, **settings), code=code)

    def command(self, *words: str, cores: int = 2, **settings: str) -> list[str]:
        settings = {"budget": "smoke", "experiments": "tiny,sweep"} | settings
        config = [f"{key}={value}" for key, value in settings.items()]
        return ["-m", "snakemake", *words, "--cores", str(cores), "--config", *config]

    def plan(self, **settings: str) -> set[str]:
        """The jobs that would run, by their messages."""
        return announced(self.snakemake("--dry-run", **settings))

    def run(self, **settings: str) -> set[str]:
        """The jobs that did run."""
        return announced(self.snakemake(**settings))

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        """Replace text in a file; it must be there."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"{old!r} is not in {path}"
            text = text.replace(old, new, 1)
        file.write_text(text, encoding="utf-8")

    def append(self, path: str, text: str) -> None:
        with open(self.folder / path, "a", encoding="utf-8") as file:
            file.write(text)

    def table(self, experiment: str, results: str = "results") -> pd.DataFrame:
        """The comparison table, without what no second run can repeat."""
        path = self.folder / results / "smoke" / experiment / "comparison.csv"
        found = pd.read_csv(path).drop(columns=UNREPEATABLE)
        return found.assign(
            limitation=found["limitation"].str.replace(r": \S+ (s a fit|us a draw)$", "", regex=True)
        )

    def scores(self, cell: str, results: str = "results") -> pd.DataFrame:
        """A cell's scores: the measured errors, to the last bit; costs are a clock's."""
        rows = pd.read_parquet(self.folder / results / cell / "scores.parquet")
        return (
            rows[~rows["metric"].str.contains("seconds|_us_")]
            .drop(columns=["seconds"])
            .reset_index(drop=True)
        )


def announced(said: str) -> set[str]:
    """The messages of the jobs in Snakemake's output."""
    return set(
        re.findall(
            r"^(?:Job \d+: )((?:download|train|sample|evaluate|track|compare|report)\b.*)$", said, re.M
        )
    )


def end(process: subprocess.Popen) -> None:
    """Kill what is left of a process and of all its jobs."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def wait_until(condition, process: subprocess.Popen) -> None:
    """Until `condition()` holds; a process that ends before has failed."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if process.poll() is not None:
            pytest.fail(f"ended too early:\n{process.stdout.read()}")
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """A folder that all of pytest-xdist's workers share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def once(folder: Path, make) -> Project:
    """Let one worker make a project, and the others wait for it."""
    with FileLock(folder.with_suffix(".lock")):
        done = folder.with_suffix(".made")
        if not done.exists():
            if folder.exists():
                pytest.fail(f"{folder} could not be made; the first test that wanted it says why")
            make(folder)
            done.touch()
    return Project(folder)


def make_project(folder: Path) -> None:
    """Copy the project as a clone has it, with two tiny experiments."""
    left_out = shutil.ignore_patterns("__pycache__", "*.egg-info", ".snakemake")
    folder.mkdir()
    for name in ("src", "conf", "profiles", "docs/captions"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    for name in ("Snakefile", "pyproject.toml", "constraints.txt", "environment.yml"):
        shutil.copy2(ROOT / name, folder / name)
    for name, text in EXPERIMENTS.items():
        (folder / "conf" / "experiment" / f"{name}.yaml").write_text(text.lstrip())


@pytest.fixture(scope="session")
def pristine(shared) -> Project:
    """The project as a clone has it, with two tiny experiments. Copy it before you run anything in it."""
    return once(shared / "pristine", make_project)


@pytest.fixture(scope="session")
def finished(shared, pristine) -> Project:
    """The project after its pipeline has run on two cores. Copy it before you change anything in it."""

    def make(folder: Path) -> None:
        project = pristine.copy(folder)
        assert project.run() == jobs([*TINY, *SWEEP], *TINYS_TABLE, *SWEEPS_TABLE)

    return once(shared / "finished", make)


@pytest.fixture
def project(finished, tmp_path) -> Project:
    """A copy of the finished project."""
    return finished.copy(tmp_path / "project")


@pytest.fixture
def clone(pristine, tmp_path) -> Project:
    """A copy of the project in which nothing has run."""
    return pristine.copy(tmp_path / "clone")
