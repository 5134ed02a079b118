"""A file that is no config is refused in one line that names it: no traceback, and no parser without end."""

import itertools
import os
from pathlib import Path

import pytest

from genrates.errors import ConfigError
from genrates.workflow.config import CONF
from genrates.workflow.plan import Plan

MODEL = (CONF / "model" / "gaussian.yaml").read_bytes()
EXPERIMENT = (
    b"title: T\ndata: [marron_wand_01]\nmodels: [own]\nmetrics: [root_mise]\nfigures: [convergence]\n"
)
LEVELS = "abcdefghi"
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n".encode() for a, b in itertools.pairwise(LEVELS)
)
#: what stands in the file, given what should, and words of the message
CASES = {
    "latin-1": (lambda good: "# größe\n".encode("latin-1") + good, "line 1: not UTF-8"),
    "UTF-16": (lambda good: good.decode().encode("utf-16"), "NUL characters; is the file in UTF-16"),
    "NUL": (lambda good: good + b"\0", "NUL characters"),
    "a number": (lambda good: b"7\n", "only '7'; a config holds keys and values"),
    "a word": (lambda good: b"hello\n", "only 'hello'"),
    "a list": (lambda good: b"- a\n- b\n", "a list; a config holds keys"),
    "nothing": (lambda good: b"", "empty"),
    "a comment": (lambda good: b"# nothing yet\n", "empty"),
    "an alias in itself": (lambda good: good + b"x: &x [*x]\n", r"alias \*x stands within"),
    "everything in itself": (lambda good: b"&a\n_target_: *a\n", r"alias \*a stands within"),
    "billions of laughs": (lambda good: good + BOMB, "aliases stand for more than 100000 values"),
    "an unknown alias": (lambda good: good + b"x: *nowhere\n", "nowhere"),
    "a key twice": (lambda good: good + b"x: 1\nx: 2\n", "the key 'x' stands there twice"),
    "a list as a key": (lambda good: good + b"? [a]\n: 1\n", "a key must be a word"),
    "too deep": (lambda good: good + b"x: " + b"[" * 3000 + b"]" * 3000, "nested more than 50 deep"),
    "a bracket": (lambda good: good + b"x: [1,2\n", "not YAML"),
    "a tabulator": (lambda good: b"a:\n\tb: 1\n", "line 2: not YAML"),
    "two documents": (lambda good: good + b"---\nx: 1\n", "a second document"),
    "a package": (lambda good: b"# @package nowhere\n" + good, "leave out @package"),
    "an object": (lambda good: good + b"x: !!python/object/apply:os.getcwd []\n", "constructor for the tag"),
    "an interpolation": (lambda good: good + b"x: ${nowhere}\n", "nowhere"),
    "a huge file": (lambda good: good + b"#" * 1_100_000, "larger than 1000000 bytes"),
}


def plan(folder: Path) -> Plan:
    return Plan({"conf": str(folder), "experiments": "mine", "budget": "smoke", "results": str(folder / "r")})


@pytest.fixture
def own(tmp_path) -> Path:
    for group, content in (("model", MODEL), ("experiment", EXPERIMENT)):
        (tmp_path / group).mkdir()
        name = "own" if group == "model" else "mine"
        (tmp_path / group / f"{name}.yaml").write_bytes(content)
    return tmp_path


def refused(own: Path, file: Path, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        plan(own)
    said = str(error.value)
    assert str(file) in said
    assert "\n" not in said


def test_the_good_files_are_accepted(own):
    assert len(plan(own).cells("mine")) == 1


def test_aliases_are_no_sin(own):
    (own / "model" / "own.yaml").write_bytes(
        MODEL.replace(b"type:", b"type: &t").replace(b"method:", b"method:")
    )
    assert len(plan(own).cells("mine")) == 1


@pytest.mark.parametrize("case", CASES)
def test_a_model_s_file_that_is_no_config(own, case):
    make, words = CASES[case]
    file = own / "model" / "own.yaml"
    file.write_bytes(make(MODEL))
    refused(own, file, words)


@pytest.mark.parametrize("case", ["latin-1", "UTF-16", "a number", "a list", "nothing", "billions of laughs"])
def test_an_experiment_s_file_that_is_no_config(own, case):
    make, words = CASES[case]
    file = own / "experiment" / "mine.yaml"
    file.write_bytes(make(EXPERIMENT))
    refused(own, file, words)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("folder", "a folder; a config is a file"),
        ("dangling", "No such file"),
        ("itself", "levels of symbolic links"),
        ("unreadable", "Permission denied"),
    ],
)
def test_a_config_that_is_no_file(own, kind, words):
    file = own / "model" / "own.yaml"
    if kind == "unreadable":
        if os.geteuid() == 0:
            pytest.skip("root reads everything")
        file.chmod(0)
    else:
        file.unlink()
        if kind == "folder":
            file.mkdir()
        else:
            file.symlink_to("own.yaml" if kind == "itself" else "nowhere.yaml")
    refused(own, file, words)


@pytest.mark.parametrize("conf", [__file__, "/nowhere", 7, True, "a\0b", "x" * 5000, []])
def test_a_folder_of_configs_that_is_none(conf):
    with pytest.raises(ConfigError, match=r"^conf: .* is no folder\.$"):
        Plan({"conf": conf})
