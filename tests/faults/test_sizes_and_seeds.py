"""Sizes, replicates, seeds and numbers of draws that cannot be run are refused by a plan and by a step."""

import pytest
from omegaconf import OmegaConf

from genrates.errors import ConfigError
from genrates.steps import evaluate, sample, train
from genrates.workflow.checks import check_sampler
from genrates.workflow.config import ConfigTree
from genrates.workflow.plan import Plan

CASES = [
    ("seed", -1, "greater than or equal to 0|an integer >= 0"),
    ("seed", 1.5, "integer"),
    ("seed", True, "integer"),
    ("seed", "abc", "integer"),
    ("sizes", [10**13], "at most 1000000000"),
    ("sizes", [10**30], "at most 1000000000"),
    ("sizes", [0, 10], "positive|greater than 0"),
    ("sizes", [1.5], "integer"),
    ("sizes", [True], "integer"),
    ("sizes", [20, 10], "increase"),
    ("sizes", [], "positive|at least 1"),
    ("sizes", 10, "list|positive integers"),
    ("replicates", 10**13, "at most 1000000000"),
    ("replicates", 10**9, "which no memory holds"),
    ("replicates", 10**8, "which no memory holds|fits"),
    ("replicates", 0, "positive|greater than 0"),
    ("replicates", 1.5, "integer"),
    ("replicates", "abc", "integer"),
]


CONFIGS = ConfigTree()


def case_id(value) -> str:
    return str(value)[:20]


@pytest.mark.parametrize(("key", "value", "words"), CASES, ids=case_id)
def test_a_plan_refuses_it(tmp_path, key, value, words):
    settings = {
        "experiments": "lecture_numbers",
        "budget": "smoke",
        "results": str(tmp_path / "r"),
        key: value,
    }
    if key == "replicates":
        settings |= {"experiments": "neighbors", "sizes": [1000]}
    with pytest.raises(ConfigError, match=words) as refused:
        Plan(settings)
    assert key in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("step", [train, sample, evaluate], ids=lambda step: step.__name__)
@pytest.mark.parametrize(("key", "value", "words"), CASES, ids=case_id)
def test_a_step_by_hand_refuses_it(tmp_path, step, key, value, words):
    names = ["cell.budget=b", "cell.data=d", "cell.variant=v", "downloads=none"]
    config = CONFIGS.compose("cell", "data=marron_wand_01", "model=gaussian", "budget=smoke", *names)
    with pytest.raises(SystemExit) as ended:
        step.main.__wrapped__(OmegaConf.create(dict(config) | {"results": str(tmp_path), key: value}))
    said = str(ended.value)
    assert said.startswith("genrates ")
    assert key in said
    assert "\n" not in said


def test_training_sets_beyond_this_machine_s_memory_are_refused_by_the_step(tmp_path):
    names = ["cell.budget=b", "cell.data=d", "cell.variant=v", f"results={tmp_path}", "downloads=none"]
    config = CONFIGS.compose("cell", "data=manifold_d", "data.d=100", "model=gaussian", *names)
    config = dict(config) | {"sizes": [10**9], "replicates": 10}
    with pytest.raises(SystemExit, match=r"need 8e\+03 GB; this machine has"):
        train.main.__wrapped__(OmegaConf.create(config))


def test_a_number_of_draws_is_refused():
    for value in (0, -1, 1.5, True, "abc", 10**13):
        config = CONFIGS.compose("sampler/own")["sampler"] | {"n_samples": value}
        with pytest.raises(ConfigError, match="OwnSampler: n_samples must be None or an integer"):
            check_sampler(config, "here")
