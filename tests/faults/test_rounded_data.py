"""Histograms of whole numbers and other rounded values: no bin is narrower than the rounding."""

import warnings

import numpy as np
import pytest

from genrates.data.lecture_numbers import LectureNumbers
from genrates.estimators import HistogramDensity, KernelDensity
from genrates.estimators._numerics.rounding import resolution_of, rounding_of

RULES = ["loo", "fd", "scott"]


def poisson(rate, n=1000):
    return np.random.default_rng(0).poisson(rate, n).astype(float)[:, None]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("rate", [0.1, 2, 10])
def test_counts_have_a_bin_each(rate, rule):
    """As numpy's rules for integers, but for the last bin, which holds two values there."""
    X = poisson(rate)
    model = HistogramDensity(bins=rule).fit(X)
    assert model.bin_width_ == 1
    low, high = X.min() - 0.5, X.max() + 0.5
    np.testing.assert_array_equal(model.bin_edges_[0], np.arange(low, high + 1))
    whole = X[:, 0].astype(int)
    np.testing.assert_allclose(model.densities_, np.bincount(whole)[whole.min() :] / len(X))
    if rule == "fd" and rate > 1:
        assert model.n_bins_ == len(np.histogram_bin_edges(whole, "fd"))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("factor", "shift"), [(0.1, 0.0), (0.25, 1e6), (1e-9, 3e-8), (1e200, 0.0)])
def test_edges_lie_half_way_between_values(rule, factor, shift):
    whole = np.rint(np.random.default_rng(1).normal(0, 40, 2000))
    model = HistogramDensity(bins=rule).fit((shift + factor * whole)[:, None])
    k = (model.bin_edges_[0] - shift) / factor
    np.testing.assert_allclose(k - np.floor(k), 0.5, atol=1e-3)
    size = model.bin_width_ / factor
    assert size >= 1
    assert size == pytest.approx(round(size), rel=1e-6)
    seen = np.histogram(whole, np.floor(k) + 0.5)[0]
    np.testing.assert_allclose(model.densities_ * model.bin_width_ * len(whole), seen, rtol=1e-6)


def risk(counts, width):
    """Rudemo's leave-one-out risk, by leaving out one value after the other."""
    n = counts.sum()
    density = counts / n / width
    left_out = (counts - 1) / (n - 1) / width
    return width * density @ density - 2 * counts @ left_out / n


@pytest.mark.parametrize("seed", range(5))
def test_loo_has_the_least_risk(seed):
    """Of all numbers of bins, each with the least width that covers the data."""
    x = np.rint(np.random.default_rng(seed).normal(0, 6, 150))
    model = HistogramDensity().fit(x[:, None])
    risks = {}
    for size in {int(np.ceil((np.ptp(x) + 1) / m)) for m in range(1, int(np.ptp(x)) + 2)}:
        edges = np.arange(x.min() - 0.5, x.max() + 0.5 + size, size)
        risks[size] = risk(np.histogram(x, edges)[0], size)
    found = risk(model.densities_ * model.bin_width_ * len(x), model.bin_width_)
    assert found == pytest.approx(min(risks.values()), abs=1e-12)


@pytest.mark.parametrize("version", ["a", "b"])
@pytest.mark.parametrize("n", [5, 10, 20])
@pytest.mark.parametrize("rule", RULES)
def test_the_numbers_of_the_lecture(version, n, rule):
    """Boxes stand around the numbers, and none is denser than its share."""
    X = LectureNumbers(version=version).sample(n, np.random.default_rng(0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = HistogramDensity(bins=rule).fit(X)
    edges = model.bin_edges_[0]
    np.testing.assert_array_equal(edges % 1, 0.5)
    assert edges[0] == X.min() - 0.5
    assert model.bin_width_ >= 1
    assert model.densities_.max() <= 1


def test_the_lists_by_rule():
    def found(version, rule):
        X = LectureNumbers(version=version).sample(20, np.random.default_rng(0))
        return HistogramDensity(bins=rule).fit(X).bin_edges_[0].tolist()

    whole = [2.5, 3.5, 4.5, 5.5, 6.5]
    assert found("a", "fd") == found("a", "scott") == whole
    assert found("b", "fd") == found("b", "scott") == found("b", "loo") == [*whole, 7.5, 8.5]
    # 1, 6, 8, 5 of 20: the risk of one box, -4.75 / 19, is less than that of two (-4.72) and of four (-4.62)
    assert found("a", "loo") == [2.5, 6.5]


def test_rounded_columns_in_the_plane():
    X = np.round(np.random.default_rng(0).standard_normal((2000, 2)) * [1, 30])
    for rule in RULES:
        model = HistogramDensity(bins=rule).fit(X)
        for edges, x in zip(model.bin_edges_, X.T, strict=True):
            np.testing.assert_allclose(edges % 1, 0.5, atol=1e-9)
            assert edges[0] == x.min() - 0.5
            assert edges[-1] >= x.max() + 0.5
        assert np.all(model.bin_width_ >= 1 - 1e-9)
        assert np.exp(model.score_samples(X)).min() > 0
    mixed = np.column_stack([X[:, 0], np.random.default_rng(1).standard_normal(2000)])
    first, second = HistogramDensity().fit(mixed).bin_edges_
    np.testing.assert_allclose(first % 1, 0.5)
    assert (second[0], second[-1]) == (mixed[:, 1].min(), mixed[:, 1].max())


def test_weights_that_are_repeats_show_the_rounding():
    X = poisson(3, 200)
    value, count = np.unique(X, return_counts=True)
    weighted = HistogramDensity().fit(value[:, None], sample_weight=count)
    np.testing.assert_allclose(weighted.densities_, HistogramDensity().fit(X).densities_)


def test_a_number_of_bins_is_taken_as_it_is():
    model = HistogramDensity(bins=7).fit(poisson(3))
    assert (model.n_bins_, model.bin_edges_[0][0]) == (7, 0)


@pytest.mark.parametrize("n", [40, 400])
def test_ties_without_rounding_are_said_at_any_size(n):
    x = np.random.default_rng(0).standard_normal(n)
    x[: n // 2] = 0.5
    with pytest.warns(UserWarning, match="many values are equal"):
        HistogramDensity().fit(x[:, None])


def test_what_is_rounded():
    rng = np.random.default_rng(0)
    assert rounding_of(np.repeat(rng.standard_normal(50), 3), None) == 0
    assert rounding_of(rng.standard_normal(500), None) == 0
    assert rounding_of(np.rint(10 * rng.standard_normal(500)) / 10, None) == pytest.approx(0.1, rel=1e-12)
    assert rounding_of(np.array([3.0, 5, 5, 8]), None) == 1
    assert rounding_of(np.ones(5), None) == 0
    assert rounding_of(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 1.0])) == 1
    assert resolution_of(1e15 + np.array([0.0, 0.125, 0.25])) == 0  # the spacing of doubles there


def test_kernel_estimates_of_numbers_with_gaps():
    """3, 5, 5, 8 are whole numbers, though no two differ by one: the bandwidth stays above one half."""
    assert KernelDensity().fit(np.array([3.0, 5, 5, 5, 8, 8])[:, None]).bandwidth_ >= 0.5
