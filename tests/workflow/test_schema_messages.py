"""Messages that a person can act on."""

import pytest

from genrates.errors import ConfigError, check_choice
from genrates.workflow.schema import (
    Budget,
    DataMetadata,
    ExperimentConfig,
    Grid,
    ModelMetadata,
    PipelineConfig,
    Tracking,
    checked,
)

EXPERIMENT = {"title": "X", "data": ["a"], "models": ["b"], "metrics": ["c"], "figures": ["d"]}
TRACKING = {"host": "127.0.0.1", "port": 5000}
PIPELINE = {
    "budget": {"name": "b", "sizes": [1], "replicates": 1},
    "tracking": TRACKING,
    "experiments": ["x"],
    "results": "r",
    "seed": 0,
    "sizes": None,
    "replicates": None,
    "mirror": None,
    "conf": None,
}
MODEL = {
    "type": "Nonparametric",
    "method": "Histogram",
    "tuning": None,
    "tuned": None,
    "limitation": None,
    "kind": "histogram",
    "theory": {"kl": 1},
}
DATA = {"title": "X"}


def message(schema, content) -> str:
    with pytest.raises(ConfigError) as error:
        checked(schema, content, "conf/here.yaml")
    return str(error.value)


def test_what_is_right_passes():
    assert checked(Grid, {"sizes": [1, 2], "replicates": 1}, "").sizes == [1, 2]
    assert checked(ExperimentConfig, EXPERIMENT | {"models": ["a", {"b": {"c": [1]}}]}, "").sampler == "own"
    assert checked(PipelineConfig, PIPELINE, "").seed == 0
    assert checked(PipelineConfig, PIPELINE | {"sizes": [1, 2], "replicates": 3}, "").sizes == [1, 2]
    map_of_sizes = {100: 40, 1000: 20}
    assert checked(PipelineConfig, PIPELINE | {"replicates": map_of_sizes}, "").replicates == map_of_sizes
    assert checked(ModelMetadata, MODEL, "").limitation_measured is None
    assert checked(DataMetadata, DATA | {"n_features": 3}, "").n_features == 3


@pytest.mark.parametrize(
    ("schema", "content", "words"),
    [
        (Grid, {"sizes": [0], "replicates": 1}, ["sizes.0: ", "greater than 0", "got 0"]),
        (Grid, {"sizes": [2, 2], "replicates": 1}, ["sizes: must increase", "got [2, 2]"]),
        (Grid, {"sizes": [], "replicates": 1}, ["sizes: ", "at least 1", "got []"]),
        (Grid, {"sizes": [1.5], "replicates": 1}, ["sizes.0: ", "integer", "got 1.5"]),
        (Grid, {"sizes": ["10"], "replicates": 1}, ["sizes.0: ", "integer", "got '10'"]),
        (Grid, {"sizes": [1], "replicates": 0}, ["replicates: ", "a positive integer", "a map", "got 0"]),
        (Grid, {"sizes": [1], "replicates": True}, ["replicates: ", "integer", "got True"]),
        (Grid, {"sizes": [1], "replicates": {}}, ["replicates: ", "integer", "got {}"]),
        (Grid, {"sizes": [1], "replicates": {1: 0}}, ["replicates: ", "integer", "got {1: 0}"]),
        (Grid, {"sizes": [1], "replicates": {"a": 3}}, ["replicates: ", "integer", "got {'a': 3}"]),
        (
            Grid,
            {"sizes": [1], "replicates": {10: 3, 100: 4}},
            ["replicates: a larger size cannot have more", "got {10: 3, 100: 4}"],
        ),
        (Grid, {"sizes": [1]}, ["replicates: field required"]),
        (Budget, {"sizes": [1], "replicates": 1}, ["name: field required"]),
        (
            ExperimentConfig,
            EXPERIMENT | {"metric": ["c"]},
            ["unknown key 'metric'", "mean 'metrics'", "budgets"],
        ),
        (ExperimentConfig, EXPERIMENT | {"data": []}, ["data: ", "at least 1"]),
        (ExperimentConfig, EXPERIMENT | {"data": "a"}, ["data: ", "list", "got 'a'"]),
        (PipelineConfig, PIPELINE | {"seed": -1}, ["seed: ", "greater than or equal to 0", "got -1"]),
        (
            PipelineConfig,
            PIPELINE | {"tracking": TRACKING | {"port": 70_000}},
            ["tracking.port: ", "65535", "got 70000"],
        ),
        (
            PipelineConfig,
            PIPELINE | {"tracking": TRACKING | {"hst": "x"}},
            ["unknown key 'tracking.hst'", "mean 'host'", "Allowed: host, port."],
        ),
        (
            PipelineConfig,
            PIPELINE | {"budget": PIPELINE["budget"] | {"size": [1]}},
            ["unknown key 'budget.size'", "mean 'sizes'", "Allowed: sizes, replicates, name, minutes."],
        ),
        (Tracking, {"host": 1, "port": 5000}, ["host: ", "string", "got 1"]),
        (PipelineConfig, PIPELINE | {"experiments": []}, ["experiments: ", "at least 1"]),
        (PipelineConfig, PIPELINE | {"sizes": [0]}, ["sizes.0: ", "greater than 0", "got 0"]),
        (PipelineConfig, PIPELINE | {"replicates": 0}, ["replicates: ", "a positive integer", "got 0"]),
        (PipelineConfig, PIPELINE | {"replicate": 3}, ["unknown key 'replicate'", "mean 'replicates'"]),
        (PipelineConfig, PIPELINE | {"results": None}, ["results: ", "string", "got None"]),
        (
            ExperimentConfig,
            EXPERIMENT | {"budgets": {"quick": {"size": [1]}}},
            [
                "unknown key 'budgets.quick.size'",
                "mean 'sizes'",
                "Allowed: sizes, replicates, replicates_of, minutes, data, models.",
            ],
        ),
        (
            ExperimentConfig,
            EXPERIMENT | {"budgets": {"quick": {"sizes": "100"}}},
            ["budgets.quick.sizes: ", "list", "got '100'"],
        ),
        (ModelMetadata, MODEL | {"teory": {}}, ["unknown key 'teory'", "mean 'theory'"]),
        (ModelMetadata, {k: v for k, v in MODEL.items() if k != "type"}, ["type: field required"]),
        (ModelMetadata, MODEL | {"type": None}, ["type: ", "string", "got None"]),
        (DataMetadata, DATA | {"n_max": "100"}, ["n_max: ", "integer", "got '100'"]),
        (DataMetadata, DATA | {"theory": {"kde": 0.4}}, ["unknown key 'theory'", "truth"]),
    ],
)
def test_what_is_wrong_is_named_with_its_key(schema, content, words):
    said = message(schema, content)
    assert said.startswith("conf/here.yaml: ")
    assert all(word in said for word in words), said


def test_every_wrong_key_is_named_at_once():
    assert len(message(Grid, {"sizes": [0], "replicates": 0}).splitlines()) == 2


def test_an_unknown_name_gets_the_closest_and_the_whole_list():
    assert check_choice("kde", ["kde", "slc"], "model", "here") == "kde"
    with pytest.raises(ConfigError) as error:
        check_choice("kdd", ["kde", "slc"], "model", "here")
    assert str(error.value) == "here: unknown model 'kdd'. Did you mean 'kde'? Allowed: kde, slc."
    with pytest.raises(ConfigError) as error:
        check_choice(7, ["kde", "slc"], "model", "here")
    assert str(error.value) == "here: unknown model 7. Allowed: kde, slc."
