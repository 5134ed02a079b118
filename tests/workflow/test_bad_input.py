"""What cannot be run is refused before any job starts, in one message that says where and what is allowed."""

import pytest

from genrates.errors import ConfigError
from genrates.workflow import config
from genrates.workflow.plan import Plan

from .conftest import ROOT

#: (what is edited: file, old, new), (settings), words that the message must contain
CASES = {
    "unknown model": (
        ("conf/experiment/tiny.yaml", "[gaussian, kde]", "[gaussian, kdee]"),
        {},
        ["conf/experiment/tiny.yaml", "models", "'kdee'", "Did you mean 'kde'", "histogram", "slc"],
    ),
    "unknown metric": (
        ("conf/experiment/tiny.yaml", "[root_mise,", "[root_mis,"),
        {},
        ["conf/experiment/tiny.yaml", "metric", "'root_mis'", "Did you mean 'root_mise'", "wasserstein_1"],
    ),
    "unknown data": (
        ("conf/experiment/tiny.yaml", "[marron_wand_01]", "[marron_wand_16]"),
        {},
        ["conf/experiment/tiny.yaml", "data", "'marron_wand_16'", "marron_wand_15"],
    ),
    "unknown sampler": (
        ("conf/experiment/tiny.yaml", "figures:", "sampler: owl\nfigures:"),
        {},
        ["conf/experiment/tiny.yaml", "sampler", "'owl'", "Did you mean 'own'", "inversion"],
    ),
    "unknown figure": (
        ("conf/experiment/tiny.yaml", "figures: [convergence", "figures: [convergense"),
        {},
        ["conf/experiment/tiny.yaml", "figures", "'convergense'", "Did you mean 'convergence'"],
    ),
    "unknown experiment": (
        None,
        {"experiments": "tini"},
        ["experiments", "'tini'", "Did you mean 'tiny'", "rates"],
    ),
    "no experiment": (None, {"experiments": ","}, ["experiments", "at least 1"]),
    "unknown budget": (
        None,
        {"budget": "smok"},
        ["budget", "'smok'", "Did you mean 'smoke'", "full", "quick"],
    ),
    "unknown setting": (
        None,
        {"experiment": "tiny"},
        ["'experiment'", "Did you mean 'experiments'", "results"],
    ),
    "misspelt key": (
        ("conf/experiment/tiny.yaml", "title:", "titel:"),
        {},
        ["conf/experiment/tiny.yaml", "'titel'", "Did you mean 'title'", "metrics"],
    ),
    "misspelt parameter": (
        ("conf/experiment/sweep.yaml", "{bandwidth:", "{bandwith:"),
        {"experiments": "sweep"},
        ["conf/experiment/sweep.yaml", "kde", "'bandwith'", "Did you mean 'bandwidth'", "kernel"],
    ),
    "misspelt parameter in a model's config": (
        ("conf/model/kde.yaml", "bandwidth: lscv", "bandwith: lscv"),
        {"experiments": "sweep"},
        ["bandwith", "kernel"],
    ),
    "unknown value in a variant": (
        ("conf/experiment/sweep.yaml", "[silverman,", "[silvermann,"),
        {"experiments": "sweep"},
        ["conf/experiment/sweep.yaml", "kde", "bandwidth", "'silvermann'", "silverman", "lscv"],
    ),
    "negative bandwidth in a variant": (
        ("conf/experiment/sweep.yaml", "0.3]", "-0.3]"),
        {"experiments": "sweep"},
        ["conf/experiment/sweep.yaml", "kde", "bandwidth", "positive", "-0.3"],
    ),
    "negative bandwidth": (
        (
            "conf/experiment/sweep.yaml",
            "- kde: {bandwidth: [silverman, lscv, 0.3]}",
            "- kde: {bandwidth: -1.0}",
        ),
        {"experiments": "sweep"},
        ["conf/experiment/sweep.yaml", "kde", "bandwidth", "positive", "-1"],
    ),
    "a network's negative penalty": (
        ("conf/experiment/tiny.yaml", "[gaussian, kde]", "[{slc: {monotonicity: -1}}]"),
        {},
        ["conf/experiment/tiny.yaml", "slc", "monotonicity", ">= 0", "-1"],
    ),
    "an unknown kind of targets": (
        ("conf/experiment/tiny.yaml", "[gaussian, kde]", "[{slc: {targets: [sometimes]}}]"),
        {},
        ["conf/experiment/tiny.yaml", "slc", "targets", "'sometimes'", "redrawn"],
    ),
    "n is 0": (
        ("conf/experiment/tiny.yaml", "[50, 100, 200]", "[0, 100, 200]"),
        {},
        ["conf/experiment/tiny.yaml", "sizes: ", "positive integers that increase", "[0, 100, 200]"],
    ),
    "n is a half": (
        ("conf/experiment/tiny.yaml", "[50, 100, 200]", "[50.5, 100, 200]"),
        {},
        ["conf/experiment/tiny.yaml", "sizes.0", "integer", "got 50.5"],
    ),
    "no sizes": (
        ("conf/experiment/tiny.yaml", "[50, 100, 200]", "[]"),
        {},
        ["conf/experiment/tiny.yaml", "sizes: ", "positive integers that increase", "got []"],
    ),
    "sizes that do not increase": (
        ("conf/experiment/tiny.yaml", "[50, 100, 200]", "[50, 200, 100]"),
        {},
        ["conf/experiment/tiny.yaml", "sizes: ", "that increase", "[50, 200, 100]"],
    ),
    "more points than there are": (
        ("conf/experiment/tiny.yaml", "[marron_wand_01]", "[digits]"),
        {"budget": "full"},
        ["conf/experiment/tiny.yaml", "sizes", "digits", "100000"],
    ),
    "no replicates": (
        ("conf/experiment/tiny.yaml", "replicates: 2", "replicates: 0"),
        {},
        ["conf/experiment/tiny.yaml", "replicates: ", "a positive integer", "got 0"],
    ),
    "a model twice": (
        ("conf/experiment/tiny.yaml", "[gaussian, kde]", "[gaussian, kde, gaussian]"),
        {},
        ["conf/experiment/tiny.yaml", "twice", "smoke/tiny/marron_wand_01/gaussian"],
    ),
    "a budget that does not exist in an experiment": (
        ("conf/experiment/tiny.yaml", "  smoke: {", "  smokey: {"),
        {},
        ["conf/experiment/tiny.yaml", "budget", "'smokey'", "Did you mean 'smoke'"],
    ),
    "a seed below 0": (
        None,
        {"seed": -1},
        ["conf/pipeline.yaml", "seed", "greater than or equal to 0", "-1"],
    ),
    "results below a file": (
        None,
        {"results": "Snakefile/results"},
        ["results", "Snakefile", "not a folder one may write to"],
    ),
}
#: cases that a real run shows too (the others: make test-slow)
SHOWN = ("unknown model", "negative bandwidth in a variant", "results below a file")


@pytest.fixture
def read_from(monkeypatch):
    """Let this process plan the project in a folder."""

    def change(project):
        monkeypatch.setattr(config, "CONF", project.folder / "conf")
        monkeypatch.chdir(project.folder)

    return change


def prepare(clone, case: str) -> tuple[dict, list[str]]:
    edit, settings, words = CASES[case]
    if edit:
        clone.edit(edit[0], edit[1:])
    return {"budget": "smoke", "experiments": "tiny"} | settings, words


@pytest.mark.parametrize("case", CASES)
def test_a_plan_is_refused_with_a_message(clone, read_from, case):
    settings, words = prepare(clone, case)
    read_from(clone)
    before = sorted(clone.folder.rglob("*"))
    with pytest.raises(ConfigError) as refused:
        Plan(settings)
    message = str(refused.value)
    assert all(word in message for word in words), message
    assert sorted(clone.folder.rglob("*")) == before, "nothing is created"


@pytest.mark.parametrize(
    "case", [c if c in SHOWN else pytest.param(c, marks=pytest.mark.slow) for c in CASES]
)
def test_the_pipeline_is_refused_before_any_job(clone, case):
    settings, words = prepare(clone, case)
    said = clone.snakemake(code=1, **settings)
    complaint = [line for line in said.splitlines() if line.startswith("genrates: ")]
    assert len(complaint) == 1, said
    assert all(word in said for word in words), said
    assert "Traceback" not in said
    assert "Finished job" not in said
    assert not (clone.folder / "results").exists()


STEPS = {
    "unknown model": (["model=kd"], ["kd", "kde", "gaussian"]),
    "unknown parameter": (["model=kde", "model.bandwith=0.2"], ["bandwith"]),
    "negative bandwidth": (["model=kde", "model.bandwidth=-0.2"], ["bandwidth", "positive", "-0.2"]),
    "n is 0": (["sizes=[0,10]"], ["sizes", "positive integers that increase", "[0, 10]"]),
    "n is 0, in a folder of its own": (["sizes=[0,10]", "cell.variant=mine"], ["sizes", "positive integers"]),
    "a seed below 0": (["seed=-1"], ["seed", "integer >= 0", "-1"]),
    "a class of another package": (["model._target_=subprocess.Popen"], ["_target_", "subprocess.Popen"]),
    "a function": (["model._target_=genrates.estimators.load"], ["_target_", "is no class"]),
}
SHOWN_STEPS = ("unknown model", "n is 0", "a class of another package")


@pytest.mark.parametrize(
    "case", [c if c in SHOWN_STEPS else pytest.param(c, marks=pytest.mark.slow) for c in STEPS]
)
def test_a_step_by_hand_is_refused(clone, case):
    words, said_words = STEPS[case]
    said = clone.step("train", "data=marron_wand_01", *words, code=1)
    assert all(word in said for word in said_words), said
    assert "Traceback" not in said
    assert not (clone.folder / "results").exists()


@pytest.mark.slow
def test_drawings_that_cannot_be_fetched_end_the_command_and_nothing_takes_their_place(clone, tmp_path):
    """Nobody listens at port 9. `make cat` says what was tried and how to give a mirror."""
    clone.edit("conf/data/cat_sketches.yaml", ("https://storage.googleapis.com", "http://127.0.0.1:9"))
    said = clone.snakemake(code=1, experiments="cat_sketches", mirror=str(tmp_path))
    for words in ("Could not get cat.npy", "no file of this name", "127.0.0.1", "GENRATES_MIRROR=DIR"):
        assert words in said, said
    assert not list(clone.folder.glob("data/*/*.npy"))
    assert not (clone.folder / "results" / "smoke" / "cat_sketches").exists(), (
        "no model has learned anything else"
    )


def test_the_cases_are_about_this_project():
    """The embedded experiments pass the very checks that refuse the cases above."""
    assert (ROOT / "conf" / "experiment" / "rates.yaml").exists()
    plan = Plan({"budget": "smoke"})
    assert all(plan.cells(name) for name in plan.experiments)
