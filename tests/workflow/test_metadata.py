"""Metadata of models and data sets that cannot be right are refused when the pipeline is planned."""

import pytest

from genrates.errors import ConfigError
from genrates.workflow.checks import check_data, check_model
from genrates.workflow.config import ConfigTree

CONFIGS = ConfigTree()


def refusal(group: str, name: str, metadata: dict) -> str:
    content = CONFIGS.choose(group, name, {}, "here")
    content["metadata"] |= metadata
    with pytest.raises(ConfigError) as error:
        check_model(CONFIGS, content, "here") if group == "model" else check_data(content, "here")
    return str(error.value)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        (
            {"exact": "kernal"},
            ["metadata.exact", "'kernal'", "Did you mean 'kernel'", "histogram, kernel, neighbors, series"],
        ),
        ({"kind": "kernal"}, ["metadata.kind", "'kernal'", "Did you mean 'kernel'", "neighbors"]),
        ({"kind": {"kernel": {"order": "two"}}}, ["metadata.kind", "two"]),
        ({"kind": {}}, ["metadata: kind", "one kind"]),
        ({"theory": {"root_mice": "1/2"}}, ["metadata.theory", "'root_mice'", "Did you mean 'root_mise'"]),
        ({"theory": {"kl": "half"}}, ["metadata.theory.kl", "cannot read 'half'"]),
        ({"limitation_measured": "plato"}, ["limitation_measured", "'plato'", "Did you mean 'plateau'"]),
        ({"famly": "x"}, ["'famly'", "Did you mean 'family'"]),
    ],
)
def test_a_models_metadata(metadata, words):
    said = refusal("model", "kde", metadata)
    assert all(word in said for word in words), said


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"title": "Beta({a}, {c})"}, ["metadata", "'c'", "a, b"]),
        ({"truth": {"tail": "{scale}"}}, ["metadata", "'scale'", "a, b"]),
        ({"truth": {"tail": "heavy"}}, ["metadata", "heavy"]),
        ({"truth": {"tails": "normal"}}, ["metadata", "tails", "tail"]),
        ({"truth": {"tail": "bounded", "ends": ["{a} - 3"]}}, ["metadata", "0 or more"]),
        ({"n_max": 0}, ["metadata", "n_max", "greater than 0"]),
        ({"theory": {"kde": {"kl": "1/2"}}}, ["unknown key 'theory'"]),
    ],
)
def test_a_data_sets_metadata(metadata, words):
    said = refusal("data", "beta", metadata)
    assert all(word in said for word in words), said


def test_a_new_family_is_nobodys_business():
    content = CONFIGS.choose("model", "gaussian", {}, "here")
    content["metadata"] |= {"family": "laplace", "type": "Robust"}
    check_model(CONFIGS, content, "here")
