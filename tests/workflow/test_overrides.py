"""Settings as Hydra's overrides: what a shell and Hydra make of them is what they were made from."""

import math
import shlex

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import QuotedString
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from genrates.workflow.overrides import to_overrides

PARSER = OverridesParser.create()
#: whatever an argument of a process can hold
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
#: what means something to the shell or to Hydra
SPECIAL = st.text(st.sampled_from("\\\"'$`!~#&|;<>(){}[]*?=,:.+-/% \t\n\ra0é"), max_size=12)
WORDS = ["", "null", "NULL", "True", "false", "nan", "NaN", "inf", "-inf", "Infinity", "1", "-1", "+1", "1.5"]
WORDS += ["1e3", "1_000", "0x1f", ".5", "5.", ".", "..", "-", "_", "???", "choice(a,b)", "range(3)", "a,b"]
WORDS += ["[a]", "{a:b}", "a=b", "a b", " a", "a ", "\\", "\\\\", '"', '\\"', "'", "\\'", "a\\", 'a\\"b\\\\"']
WORDS += [
    "$HOME",
    "`id`",
    "$(id)",
    "~",
    "~x",
    "*",
    "?",
    "!x",
    "#x",
    "%s",
    "\\n",
    "\\u0041",
    "\n",
    "a\\\n",
    "\t",
]
WORDS += [
    "kde-bandwidth=0.3",
    "a/x.csv",
    "C:\\data\\x.csv",
    "${x}",
    "${",
    "\\${x}",
    "é",
    "größe",
    "aé",
    "\u2028",
    "\u00a0",
    "😀",
]


def plain(value):
    """Return what Hydra's parser has read, its quotes taken off."""
    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {plain(key): plain(v) for key, v in value.items()}
    return value


def read(overrides: str) -> dict:
    """Read overrides as a shell splits them, Hydra parses them, and OmegaConf resolves them."""
    parsed = PARSER.parse_overrides(shlex.split(overrides))
    assert not any(override.is_sweep_override() for override in parsed)
    assert not any(override.is_add() or override.is_delete() for override in parsed)
    found = {override.key_or_group: plain(override.value()) for override in parsed}
    return OmegaConf.to_container(OmegaConf.create(found), resolve=True)


@given(st.one_of(TEXTS, SPECIAL, st.sampled_from(WORDS)))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_text_comes_out_as_it_went_in(text):
    found = read(to_overrides({"model.key": text}))["model.key"]
    assert type(found) is str
    assert found == text


@pytest.mark.parametrize("text", WORDS, ids=ascii)
def test_a_text_that_means_something_comes_out_as_it_went_in(text):
    assert read(to_overrides({"a": text, "b": [text, text], "c": {"k": text}})) == {
        "a": text,
        "b": [text, text],
        "c": {"k": text},
    }


NUMBERS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.floats(allow_nan=False, width=16)
)
KEYS = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda key: key not in ("null", "true", "false", "nan", "inf")
)
VALUES = st.recursive(
    NUMBERS | TEXTS | SPECIAL,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
@example({"sizes": [10, 20], "bandwidth": 0.3, "bounds": [[0, None]], "path": "a b", "flag": True})
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_value_comes_out_as_it_went_in(values):
    found = read(to_overrides(values))
    assert found == values
    assert repr(found) == repr(values), "1 is not 1.0, nor true"


def test_a_number_that_is_none_is_still_a_number():
    assert math.isnan(read(to_overrides({"a": math.nan}))["a"])


def test_a_tuple_is_a_list():
    assert read(to_overrides({"a": (1, (2, "x"))})) == {"a": [1, [2, "x"]]}


def test_each_setting_is_one_word_of_the_shell():
    words = shlex.split(to_overrides({"a": "x y", "b": [1, 2], "c": "it's"}))
    assert words == ['a="x y"', "b=[1,2]", 'c="it\'s"']


def test_plain_words_are_not_quoted_so_that_a_person_can_type_them():
    assert to_overrides({"data": "marron_wand_06", "model.kernel": "gaussian", "seed": 0}) == (
        "data=marron_wand_06 model.kernel=gaussian seed=0"
    )
