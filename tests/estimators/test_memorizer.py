"""The null model: draws are copies, the distribution function is the empirical one."""

import numpy as np
import pytest
from scipy.stats import chi2

from genrates.data import FiniteData, MarronWand
from genrates.estimators import Memorizer
from genrates.metrics import Evaluation, KullbackLeibler, Skip
from genrates.metrics.neighbors import share_of_copies


def test_the_distribution_function_is_the_empirical_one():
    X = np.array([[3.0], [5.0], [4.0], [4.0]])
    model = Memorizer().fit(X)
    np.testing.assert_array_equal(model.cdf([[2.9], [3.0], [4.0], [4.5], [5.0]]), [0, 0.25, 0.75, 0.75, 1])
    np.testing.assert_array_equal(model.ppf([0, 0.25, 0.26, 0.75, 0.76, 1]), [3, 3, 4, 4, 5, 5])


def test_quantiles_are_the_inverse_of_a_staircase():
    X = np.random.default_rng(0).normal(size=(500, 1)).round(1)
    model = Memorizer().fit(X)
    levels = np.linspace(0, 1, 1001)
    quantiles = model.ppf(levels)
    assert np.all(model.cdf(quantiles[:, None]) >= levels - 1e-12)
    below = np.nextafter(quantiles, -np.inf)
    assert np.all((model.cdf(below[:, None]) < levels + 1e-12) | (levels == 0))


@pytest.mark.parametrize("d", [1, 3])
def test_every_draw_is_a_copy(d):
    """Chi-squared of how often each point is drawn: false alarm 1e-4."""
    X = np.random.default_rng(1).normal(size=(50, d))
    weight = np.arange(50.0)
    model = Memorizer().fit(X, sample_weight=weight)
    draws = model.sample(30_000, random_state=2)
    rows, counts = np.unique(draws, axis=0, return_counts=True)
    found = {tuple(row): count for row, count in zip(rows, counts, strict=True)}
    assert set(found) == set(map(tuple, X[1:])), "and none of weight zero"
    seen, expected = np.array([found[tuple(x)] for x in X[1:]]), 30_000 * weight[1:] / weight.sum()
    assert ((seen - expected) ** 2 / expected).sum() < chi2.isf(1e-4, 48)


def test_the_share_of_copies_is_one():
    X = np.random.default_rng(3).normal(size=(400, 5))
    draws = Memorizer().fit(X[:200]).sample(100, random_state=0)
    assert share_of_copies(draws, X[:200], X[200:]) == 1.0


def test_it_says_why_it_has_no_density():
    data = MarronWand(number=1)
    X = data.sample(100, np.random.default_rng(4))
    model = Memorizer().fit(X)
    assert model.capabilities_ == {"sampling", "cdf"}
    with pytest.raises(AttributeError, match="Memorizer has no score_samples: its whole mass lies on"):
        model.score_samples(X)
    with pytest.raises(Skip, match="Memorizer has no likelihood: its whole mass lies on the training points"):
        KullbackLeibler()(Evaluation(model, data, X, X))


@pytest.mark.parametrize("X", [[[7.0]], [[7.0]] * 9, [[1e308], [-1e308]], [[1e155], [1e-300]]])
def test_a_single_point_and_far_values_are_no_trouble(X):
    model = Memorizer().fit(X)
    assert {float(x) for x in model.sample(50, random_state=0)[:, 0]} == {x[0] for x in X}
    assert model.cdf([[np.max(X)]]).tolist() == [1.0]
    assert model.ppf([1.0]).tolist() == [np.max(X)]


def test_held_out_pictures_score_nothing():
    bits = (np.random.default_rng(5).random((60, 16)) < 0.5).astype(float)
    data = FiniteData(points=bits[:40], test_points=bits[40:])
    model = Memorizer().fit(bits[:40])
    evaluation = Evaluation(model, data, bits[:40], model.sample(20, random_state=0))
    assert not np.any(evaluation.draws_to_train)
