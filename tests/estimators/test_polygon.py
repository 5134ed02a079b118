"""The frequency polygon and averaged shifted histograms, against definitions by hand."""

import numpy as np
import pytest

from genrates.data import MarronWand
from genrates.data.quadrature import composite_gauss_legendre
from genrates.estimators import FrequencyPolygon
from genrates.estimators.histogram.polygon import normal_constant
from genrates.metrics import Evaluation, RootMISE


def _by_hand(x, h, m, queries):
    """The mean of m shifted histograms at midpoints of bins of width h/m, joined by numpy's own lines."""
    step = h / m
    n_bins = int((x.max() - x.min()) / step) + 1
    middle = x.min() + step * (np.arange(-m - 1, n_bins + m + 1) + 0.5)
    heights = np.zeros(len(middle))
    for shift in range(m):
        # one of the m grids of width h: its bins begin at the minimum plus a multiple of the step
        cell = np.floor((x - x.min()) / step + 1e-9 + shift) // m
        own = np.floor(np.rint((middle - x.min()) / step - 0.5) + shift) // m
        heights += np.array([np.mean(cell == c) for c in own]) / h / m
    return np.interp(queries, middle, heights, left=0, right=0)


@pytest.mark.parametrize("m", [1, 2, 5])
def test_density_is_the_mean_of_shifted_histograms(m):
    x = np.random.default_rng(0).normal(size=200)
    model = FrequencyPolygon(bin_width=0.6, n_shifts=m).fit(x[:, None])
    queries = np.linspace(x.min() - 1, x.max() + 1, 301)
    expected = _by_hand(x, 0.6, m, queries)
    np.testing.assert_allclose(np.exp(model.score_samples(queries[:, None])), expected, atol=1e-12)


def test_many_shifts_are_a_triangle_s_kernel_estimate():
    x = np.random.default_rng(1).normal(size=100)
    model = FrequencyPolygon(bin_width=0.8, n_shifts=500).fit(x[:, None])
    queries = np.linspace(-3, 3, 50)
    kernel = np.maximum(1 - np.abs(queries[:, None] - x) / 0.8, 0).mean(axis=1) / 0.8
    np.testing.assert_allclose(np.exp(model.score_samples(queries[:, None])), kernel, atol=2e-3)


@pytest.mark.parametrize("m", [1, 4])
def test_the_risk_is_the_leave_one_out_risk(m):
    """The square by quadrature, each point left out by fitting the others on the same bins."""
    x = np.sort(np.random.default_rng(2).normal(size=40))
    model = FrequencyPolygon(bin_width=0.5, n_shifts=m).fit(x[:, None])
    model._rounding = 0.0
    nodes, weights = composite_gauss_legendre(*model.ppf([0, 1]), 10, model.breakpoints_)
    square = weights @ np.exp(2 * model.score_samples(nodes[:, None]))
    left_out = [_by_hand_on(np.delete(x, i), x[0], x[-1], 0.5, m, x[i]) for i in range(len(x))]
    expected = (square - 2 * np.mean(left_out)) * (x[-1] - x[0])
    assert model._risk(x, None, len(x), 0.5 / m) == pytest.approx(expected, abs=1e-6)


def _by_hand_on(x, low, high, h, m, query):
    """The estimate at one place, on the bins of data from `low` to `high`."""
    step = h / m
    middle = low + step * (np.arange(-m - 1, int((high - low) / step) + m + 2) + 0.5)
    bins = np.floor((x - low) / step)
    away = np.abs(np.rint((middle - low) / step - 0.5)[:, None] - bins)
    return np.interp(query, middle, np.maximum(1 - away / m, 0).mean(axis=1) / h)


def test_the_normal_rule_has_scott_s_constants():
    assert normal_constant(1) == pytest.approx(2.15, abs=0.01)
    assert normal_constant(200) == pytest.approx(2.576, abs=0.001)
    x = np.random.default_rng(3).normal(size=1000)
    model = FrequencyPolygon(bin_width="normal").fit(x[:, None])
    assert model.bin_width_ == pytest.approx(normal_constant(1) * x.std() * 1000**-0.2)


@pytest.mark.parametrize("m", [1, 8])
def test_the_normal_rule_s_width_has_the_least_error(m):
    """The error on a normal at widths .7, 1, 1.4 times the rule's, 60 samples each: the middle is least."""
    data, n = MarronWand(number=1), 2000
    mean = {}
    for factor in (0.7, 1.0, 1.4):
        width = factor * normal_constant(m) * n**-0.2
        squares = []
        for seed in range(60):
            X = data.sample(n, np.random.default_rng(seed))
            model = FrequencyPolygon(bin_width=width, n_shifts=m).fit(X)
            squares.append(RootMISE()(Evaluation(model, data, X, None)) ** 2)
        mean[factor] = np.mean(squares)
    assert mean[1.0] < min(mean[0.7], mean[1.4])


def test_rounded_values_get_whole_steps():
    x = np.random.default_rng(4).normal(0, 20, size=500).round()
    for m in (1, 3):
        model = FrequencyPolygon(n_shifts=m).fit(x[:, None])
        assert model.step_ == np.rint(model.step_) >= 1
        assert (model.origin_ - model.step_ / 2 + 0.5) == np.rint(model.origin_ - model.step_ / 2 + 0.5)


@pytest.mark.parametrize("unit", [1e-290, 1e-155, 1e155, 1e290])
def test_the_unit_of_the_data_changes_nothing(unit):
    x = np.random.default_rng(5).normal(size=(100, 1))
    plain, scaled = FrequencyPolygon().fit(x), FrequencyPolygon().fit(unit * x)
    np.testing.assert_allclose(
        scaled.score_samples(unit * x) + np.log(unit), plain.score_samples(x), rtol=1e-6
    )
    assert scaled.cdf(unit * x[:3]) == pytest.approx(plain.cdf(x[:3]))


def test_far_values_and_bins_that_no_memory_holds_are_refused_or_right():
    x = np.append(np.random.default_rng(6).normal(size=50), 1e18)[:, None]
    model = FrequencyPolygon().fit(x)
    assert np.isfinite(model.score_samples(x)).all()
    with pytest.raises(ValueError, match=r"FrequencyPolygon: bins of width 0\.1.* too narrow"):
        FrequencyPolygon(bin_width=0.1).fit(x)
    with pytest.raises(ValueError, match="FrequencyPolygon: got 2 features"):
        FrequencyPolygon().fit(np.hstack([x, x]))
