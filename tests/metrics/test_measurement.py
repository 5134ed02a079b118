"""Numbers of one fitted model: values, reasons why there are none, costs, and errors over replicates."""

import math

import numpy as np
import pytest

from genrates.data import MarronWand
from genrates.estimators import GaussianDensity, KernelDensity
from genrates.metrics.base import Evaluation, Metric, Skip
from genrates.metrics.measurement import (
    Measurement,
    aggregate,
    failed,
    measure,
    seconds_to_score,
    tuned_value,
)


@pytest.fixture
def evaluation() -> Evaluation:
    data = MarronWand(number=1)
    train = data.sample(30, np.random.default_rng(0))
    return Evaluation(KernelDensity(bandwidth=0.3).fit(train), data, train)


class Fixed(Metric):
    """A metric that returns, or raises, what it is given; the same for what stands beside its value."""

    def __init__(self, value, beside=None):
        self.value, self.beside = value, {} if beside is None else beside

    def __call__(self, evaluation):
        return _result(self.value)

    def auxiliary(self, evaluation):
        return _result(self.beside)


def _result(value):
    if isinstance(value, BaseException):
        raise value
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, (0.5, "ok", "")),
        (np.float32(0.5), (0.5, "ok", "")),
        (Skip("does not apply"), (None, "skipped", "does not apply")),
        (ValueError("no such value"), (None, "failed", "no such value")),
        (ZeroDivisionError(), (None, "failed", "ZeroDivisionError")),
        (math.inf, (None, "failed", "the value is inf")),
        (math.nan, (None, "failed", "the value is nan")),
    ],
    ids=repr,
)
def test_a_metric_has_a_value_or_a_reason(evaluation, value, expected):
    (found,) = measure("m", Fixed(value), evaluation)
    assert found.metric == "m"
    assert (None if math.isnan(found.value) else found.value, found.status, found.reason) == expected
    assert found.seconds >= 0


def test_a_mistake_in_the_code_of_a_metric_is_a_failed_value_that_names_its_type(evaluation):
    (found,) = measure("m", Fixed(KeyError("key")), evaluation)
    assert (found.status, found.reason) == ("failed", "KeyError: 'key'")


def test_a_person_who_interrupts_is_heard(evaluation):
    with pytest.raises(KeyboardInterrupt):
        list(measure("m", Fixed(KeyboardInterrupt()), evaluation))


def test_what_a_value_is_read_with_stands_behind_it(evaluation):
    value, floor, p_value = measure("m", Fixed(0.5, {"floor": 0.1, "p_value": 0.01}), evaluation)
    assert (value.metric, value.value) == ("m", 0.5)
    assert [(m.metric, m.value, m.status) for m in (floor, p_value)] == [
        ("floor.m", 0.1, "ok"),
        ("p_value.m", 0.01, "ok"),
    ]


def test_a_value_whose_floor_does_not_apply_stands_alone(evaluation):
    assert [m.metric for m in measure("m", Fixed(0.5, Skip("no floor")), evaluation)] == ["m"]


@pytest.mark.parametrize("value", [Skip("does not apply"), ValueError("bad"), math.inf], ids=repr)
def test_nothing_stands_beside_a_value_that_there_is_not(evaluation, value):
    assert len(list(measure("m", Fixed(value, {"floor": 0.1}), evaluation))) == 1


def test_a_model_that_could_not_be_fitted_has_its_reason_in_every_metric():
    found = failed("m", "no such fit")
    assert (found.metric, found.status, found.reason) == ("m", "failed", "no such fit")
    assert math.isnan(found.value)


def test_a_density_is_timed_where_there_is_one(evaluation):
    (found,) = seconds_to_score(evaluation)
    assert found.metric == "score_us_per_point"
    assert found.value > 0

    class Encoder:
        capabilities_ = frozenset()

    assert list(seconds_to_score(Evaluation(Encoder(), evaluation.data, evaluation.train))) == []


def test_a_tuned_value_is_one_number(evaluation):
    (found,) = tuned_value(evaluation.model, "bandwidth_")
    assert (found.metric, found.value) == ("tuned", 0.3)
    assert list(tuned_value(evaluation.model, None)) == []
    assert list(tuned_value(evaluation.model, "no_such_")) == []
    plane = GaussianDensity().fit(np.random.default_rng(0).standard_normal((9, 2)))
    assert list(tuned_value(plane, "mean_")) == [], "two numbers have no curve"


def test_replicates_become_one_error_where_each_has_a_value():
    rows = [
        (100, 0, Measurement("m", 3.0)),
        (100, 1, Measurement("m", 4.0)),
        (100, 0, Measurement("other", 9.0)),
        (10, 0, Measurement("m", 5.0)),
        (10, 1, Measurement("m", 7.0)),
        (1000, 0, Measurement("m", 1.0)),
        (1000, 1, failed("m", "no such fit")),
    ]
    assert aggregate(rows, "m", "mean") == {10: 6.0, 100: 3.5}
    assert aggregate(rows, "m", "root_mean_square") == pytest.approx({10: 37**0.5, 100: 12.5**0.5})
    assert list(aggregate(rows, "m", "mean")) == [10, 100]
    assert aggregate(rows, "no_such", "mean") == {}
