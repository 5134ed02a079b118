"""A small part of the hunt, always the same: `make test-faults` does all of it."""

import logging

import pytest

from genrates.errors import ConfigError
from genrates.workflow.config import CONF
from genrates.workflow.plan import Plan

from . import configs, estimators, files
from .verdicts import FAULTS, verdict_of


@pytest.fixture(autouse=True)
def _quiet():
    """What is refused is logged too."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    ("part", "count"), [(configs, 25), (files, 300), (estimators, 15)], ids=["configs", "files", "estimators"]
)
def test_no_attempt_comes_to_a_fault(part, count):
    found = part.hunt(19, count)
    assert len(found) >= count
    assert [example for verdict, example in found if verdict in FAULTS] == []


WHOLE = {
    "model": "kde",
    "data": "marron_wand_06",
    "experiment": "rates",
    "sampler": "own",
    "metric": "root_mise",
    "budget": "smoke",
}


@pytest.mark.parametrize("group", configs.GROUPS)
def test_what_is_not_damaged_is_planned(tmp_path, group):
    """Else the damage is not what is refused."""
    settings = configs.settings_of_own(tmp_path, group, (CONF / group / f"{WHOLE[group]}.yaml").read_bytes())
    assert [cell.experiment for cell in Plan(settings).cells("mine")]


@pytest.mark.parametrize("group", sorted(set(configs.GROUPS)))
def test_what_is_damaged_is_read(tmp_path, group):
    """Else nothing of the group is tried."""
    with pytest.raises(ConfigError):
        Plan(configs.settings_of_own(tmp_path, group, b"[7"))


def test_a_fault_is_seen():
    def hangs():
        while True:
            pass

    def fails():
        raise KeyError("x")

    def refuses():
        raise ValueError("in words")

    assert verdict_of(hangs, seconds=0.05)[0] == "hang"
    assert verdict_of(fails)[0] == "traceback"
    assert verdict_of(refuses) == ("refused", "in words")
    assert verdict_of(lambda: "read") == ("read", "")
