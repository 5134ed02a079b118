"""Damaged files: each gives what was in it, or is refused in words."""

import hashlib
import json
import random
import shutil
import tempfile
from pathlib import Path

import numpy as np
from omegaconf import OmegaConf

from genrates.analysis.results import CellResults
from genrates.data import CsvTable
from genrates.estimators import load
from genrates.steps import evaluate, sample, train
from genrates.workflow.cell_step import make_cell_job
from genrates.workflow.config import ConfigTree
from genrates.workflow.provenance import planned_origins

from .verdicts import verdict_of

OVERRIDES = ["data=marron_wand_01", "model=kde", "sizes=[10,40]", "replicates=2", "metric=[root_mise]"]
NAMES = ["cell.budget=b", "cell.data=d", "cell.variant=v", "downloads=none"]
#: files in which a changed digit is another number, and a row less a shorter table: nothing could tell
TEXTS = ("table.csv", "fits/index.json", "draws/index.json")


def hunt(seed: int, count: int) -> list[tuple[str, str]]:
    """Verdict and example of each of `count` attempts."""
    with tempfile.TemporaryDirectory() as folder:
        job = _whole(Path(folder))
        readers = _readers(job)
        right = {name: read() for name, read in readers.items()}
        found = []
        for number in range(count):
            rng = random.Random(f"{seed}-{number}")
            name = rng.choice(list(readers))
            path, before = job.folder / name, (job.folder / name).read_bytes()
            change = _damage(rng, path, [job.folder / other for other in readers])

            def attempt(name=name, change=change):
                if readers[name]() == right[name]:
                    return "read"
                if name.startswith("made/"):  # a record that is not the right one makes its step run again
                    return "made again"
                return "changed" if name in TEXTS and change.startswith(("byte", "cut")) else "wrong"

            verdict, said = verdict_of(attempt)
            if verdict == "refused" and Path(name).name not in said:
                verdict = "traceback"  # it does not say which file
            found.append((verdict, f"--seed {seed}, attempt {number}: {name} {change}: {said}"))
            path.write_bytes(before)
    return found


def _whole(folder: Path):
    """A cell whose three steps have run, with a table beside its files."""
    config = ConfigTree().compose("cell", *OVERRIDES, *NAMES, f"results={folder}")
    for step in (train, sample, evaluate):
        step.main.__wrapped__(OmegaConf.create(config))
    job = make_cell_job(config)
    rows = np.random.default_rng(0).normal(size=(40, 2)).round(3)
    (job.folder / "table.csv").write_text("height,weight\n" + "".join(f"{a},{b}\n" for a, b in rows))
    shutil.copy(job.folder / "fits" / "n=40.safetensors", folder / "other")
    return job


def _readers(job) -> dict:
    """How each file is read, as a digest of what is in it."""
    points = np.linspace(-2, 2, 9)[:, None]
    config = dict(job.config)

    def cell() -> CellResults:
        found = CellResults.__new__(CellResults)
        vars(found)["folder"] = job.folder
        return found

    def fits() -> str:
        fresh = make_cell_job(config)
        return _digest(*(model.score_samples(points) for _, model in fresh.fits()))

    def stand() -> str:
        return str([origin.stands for origin in planned_origins(job.folder, job).values()])

    return {
        "table.csv": lambda: _digest(CsvTable(path=str(job.folder / "table.csv")).points),
        "fits/index.json": lambda: json.dumps(job.index("fits")),
        "fits/n=40.safetensors": fits,
        "draws/index.json": lambda: json.dumps(job.index("draws")),
        "model/model.safetensors": lambda: _digest(
            load(job.folder / "model/model.safetensors").score_samples(points)
        ),
        "scores.parquet": lambda: cell().scores.drop(columns="seconds").to_csv(),
        "density_grids.npz": lambda: _digest(*cell().density_grids.values()),
        "samples.npz": lambda: _digest(cell().draws),
        "made/train.json": stand,
        "made/evaluate.json": stand,
    }


def _digest(*arrays: np.ndarray) -> str:
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


def _damage(rng: random.Random, path: Path, others: list[Path]) -> str:
    content = path.read_bytes()
    where = rng.randrange(len(content))
    kind = rng.choice(("cut", "byte", "byte", "byte", "empty", "swapped", "zeros", "longer", "encoding"))
    changed = {
        "cut": content[:where],
        "byte": content[:where] + bytes([rng.randrange(256)]) + content[where + 1 :],
        "empty": b"",
        "swapped": rng.choice(others).read_bytes(),
        "zeros": bytes(len(content)),
        "longer": content + rng.randbytes(7),
        "encoding": content.decode("latin-1").encode("utf-16"),
    }[kind]
    path.write_bytes(changed)
    return f"{kind} at {where}"
