"""Messages that a person can act on."""

import pytest

from genrates.errors import ConfigError, known
from genrates.workflow.schema import Budget, Experiment, Grid, Pipeline, checked

EXPERIMENT = {"title": "X", "data": ["a"], "models": ["b"], "metrics": ["c"], "figures": ["d"]}
TRACKING = {"host": "127.0.0.1", "port": 5000}
PIPELINE = {
    "budget": {"name": "b", "sizes": [1], "replicates": 1},
    "tracking": TRACKING,
    "experiments": ["x"],
    "results": "r",
    "seed": 0,
    "mirror": None,
}


def message(schema, content) -> str:
    with pytest.raises(ConfigError) as error:
        checked(schema, content, "conf/here.yaml")
    return str(error.value)


def test_what_is_right_passes():
    assert checked(Grid, {"sizes": [1, 2], "replicates": 1}, "").sizes == [1, 2]
    assert checked(Experiment, EXPERIMENT | {"models": ["a", {"b": {"c": [1]}}]}, "").sampler == "own"
    assert checked(Pipeline, PIPELINE, "").seed == 0


@pytest.mark.parametrize(
    ("schema", "content", "words"),
    [
        (Grid, {"sizes": [0], "replicates": 1}, ["sizes.0: ", "greater than 0", "got 0"]),
        (Grid, {"sizes": [2, 2], "replicates": 1}, ["sizes: must increase", "got [2, 2]"]),
        (Grid, {"sizes": [], "replicates": 1}, ["sizes: ", "at least 1", "got []"]),
        (Grid, {"sizes": [1.5], "replicates": 1}, ["sizes.0: ", "integer", "got 1.5"]),
        (Grid, {"sizes": ["10"], "replicates": 1}, ["sizes.0: ", "integer", "got '10'"]),
        (Grid, {"sizes": [1], "replicates": 0}, ["replicates: ", "greater than 0", "got 0"]),
        (Grid, {"sizes": [1], "replicates": True}, ["replicates: ", "integer", "got True"]),
        (Grid, {"sizes": [1]}, ["replicates: field required"]),
        (Budget, {"sizes": [1], "replicates": 1}, ["name: field required"]),
        (
            Experiment,
            EXPERIMENT | {"metric": ["c"]},
            ["unknown key 'metric'", "mean 'metrics'", "budgets"],
        ),
        (Experiment, EXPERIMENT | {"data": []}, ["data: ", "at least 1"]),
        (Experiment, EXPERIMENT | {"data": "a"}, ["data: ", "list", "got 'a'"]),
        (Pipeline, PIPELINE | {"seed": -1}, ["seed: ", "greater than or equal to 0", "got -1"]),
        (
            Pipeline,
            PIPELINE | {"tracking": TRACKING | {"port": 70_000}},
            ["port: ", "65535", "got 70000"],
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_key(schema, content, words):
    said = message(schema, content)
    assert said.startswith("conf/here.yaml: ")
    assert all(word in said for word in words), said


def test_every_wrong_key_is_named_at_once():
    assert len(message(Grid, {"sizes": [0], "replicates": 0}).splitlines()) == 2


def test_an_unknown_name_gets_the_closest_and_the_whole_list():
    assert known("kde", ["kde", "slc"], "model", "here") == "kde"
    with pytest.raises(ConfigError) as error:
        known("kdd", ["kde", "slc"], "model", "here")
    assert str(error.value) == "here: unknown model 'kdd'. Did you mean 'kde'? Allowed: kde, slc."
    with pytest.raises(ConfigError) as error:
        known(7, ["kde", "slc"], "model", "here")
    assert str(error.value) == "here: unknown model 7. Allowed: kde, slc."
