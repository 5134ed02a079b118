"""A damaged file of an earlier step: the step that reads it says which one, and the way out."""

import itertools
import re
import shutil
import signal
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from genrates.analysis.results import CellResults
from genrates.analysis.summary import read_summaries
from genrates.errors import ConfigError
from genrates.files import record_file
from genrates.reporting.report import _config_of
from genrates.steps import evaluate, sample, train
from genrates.workflow.config import ConfigTree
from genrates.workflow.log import step_log

STEPS = {"train": train, "sample": sample, "evaluate": evaluate}
DAMAGES = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "without its end": lambda content: content[:-1],
    "foreign": lambda content: b"<html>not found</html>",
    "other JSON": lambda content: b"7",
    "zeros": lambda content: bytes(len(content)),
}


def run(step: str, folder: Path, model: str) -> None:
    names = ["cell.budget=b", "cell.data=d", "cell.variant=v", f"results={folder}", "downloads=none"]
    overrides = ["data=marron_wand_01", f"model={model}", "sizes=[10,40]", "replicates=2"]
    STEPS[step].main.__wrapped__(OmegaConf.create(ConfigTree().compose("cell", *overrides, *names)))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    for step in STEPS:
        run(step, folder, "gaussian")
    return folder


@pytest.fixture
def copy(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "copy")
    return tmp_path / "copy"


def broken(file: Path, damage: str) -> Path:
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    return file


READERS = [
    ("fits/index.json", "sample", "train"),
    ("fits/n=10.safetensors", "sample", "train"),
    ("fits/n=40.safetensors", "evaluate", "train"),
    ("draws/index.json", "evaluate", "sample"),
]


@pytest.mark.parametrize(
    ("damage", "name", "step", "maker"),
    [(damage, *reader) for damage, reader in itertools.product(DAMAGES, READERS)],
)
def test_a_step_says_which_file_and_the_way_out(copy, damage, name, step, maker):
    file = broken(next(copy.rglob("b/*/d/v")) / name, damage)
    with pytest.raises(SystemExit) as ended:
        run(step, copy, "gaussian")
    said = str(ended.value)
    assert said.startswith(f"genrates {step}: {file} is damaged"), said
    assert f"python -m genrates.steps.{maker}" in said
    assert "\n" not in said
    assert len(said) < 700
    assert not record_file(next(copy.rglob("b/*/d/v")), maker).exists(), "the pipeline makes it again"


CHANGES = [
    ("fits", '"ok"', '"oj"'),  # one byte: a fit that is neither good nor failed
    ("fits", '"ok"', '"failed"'),
    ("fits", '"status"', '"statut"'),
    ("fits", '"reason": ""', '"reason": "x"'),
    ("fits", '"n_parameters": 2', '"n_parameters": -2'),
    ("fits", '"seconds": 0', '"seconds": "0"'),
    ("draws", '"n_draws": 10', '"n_draws": 11'),
    ("draws", '"seed": [\n   0', '"seed": [\n   1'),
    ("draws", '"seed"', '"seec"'),
    ("draws", '"seconds"', '"reason"'),
]


@pytest.mark.parametrize(("folder", "old", "new"), CHANGES)
def test_a_row_that_no_step_writes(copy, folder, old, new):
    file = next(copy.rglob("b/*/d/v")) / folder / "index.json"
    text = file.read_text()
    changed = text.replace(old, new, 1)
    if new == '"seconds": "0"':
        changed = re.sub(r'"seconds": (.*?)([,\n])', r'"seconds": "\1"\2', text, count=1)
    assert changed != text
    file.write_text(changed)
    with pytest.raises(
        SystemExit, match=rf"{folder}/index\.json is damaged \(n = 10, replicate 0: "
    ) as ended:
        run("evaluate", copy, "gaussian")
    assert "\n" not in str(ended.value)


@pytest.mark.parametrize(("place", "other"), [("fits", "draws"), ("draws", "fits")])
def test_the_index_of_the_other_step(copy, place, other):
    cell = next(copy.rglob("b/*/d/v"))
    shutil.copy(cell / other / "index.json", cell / place / "index.json")
    with pytest.raises(SystemExit, match=rf"{place}/index\.json is damaged"):
        run("evaluate", copy, "gaussian")


@pytest.mark.parametrize(("name", "step", "maker"), READERS)
def test_a_missing_file(copy, name, step, maker):
    file = next(copy.rglob("b/*/d/v")) / name
    file.unlink()
    with pytest.raises(SystemExit, match=rf"genrates\.steps\.{maker}` with the same overrides"):
        run(step, copy, "gaussian")


def test_the_way_out_works(copy):
    broken(next(copy.rglob("fits/n=10.safetensors")), "half")
    for step in STEPS:
        run(step, copy, "gaussian")


@pytest.mark.parametrize("damage", [*DAMAGES, "missing"])
@pytest.mark.parametrize(
    ("name", "attribute", "maker"),
    [
        ("scores.parquet", "scores", "evaluate"),
        ("density_grids.npz", "density_grids", "evaluate"),
        ("samples.npz", "draws", "sample"),
    ],
)
def test_a_table_says_which_file_of_a_cell(copy, damage, name, attribute, maker):
    folder = next(copy.rglob("b/*/d/v"))
    if damage == "missing":
        (folder / name).unlink()
    else:
        broken(folder / name, damage)
    cell = CellResults.__new__(CellResults)
    vars(cell)["folder"] = folder
    with pytest.raises(ConfigError, match=f"{name} is (damaged|missing).*steps.{maker}") as error:
        getattr(cell, attribute)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"{", b"7", b"[1]", b"\xff\xfe", None])
def test_summaries(tmp_path, content):
    if content is not None:
        (tmp_path / "summaries.json").write_bytes(content)
    with pytest.raises(ConfigError, match=r"summaries\.json is (damaged|missing).*steps\.track"):
        read_summaries(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", None])
def test_a_cell_s_config_in_the_report(tmp_path, content):
    if content is not None:
        (tmp_path / "config.yaml").write_bytes(content)
    cell = CellResults.__new__(CellResults)
    vars(cell)["folder"] = tmp_path
    with pytest.raises(ConfigError, match=r"config\.yaml is (damaged|missing).*steps\.evaluate"):
        _config_of(cell)


def test_an_interrupted_step_ends_in_one_line(capsys):
    def interrupted():
        with step_log("train"):
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a process in the background ignores it
    try:
        with pytest.raises(SystemExit) as ended:
            interrupted()
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended.value.code == 130
    said = capsys.readouterr().err.splitlines()
    assert said == ["genrates train: interrupted; the same command carries on."]
