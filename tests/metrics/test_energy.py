"""The energy test: uniform p-values of a perfect model, small ones of a wrong one."""

import numpy as np
import pytest
from scipy.stats import binom, kstest

from genrates.data import MarronWand
from genrates.data.gaussian_d import GaussianD
from genrates.data.normal_mixture import NormalMixtureData
from genrates.metrics import EnergyTest
from genrates.metrics.base import Evaluation, Skip


class Model:
    """A "fitted model" without capabilities: its draws are given."""

    capabilities_ = frozenset()


def p_value(data, replicate: int, *, m: int = 40, shift=0.0, scale=1.0, n: int = 20) -> float:
    """The p-value of m true draws, shifted and scaled, beside the training set of a replicate."""
    train, drawn = np.random.default_rng(replicate).spawn(2)
    draws = shift + scale * data.sample(m, drawn)
    return EnergyTest()(Evaluation(Model(), data, data.sample(n, train), draws))


@pytest.mark.parametrize("data", [MarronWand(number=10), GaussianD(d=3)], ids=["claw", "d=3"])
def test_p_values_of_the_truth_are_uniform(data):
    """400 samples; the Kolmogorov-Smirnov test, and the share below .05: each alarms once in 10^4."""
    found = np.array([p_value(data, replicate) for replicate in range(400)])
    assert kstest(found, "uniform").pvalue > 1e-4
    level = 10 / 201  # the largest p-value up to 0.05 is 10 / 201
    rejected = np.sum(found <= 0.05)
    assert binom.ppf(5e-5, 400, level) <= rejected <= binom.ppf(1 - 5e-5, 400, level)


def test_a_shift_and_a_scale_are_seen():
    """Each is rejected in nearly all samples of 200; 18 of 20 at least."""
    data = NormalMixtureData(weights=[1.0], means=[0.0], sds=[1.0])
    shifted = [p_value(data, r, m=200, shift=0.6) for r in range(20)]
    wider = [p_value(data, r, m=200, scale=2.0) for r in range(20)]
    assert np.sum(np.array(shifted) <= 0.05) >= 18
    assert np.sum(np.array(wider) <= 0.05) >= 18


def test_it_is_the_same_each_time_and_says_whether_it_rejects():
    data = MarronWand(number=1)
    train = data.sample(30, np.random.default_rng(0))
    for shift, rejected in ((0.0, 0.0), (9.0, 1.0)):
        evaluation = Evaluation(Model(), data, train, data.sample(30, np.random.default_rng(1)) + shift)
        metric = EnergyTest()
        assert metric(evaluation) == metric(evaluation) == EnergyTest()(evaluation)
        assert metric.auxiliary(evaluation) == {"rejected": rejected}


@pytest.mark.parametrize("unit", [1e-150, 1e150])
def test_the_unit_of_the_data_does_not_matter(unit):
    def found(unit):
        data = NormalMixtureData(weights=[1.0], means=[0.0], sds=[unit])
        draws = 1.3 * data.sample(40, np.random.default_rng(1))
        return EnergyTest()(Evaluation(Model(), data, np.zeros((2, 1)), draws))

    assert found(unit) == found(1.0) < 1


def test_held_out_points_come_first_and_are_never_those_learned_from():
    class Table:
        n_features, points = 1, np.zeros((50, 1))
        test_points = np.ones((50, 1))

    evaluation = Evaluation(Model(), Table(), Table.points, np.ones((50, 1)))
    assert EnergyTest()(evaluation) == 1.0, "draws and held-out points are all equal"
    copies = Evaluation(Model(), Table(), Table.points, np.zeros((50, 1)))
    assert EnergyTest()(copies) == pytest.approx(1 / 201)


def test_without_draws_it_is_skipped_and_a_bad_option_is_named():
    with pytest.raises(Skip, match="cannot be sampled"):
        EnergyTest()(Evaluation(Model(), MarronWand(number=1), np.zeros((2, 1))))
    with pytest.raises(ValueError, match="EnergyTest: max_points must be an integer >= 2"):
        EnergyTest(max_points=1)
