"""Names of variants: unique, and fit for a folder."""

import itertools
import os
import re

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from genrates.errors import ConfigError
from genrates.workflow.variants import Variant, expand, variant_name

TEXTS = st.text(max_size=60) | st.text(st.sampled_from("./\\_-+=x0 ~\n\0"), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
KEYS = st.from_regex(r"[a-z_]{1,12}(\.[a-z_]{1,12}){0,2}", fullmatch=True)
CONFIGS = st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True)
MANY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(CONFIGS, st.lists(st.tuples(KEYS, VALUES), max_size=6))
@example("kde", [("path", "..")])
@example("kde", [("path", "../../x")])
@example("kde", [(f"parameter_{i}", 0.1) for i in range(20)])
@MANY
def test_a_name_is_fit_for_a_folder(config, changes):
    name = variant_name(config, changes)
    assert 0 < len(name) <= 120
    assert len(os.fsencode(name)) <= 255
    assert re.fullmatch(r"[A-Za-z0-9_.+=~-]+", name), "for paths, addresses, shells and MLflow alike"
    assert name not in (".", "..")
    assert name == variant_name(config, changes), "the same each time"


@given(KEYS, VALUES, VALUES)
@example("hidden", [1, 2], "1x2")
@example("hidden", [[1, 2], 3], [[1], [2, 3]])
@example("hidden", [1, [2, 3]], [[1, 2], 3])
@example("hidden", [0, 10], "0x10")
@example("hidden", [0, 10], 16)
@example("bandwidth", "0.3", 0.3)
@example("path", "a/x", "a_x")
@example("path", "a/x", "b/x")
@example("path", ".", "..")
@example("path", "", [])
@example("path", None, "None")
@example("flag", True, "True")
@example("path", "x" * 41, "x" * 42)
@MANY
def test_different_values_have_different_names(key, one, other):
    assume(not same(one, other))
    assert variant_name("kde", [(key, one)]) != variant_name("kde", [(key, other)])


def same(one, other) -> bool:
    """Return whether two values are one; a list of one value stands for that value."""
    return repr(unwrapped(one)) == repr(unwrapped(other))


def unwrapped(value):
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value


@given(st.lists(st.tuples(KEYS, SCALARS), min_size=1, max_size=4), st.data())
@MANY
def test_different_changes_have_different_names(changes, data):
    others = data.draw(st.lists(st.tuples(KEYS, SCALARS), max_size=4) | st.permutations(changes))
    assume(repr(others) != repr(changes))
    assert variant_name("kde", changes) != variant_name("kde", others)


@given(st.lists(st.text("ab", min_size=30, max_size=30), min_size=2, max_size=4, unique=True))
@MANY
def test_long_names_that_begin_alike_differ(values):
    names = {variant_name("kde" + "x" * 100, [("bandwidth", value)]) for value in values}
    assert len(names) == len(values)


@pytest.mark.parametrize(
    ("config", "changes", "name"),
    [
        ("kde", [], "kde"),
        ("kde", [("bandwidth", "lscv")], "kde-bandwidth=lscv"),
        ("kde", [("bandwidth", 0.3)], "kde-bandwidth=0.3"),
        ("slc", [("hidden", [8])], "slc-hidden=8"),
        ("slc", [("hidden", [8, 8]), ("delta", None)], "slc-hidden=8x8-delta=None"),
        ("manifold_pca", [("density.bandwidth", 1e-05)], "manifold_pca-density.bandwidth=1e-05"),
    ],
)
def test_ordinary_names_tell_the_values(config, changes, name):
    assert variant_name(config, changes) == name


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("größe.csv", "gr__e.csv~"),
        ("a/x", "a_x~"),
        ("0.3", "0.3~"),
        ("x" * 50, "x" * 40 + "~"),
        ("..", "..~"),
    ],
)
def test_a_name_with_a_hash_still_shows_its_value(value, shown):
    assert re.fullmatch(rf"kde-path={re.escape(shown)}[0-9a-f]{{8}}", variant_name("kde", [("path", value)]))


# -- lists of an experiment -------------------------------------------------------------------------


def variants(*entries, options=("kde", "slc")) -> list[Variant]:
    return expand(entries, "model", list(options), "conf/experiment/x.yaml: models")


def test_a_name_alone_is_one_variant():
    assert variants("kde", "slc") == [Variant("kde", (), "kde"), Variant("slc", (), "slc")]


def test_a_list_of_values_is_a_variant_a_value_and_only_it_is_named():
    first, second = variants({"kde": {"bandwidth": ["lscv", 0.3], "rtol": 1e-4}})
    assert first == Variant("kde", (("bandwidth", "lscv"), ("rtol", 1e-4)), "kde-bandwidth=lscv")
    assert second.changes == (("bandwidth", 0.3), ("rtol", 1e-4))
    assert second.overrides == {"bandwidth": 0.3, "rtol": 1e-4}


def test_several_lists_are_every_combination():
    found = variants({"slc": {"hidden": [[4], [8, 8]], "monotonicity": [0, 1]}})
    assert [v.name for v in found] == [
        f"slc-hidden={hidden}-monotonicity={m}" for hidden, m in itertools.product(["4", "8x8"], [0, 1])
    ]
    assert found[2].overrides == {"hidden": [8, 8], "monotonicity": 0}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("kdd", ["unknown model 'kdd'", "Did you mean 'kde'?", "Allowed: kde, slc"]),
        ({"kdd": {}}, ["unknown model 'kdd'"]),
        ({"kde": {}, "slc": {}}, ["one model an entry", "'slc'"]),
        ({}, ["one model an entry"]),
        ({"kde": {"bandwidth": []}}, ["kde: bandwidth: an empty list", "at least one"]),
        (7, ["unknown model 7"]),
    ],
)
def test_what_cannot_be_expanded_is_named(entry, words):
    with pytest.raises(ConfigError) as error:
        variants("kde", entry)
    assert str(error.value).startswith("conf/experiment/x.yaml: models: ")
    assert all(word in str(error.value) for word in words), str(error.value)
