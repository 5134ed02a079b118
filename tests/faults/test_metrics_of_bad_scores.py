"""A model whose scores or draws are NaN or infinite has failed: no metric makes a number of what is left."""

import inspect

import numpy as np
import pytest

from genrates import metrics
from genrates.data.normal_mixture import NormalMixtureData
from genrates.metrics.base import Evaluation, Metric, Skip
from genrates.metrics.measurement import Measurement, measure, tuned_value

N = 60


class Model:
    """The true normal, with scores, levels and draws spoilt by a function."""

    capabilities_ = frozenset({"likelihood", "sampling", "cdf"})
    n_features_in_ = 1

    def __init__(self, truth, spoil=lambda values: values):
        self.truth, self.spoil = truth, spoil

    def score_samples(self, X):
        return self.spoil(self.truth.logpdf(X))

    def score(self, X):
        return float(np.mean(self.score_samples(X)))

    def cdf(self, X):
        return self.spoil(self.truth.cdf(X))

    def log_bounds(self, X, n_states, random_state):
        return np.tile(self.score_samples(X), (len(n_states), 1))


def every_metric() -> list[type[Metric]]:
    found = (getattr(metrics, name) for name in metrics.__all__)
    # the base classes, and Parameters, which looks at no score and no draw
    apart = (Metric, metrics.SampleMetric, metrics.Parameters)
    return [c for c in found if inspect.isclass(c) and issubclass(c, Metric) and c not in apart]


def found(metric: type[Metric], spoil) -> Measurement:
    data = NormalMixtureData(weights=[1.0], means=[0.0], sds=[1.0])
    data.test_points = data.sample(N, np.random.default_rng(0))
    train, draws = (data.sample(N, np.random.default_rng(seed)) for seed in (1, 2))
    evaluation = Evaluation(Model(data, spoil), data, train, spoil(draws))
    return next(measure("m", metric(), evaluation))


def every(value):
    return lambda values: np.full_like(values, value)


def one(value):
    """Spoil the first of the largest values: a score in the middle of the truth, a draw, a level."""

    def spoil(values):
        values = values.copy()
        values.flat[np.argmax(values)] = value
        return values

    return spoil


SPOILT = {
    "all nan": every(np.nan),
    "all inf": every(np.inf),
    "one nan": one(np.nan),
    "one inf": one(np.inf),
    "first nan": lambda v: np.concatenate([np.full_like(v[:1], np.nan), v[1:]]),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
@pytest.mark.parametrize("metric", every_metric(), ids=lambda c: c.__name__)
def test_a_metric_of_bad_values_has_failed(metric, spoil):
    sound = found(metric, lambda values: values)
    if sound.status == "skipped":
        pytest.skip(sound.reason)
    assert sound.status == "ok"
    spoilt = found(metric, spoil)
    assert spoilt.status == "failed"
    assert np.isnan(spoilt.value)
    assert "NaN" in spoilt.reason or "inf" in spoilt.reason


def test_the_reason_names_the_model_and_what_it_said():
    assert found(metrics.KullbackLeibler, every(np.nan)).reason.startswith(
        "the log-density of Model is NaN at "
    )
    assert "+inf at 1 of" in found(metrics.KullbackLeibler, one(np.inf)).reason


@pytest.mark.parametrize("name", ["KullbackLeibler", "TailLogError", "HeldOutNLL"])
def test_a_density_of_zero_still_is_an_infinite_error(name):
    zero = found(getattr(metrics, name), every(-np.inf))
    assert zero.status == "skipped"
    assert zero.reason.startswith("infinite")


def test_a_density_of_zero_far_out_still_is_within_the_error_of_the_quadrature():
    far = found(metrics.KullbackLeibler, lambda v: np.where(v < -28, -np.inf, v))  # mass 2e-13
    assert (far.status, far.value) == ("ok", pytest.approx(0, abs=1e-10))


def test_a_truth_that_is_not_a_number_is_not_left_out():
    data = NormalMixtureData(weights=[1.0], means=[0.0], sds=[1.0])
    model = Model(data)
    data = type("Broken", (NormalMixtureData,), {"logpdf": lambda self, X: np.full(len(X), np.nan)})(
        weights=[1.0], means=[0.0], sds=[1.0]
    )
    row = next(measure("m", metrics.KullbackLeibler(), Evaluation(model, data, np.zeros((2, 1)))))
    assert (row.status, "the truth" in row.reason) == ("failed", True)


class Auxiliary(Metric):
    def __call__(self, evaluation):
        return 1.0

    def auxiliary(self, evaluation):
        return {"floor": float("nan"), "p_value": 0.5}


def test_an_auxiliary_number_that_is_not_finite_has_failed():
    rows = list(measure("m", Auxiliary(), None))
    assert [(row.metric, row.status) for row in rows] == [
        ("m", "ok"),
        ("floor.m", "failed"),
        ("p_value.m", "ok"),
    ]


def test_a_tuned_value_that_is_not_finite_has_failed():
    model = type("Tuned", (), {"bandwidth_": np.inf})()
    assert [row.status for row in tuned_value(model, "bandwidth_")] == ["failed"]


def test_no_draws_still_is_a_skip():
    data = NormalMixtureData(weights=[1.0], means=[0.0], sds=[1.0])
    with pytest.raises(Skip):
        _ = Evaluation(Model(data), data, np.zeros((2, 1)), why_no_draws="none").draws
