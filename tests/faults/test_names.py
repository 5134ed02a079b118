"""Names that meet a shell, Hydra, an address or a path: each arrives as it is, or is refused."""

import os
import random
import shlex
import shutil
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf
from sqlalchemy import create_engine, text

from genrates.errors import ConfigError
from genrates.tracking.store import open_store, tracking_uri
from genrates.workflow import cell_step
from genrates.workflow.config import ConfigTree
from genrates.workflow.overrides import to_overrides
from genrates.workflow.plan import Plan
from genrates.workflow.quoting import (
    check_folder_name,
    escape_interpolations,
    file_address,
    file_name,
    hydra_override,
    results_folder,
    shell_words,
    sqlite_address,
)
from genrates.workflow.store_version import artifact_folder
from genrates.workflow.variants import variant_name
from workflow.conftest import ROOT, clone, pristine, shared  # noqa: F401 (fixtures)

# fmt: off
PIECES = (
    "$(touch PWN)", "`touch PWN`", "; touch PWN;", "&& touch PWN", "| touch PWN", "> PWN", "$HOME", "*", "!!",
    "'", '"', "''", "\\", "\\\\", '\\"', "\\'", "\\$", "\\n", "\n", "\r", "\t", " ", "  ", "\u00a0",
    "\u2028", "\x1b[31m", "${x}", "${oc.env:HOME}", "\\${x}", "${", "$", "{}", "{x}", "{{", "}", "[", "]",
    "(", ")", ",", ":", "=", "@", "+", "%", "%20", "%2F", "%%", "?", "?uri=true", "#", "&", "file:", "://",
    "/", "sqlite:///", "..", ".", "-", "--x", "~", "null", "true", "nan", "1e5", "1_000", "0", "größe", "ß",
    "猫", "🐈", "a", "b c", "kde", "x" * 60,
)
# fmt: on
PWN = "a'$(touch PWN)'b c"


def two_thousand() -> list[str]:
    """Each piece by itself, and random sequences of them."""
    choose, found = random.Random(19), dict.fromkeys(PIECES)
    while len(found) < 2000:
        found["".join(choose.choices(PIECES, k=choose.randint(2, 6)))] = None
    return list(found)


NAMES = two_thousand()


def outcome(function, *arguments) -> tuple[str | None, str]:
    """What a function returns, or the one line with which it refuses."""
    try:
        return function(*arguments), ""
    except ConfigError as error:
        message = str(error)
    assert len(message.splitlines()) == 1
    return None, message


# -- each of the four -----------------------------------------------------------------------------


@pytest.mark.parametrize("shell", [shell for shell in ("sh", "bash", "dash") if shutil.which(shell)])
def test_a_shell_reads_every_name_as_one_word_and_runs_none(tmp_path, shell):
    command = f"printf '%s\\0' {shell_words(NAMES)}"
    said = subprocess.run([shell, "-c", command], cwd=tmp_path, capture_output=True, check=True)
    assert said.stdout.decode().split("\0")[:-1] == NAMES
    assert said.stderr == b""
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_no_command_can_be_given_is_refused():
    for name in ("a\0b", "a\udce4"):
        with pytest.raises(ConfigError, match="no command can be given it"):
            shell_words(["a", name])


def test_hydra_reads_every_name_as_it_is():
    """Alone, in a list and in a dict, through the shell; OmegaConf finds no interpolation in it."""
    parser = OverridesParser.create()
    for name in NAMES:
        value = {"a": [name, 0.5, None], "b": {"c": name}}
        words = shlex.split(to_overrides({"results": name, "model.x": value}))
        config = OmegaConf.create({over.key_or_group: over.value() for over in parser.parse_overrides(words)})
        assert OmegaConf.to_container(config, resolve=True) == {"results": name, "model.x": value}


@pytest.mark.parametrize(
    "value", [float("inf"), -float("inf"), 1e22, -1e-300, 2**70, True, None, "inf", "True", "1", [], {}]
)
def test_hydra_reads_numbers_and_words_as_they_are(value):
    """Before: infinity became the text "Infinity"."""
    found = OverridesParser.create().parse_override(hydra_override("k", value)).value()
    found = found.text if hasattr(found, "text") else found
    assert found == value
    assert type(found) is type(value)


def test_what_hydra_cannot_express_is_refused():
    """A key has no quotes in Hydra's grammar: one that it would read as another key is no key."""
    parser = OverridesParser.create()
    kept = 0
    for name in NAMES:
        override, refusal = outcome(hydra_override, "k", {name: 1})
        if not refusal:
            kept += 1
            assert parser.parse_override(override).value() == {name: 1}
    assert kept > 20
    for key in ("a b", "größe", "a=b", "", "x,y", "a:b", "../x"):
        with pytest.raises(ConfigError, match="is no key that Hydra"):
            hydra_override(key, 1)
    with pytest.raises(ConfigError, match="object"):
        hydra_override("k", object())


def test_a_config_file_keeps_every_name(tmp_path):
    """What `config.yaml` of a cell says is what a job that reads it again gets."""
    path = tmp_path / "config.yaml"
    content = {"names": NAMES, "more": {str(i): name for i, name in enumerate(NAMES)}}
    OmegaConf.save(OmegaConf.create(escape_interpolations(content)), path)
    assert OmegaConf.to_container(OmegaConf.load(path), resolve=True) == content


def test_an_address_leads_to_the_very_file(tmp_path, monkeypatch):
    """SQLAlchemy and SQLite make the database at its place, and nothing beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all").mkdir()
    for number, name in enumerate(NAMES):
        folder = tmp_path / "all" / f"{number}{name.replace('/', '')}"[:120]
        folder.mkdir()
        engine = create_engine(sqlite_address(folder / "mlflow.db"))
        with engine.connect() as connection:
            connection.execute(text("PRAGMA schema_version"))
            assert connection.execute(text("PRAGMA database_list")).fetchone()[2] == str(folder / "mlflow.db")
        engine.dispose()
        assert (folder / "mlflow.db").is_file()
        assert url2pathname(urlparse(file_address(folder)).path) == str(folder)
    assert len(list((tmp_path / "all").rglob("*"))) == 2 * len(NAMES)
    assert [path.name for path in tmp_path.iterdir()] == ["all"]


def test_an_mlflow_store_opens_in_any_folder(tmp_path, monkeypatch):
    """Before: the database of `a?b` was the file `a`."""
    monkeypatch.chdir(tmp_path)
    results = Path(f"a?b%20c#d {PWN}")
    client = open_store(results)
    made = client.create_experiment("genrates/x")
    assert [path.name for path in tmp_path.iterdir()] == [results.name]
    with sqlite3.connect(tmp_path / results / "mlflow.db") as connection:
        assert connection.execute(
            "SELECT name FROM experiments WHERE experiment_id = ?", [made]
        ).fetchone() == ("genrates/x",)
    connection.close()
    assert tracking_uri(results) == tracking_uri(tmp_path / results)


def test_a_value_becomes_a_part_of_a_folders_name(tmp_path):
    """One folder below its place, never elsewhere; two names never share it."""
    for make in (
        file_name,
        artifact_folder,
        lambda name: variant_name("kde", [("path", name), ("size", [1, name])]),
    ):
        found = {}
        for name in NAMES:
            folder = make(name)
            assert found.setdefault(folder, name) == name
            check_folder_name(folder, "test")
            assert urlparse(f"mlflow-artifacts:/{folder}").path == f"/{folder}", "an address does not cut it"
        for folder in found:
            (tmp_path / folder).mkdir(exist_ok=True)
        assert {path.name for path in tmp_path.iterdir()} >= set(found)
    assert check_folder_name(file_name("\udce4/x"), "test")
    longest = variant_name("猫" * 100, [("path", "🐈" * 300)] * 9)
    assert len(longest.encode()) <= 240
    (tmp_path / longest).mkdir()


def test_a_folders_name_is_one_folder_or_refused(tmp_path):
    accepted = 0
    others = ["", ".", "..", "../..", "a/b", "/etc", "a\0b", " a", "a ", "x" * 241, "猫" * 81, "\udce4"]
    for name in [*NAMES, *others]:
        found, refusal = outcome(check_folder_name, name, "cell.variant")
        assert found == name or refusal.startswith("cell.variant: must be the name of one folder")
        if found:
            accepted += 1
            (tmp_path / name).mkdir(exist_ok=True)
            assert (tmp_path / name).resolve().parent == tmp_path.resolve()
        assert name not in others or not found
    assert accepted > 200
    assert check_folder_name(5, "cell.variant") == "5"
    for value in (None, True, ["a"], {}):
        with pytest.raises(ConfigError, match=r"cell\.variant"):
            check_folder_name(value, "cell.variant")


def test_a_folder_has_one_spelling(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    accepted = 0
    for name in NAMES:
        found, refusal = outcome(results_folder, name)
        assert found or refusal.startswith("results: ")
        if found:
            accepted += 1
            spellings = [
                found,
                f"./{name}/",
                f"other/../{name}",
                f"{name}/.",
                f".//{name}",
                f"{tmp_path}/{name}",
            ]
            assert {results_folder(s) for s in (spellings if name[0] != "/" else [found, f"/{name}/"])} == {
                found
            }
            assert Path(found).resolve() == (tmp_path / name).resolve()
    assert accepted > 200


def test_a_link_to_another_disk_keeps_its_name(tmp_path, monkeypatch):
    (tmp_path / "disk").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "results").symlink_to(tmp_path / "disk")
    (tmp_path / "home").symlink_to(tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    (tmp_path / "project" / "results").symlink_to(tmp_path / "disk")
    assert results_folder("results") == "results"
    assert results_folder(f"{tmp_path}/home/results") == "results"
    assert results_folder("../results") == f"{tmp_path}/results"
    for bad in ("", None, 5, "~/results", "a{b}", "a\nb", "a\0b", "x" * 256):
        with pytest.raises(ConfigError, match="results"):
            results_folder(bad)


# -- where they are used --------------------------------------------------------------------------


@pytest.fixture
def hand(monkeypatch, tmp_path):
    """A function that makes the job of a cell by hand, with some of its names changed."""
    monkeypatch.chdir(tmp_path)
    tree = ConfigTree()
    groups = {"data": "marron_wand_01", "model": "gaussian", "sampler": "own"}
    content = {group: tree.compose(f"{group}/{name}")[group] for group, name in groups.items()}
    content |= {
        "metric": tree.metrics(["root_mise"]),
        "sizes": [50],
        "replicates": 2,
        "seed": 0,
        "minutes": None,
    }
    names = {"budget": "smoke", "experiment": "by_hand", "data": "d", "variant": "v"}

    def make(results="results", **changes):
        return cell_step.make_cell_job(content | {"results": results, "cell": names | changes})

    return make


@pytest.mark.parametrize("key", ["budget", "experiment", "data", "variant"])
def test_a_cell_by_hand_stays_in_its_folder(hand, key):
    """Before: `cell.experiment=../../..` wrote three folders above the results."""
    for name in ("../../..", "a/b", "..", ".", "/tmp/x", "", "a{b}", "a\nb"):
        with pytest.raises(ConfigError, match=rf"^config: cell\.{key}: must be the name of one folder"):
            hand(**{key: name})
    assert hand(**{key: "größe 1"}).folder.parts.count("größe 1") == 1
    assert hand(**{key: 7}).folder.parts.count("7") == 1


def test_a_cell_by_hand_has_the_pipelines_folder(hand, tmp_path):
    for spelling in ("results/", "./results", f"{tmp_path}/results", "x/../results"):
        assert hand(spelling).folder == Path("results/smoke/by_hand/d/v")
        assert hand(spelling).config["results"] == "results"
    with pytest.raises(ConfigError, match=r"^config: results: "):
        hand("a{b}")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A function that writes a config into a folder of one's own, and plans."""
    monkeypatch.chdir(tmp_path)
    experiment = "title: T\ndata: [{data}]\nmodels: [{model}]\nmetrics: [root_mise]\n"

    def plan(name: str = "x", model: str = "gaussian", data: str = "marron_wand_01", **settings) -> Plan:
        for group, stem, source in (("model", model, "gaussian"), ("data", data, "marron_wand_01")):
            folder = tmp_path / "own" / group
            folder.mkdir(parents=True, exist_ok=True)
            if stem != source:
                shutil.copyfile(ROOT / "conf" / group / f"{source}.yaml", folder / f"{stem}.yaml")
        folder = tmp_path / "own" / "experiment"
        folder.mkdir(exist_ok=True)
        quoted = experiment.format(
            data=f"'{data.replace(chr(39), 2 * chr(39))}'", model=f"'{model.replace(chr(39), 2 * chr(39))}'"
        )
        (folder / f"{name}.yaml").write_text(quoted, encoding="utf-8")
        return Plan({"conf": "own", "budget": "smoke", "experiments": [name]} | settings)

    return plan


def test_configs_may_have_any_names_that_are_folders(own):
    """Before: `größe` did not lex in Hydra's words."""
    plan = own("größe #1?", "it's; touch PWN", 'my "data" %20')
    (cell,) = plan.cells("größe #1?")
    assert cell.name == 'smoke/größe #1?/my "data" %20/it\'s; touch PWN'
    words = shlex.split(plan.cell_overrides(cell, "evaluate"))
    values = {over.key_or_group: over.value() for over in OverridesParser.create().parse_overrides(words)}
    assert values["model"] == "it's; touch PWN"
    assert values["cell.data"] == 'my "data" %20'


@pytest.mark.parametrize("name", ["a{b}", "$x$", "..", "a\nb", " a"])
@pytest.mark.parametrize("group", ["name", "model", "data"])
def test_a_config_whose_name_is_no_folder_is_refused(own, group, name):
    with pytest.raises(ConfigError, match=r"own/\w+: the name of a config: must be the name of one folder"):
        own(**{group: name})


def test_a_budget_cannot_lead_out_of_the_results(own, tmp_path):
    (tmp_path / "own" / "budget").mkdir(parents=True)
    (tmp_path / "own" / "budget" / "mine.yaml").write_text("name: ../../mine\nsizes: [50]\nreplicates: 2\n")
    with pytest.raises(ConfigError, match="budget: name: must be the name of one folder"):
        own(budget="mine")


def test_a_download_is_asked_for_in_quotes(own):
    """Before: `snakemake 'data/$(touch PWN)/manifest.json'` ran it; one's own config was not found."""
    plan = own(data="it's; touch PWN")
    words = shlex.split(plan.download_overrides("it's; touch PWN"))
    assert words[-1] == 'data="it\'s; touch PWN"'
    assert words[0].startswith("hydra.searchpath=")
    with pytest.raises(ConfigError, match="unknown data"):
        plan.download_overrides("$(touch PWN)")


# -- make -----------------------------------------------------------------------------------------


# fmt: off
VALUES = [
    "my results", "x;touch PWN;", "a'b", "'a'", '"a"', PWN, "`touch PWN`", "$(shell touch PWN)", "$HOME",
    "${shell touch PWN}", "a # b", "a: b", "[x", "null", "1", "%?#&*", "größe", "-x", "$$", "a\\", "\\'",
    "a,b", "!x", "&x", "$(value RESULTS)", "True",
]
# fmt: on


@pytest.fixture
def tools(tmp_path):
    """The Makefile beside tools that only say what they were given, in a folder with an awkward name."""
    folder = tmp_path / "it's $(touch PWN)"
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copyfile(ROOT / "Makefile", folder / "Makefile")
    for name in ("snakemake", "genrates"):
        (folder / ".venv" / "bin" / name).write_text(f'#!/bin/bash\nprintf "%s\\0" {name} "$@" >> said\n')
        (folder / ".venv" / "bin" / name).chmod(0o755)
    for name in ("pyproject.toml", "constraints.txt", ".venv/.run"):
        (folder / name).touch()

    def make(*words: str, **environment: str) -> list[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
        ended = subprocess.run(
            ["make", *words], cwd=folder, env=kept | environment, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
        assert not list(folder.rglob("*PWN*")), words
        said = (folder / "said").read_bytes().decode().split("\0")[:-1]
        (folder / "said").unlink()
        return said

    return make


def as_snakemake_reads(word: str) -> tuple[str, object]:
    from snakemake.cli import parse_config

    return next(iter(parse_config([word]).items()))


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_make_hands_every_value_on_as_it_is(tools):
    """Before: "my results" were two words, and `x;touch PWN;` ran."""
    for value in VALUES:
        said = tools("run", f"RESULTS={value}")
        assert said[:4] == ["snakemake", "--cores", "all", "--config"]
        assert as_snakemake_reads(said[4]) == ("results", value)
        assert said[5:] == ["genrates", "show", f"--results={value}"]
    said = tools("run", BUDGET="smoke", EXPERIMENTS=f"rates {PWN}", CORES=PWN, RESULTS=PWN, CONF=PWN)
    assert said[:4] == ["snakemake", "--cores", PWN, "--config"]
    settings = dict(map(as_snakemake_reads, said[4:8]))
    assert settings == {"results": PWN, "budget": "smoke", "conf": PWN, "experiments": f"rates {PWN}"}
    said = tools("ui", f"RESULTS={PWN}", f"HOST={PWN}", f"PORT={PWN}")
    assert said == ["genrates", "ui", f"--results={PWN}", f"--host={PWN}", f"--port={PWN}"]
    assert tools("ui") == ["genrates", "ui", "--results=results"]
    assert as_snakemake_reads(tools("cat", "EXPERIMENTS=rates")[5]) == ("experiments", "cat_sketches")
    assert as_snakemake_reads(tools("report", f"BUDGET={PWN}")[5]) == ("budget", PWN)


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_make_clean_removes_one_folder(tmp_path):
    """Before: `make clean RESULTS="x y"` removed what was in `x` and in `y`."""
    shutil.copyfile(ROOT / "Makefile", tmp_path / "Makefile")
    for name in ("x", "y", "x y"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "README.md").touch()
    subprocess.run(["make", "clean", "RESULTS=x y"], cwd=tmp_path, input="y\n", text=True, check=True)
    assert [(tmp_path / name / "deep").exists() for name in ("x", "y", "x y")] == [True, True, False]
    assert (tmp_path / "x y" / "README.md").exists()


# -- the whole pipeline ---------------------------------------------------------------------------


@pytest.mark.slow
def test_a_pipeline_in_a_folder_with_an_awkward_name(clone):  # noqa: F811
    """Train to report, in one cell; the same folder spelt otherwise has nothing to do."""
    clone.edit("conf/experiment/tiny.yaml", ("[gaussian, kde]", "[gaussian]"))
    clone.snakemake(experiments="tiny", results=PWN)
    assert not list(clone.folder.rglob("PWN"))
    for name in (
        "report.html",
        "mlflow.db",
        "smoke/tiny/comparison.csv",
        "smoke/tiny/marron_wand_01/gaussian/config.yaml",
    ):
        assert (clone.folder / PWN / name).is_file()
    for spelling in (f"./{PWN}/", str(clone.folder / PWN)):
        assert "Nothing to be done" in clone.snakemake("--dry-run", experiments="tiny", results=spelling)
    said = clone.step("train", "data=marron_wand_01", "cell.experiment=../../..", code=1)
    assert "config: cell.experiment: must be the name of one folder" in said
    assert "Traceback" not in said
