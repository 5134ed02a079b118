"""Configs and settings with something wrong in them: each is planned, or refused in words."""

import random
import tempfile
from pathlib import Path

from genrates.workflow.config import CONF
from genrates.workflow.plan import Plan

from .verdicts import verdict_of

JUNK = (
    *(
        "abc",
        "''",
        "-1",
        "0",
        "1.5",
        "1e400",
        "1" + "0" * 30,
        ".nan",
        ".inf",
        "null",
        "true",
        "[]",
        "{}",
        "[1, a]",
    ),
    *("{a: 1}", "'${nowhere}'", "[[1]]", "2026-01-01", "!!binary aGk=", "'\\0'", "größe", "*x", "&x [*x]"),
)
TARGETS = (
    *(
        "os.system",
        "subprocess.Popen",
        "builtins.eval",
        "genrates.errors.ConfigError",
        "genrates.data.MarronWand",
    ),
    *(
        "genrates.metrics.RootMise",
        "genrates.estimators.DensityEstimator",
        "genrates.steps.train.main",
        "nowhere.X",
    ),
)
#: settings of `snakemake --config`
SETTINGS = (
    "budget",
    "experiments",
    "results",
    "seed",
    "sizes",
    "replicates",
    "mirror",
    "conf",
    "tracking",
    "typo",
)
VALUES = (
    "abc",
    "",
    -1,
    1.5,
    10**30,
    True,
    None,
    [],
    [1, "a"],
    {"a": 1},
    "a/../..",
    "[1,2",
    "\0",
    "$(touch x)",
    "é",
)
GROUPS = ("model", "data", "experiment", "sampler", "metric", "budget")


def hunt(seed: int, count: int) -> list[tuple[str, str]]:
    """Verdict and example of each of `count` attempts."""
    found = []
    for number in range(count):
        rng = random.Random(f"{seed}-{number}")
        with tempfile.TemporaryDirectory() as folder:
            example, settings = _attempt(rng, Path(folder))
            verdict, said = verdict_of(lambda settings=settings: _plan(settings))
            if Path(folder, "CANARY").exists():
                verdict, said = "wrong", "code of the config ran"
        found.append((verdict, f"--seed {seed}, attempt {number}: {example}: {said}"))
    return found


def _plan(settings: dict) -> str:
    Plan(settings)
    return "planned"


def _attempt(rng: random.Random, folder: Path) -> tuple[str, dict]:
    """Write configs of one's own with one of them damaged, or choose a wrong setting."""
    group = rng.choice(GROUPS)
    source = rng.choice(sorted((CONF / group).glob("*.yaml")))
    if rng.random() < 0.25:
        key, value = rng.choice(SETTINGS), rng.choice(VALUES)
        settings = settings_of_own(folder, group, source.read_bytes()) | {key: value}
        return f"{group}/{source.stem}, {key}={value!r}", settings
    content, change = _damaged(rng, source.read_text(encoding="utf-8"), folder)
    return f"{group}/{source.stem}, {change}", settings_of_own(folder, group, content)


def settings_of_own(folder: Path, group: str, content: bytes) -> dict:
    """Write a config of one's own and an experiment that uses it; return the settings that plan it."""
    name = "mine"  # none that the project has: that alone would be refused
    uses = {"data": "marron_wand_01", "model": "gaussian", "metric": "root_mise", "sampler": "own"}
    uses |= {group: name} if group in uses else {}
    lines = ["title: T", f"data: [{uses['data']}]", f"models: [{uses['model']}]"]
    lines += [f"metrics: [{uses['metric']}]", f"sampler: {uses['sampler']}"]
    _write(folder / "experiment" / "mine.yaml", "\n".join(lines).encode())
    _write(folder / group / f"{name}.yaml", content)
    budget = name if group == "budget" else "smoke"
    return {"budget": budget, "experiments": "mine", "results": str(folder / "r"), "conf": str(folder)}


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(content)


def _damaged(rng: random.Random, text: str, folder: Path) -> tuple[bytes, str]:
    """A config with one thing wrong in it, and what that is."""
    lines = text.splitlines()
    pairs = [i for i, line in enumerate(lines) if ":" in line and not line.lstrip().startswith("#")]
    at = rng.choice(pairs)
    key = lines[at].split(":")[0]
    kind = rng.choice(
        ("value", "value", "value", "target", "key", "gone", "twice", "cut", "byte", "indent", "encoding")
    )
    if kind == "value":
        value = rng.choice(JUNK)
        lines[at] = f"{key}: {value}"
        return "\n".join(lines).encode(), f"{key.strip()}: {value}"
    if kind == "target":
        target = rng.choice(TARGETS)
        kept = [line for line in lines if not line.startswith("_target_")]
        return "\n".join([*kept, f"_target_: {target}", f"command: touch {folder}/CANARY"]).encode(), target
    if kind == "key":
        lines[at] = lines[at].replace(key, key[:-1] or "x", 1)
    elif kind == "gone":
        del lines[at]
    elif kind == "twice":
        lines.insert(at, lines[at])
    elif kind == "indent":
        lines[at] = " " * rng.randint(1, 5) + lines[at]
    changed = "\n".join(lines).encode()
    where = rng.randrange(len(changed))
    if kind == "cut":
        changed = changed[:where]
    elif kind == "byte":
        changed = changed[:where] + bytes([rng.randrange(256)]) + changed[where + 1 :]
    elif kind == "encoding":
        changed = ("# größe\n" + changed.decode()).encode(rng.choice(("latin-1", "utf-16", "utf-32")))
    return changed, f"{kind} at {key.strip()}"
