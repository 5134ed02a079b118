"""Inversion draws the law of the model's own `sample`."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, kstest

from genrates.estimators import GaussianDensity, HistogramDensity, InversionSampler, OwnSampler

FALSE_ALARM = 1e-4


def _crescent(n, d, seed=0):
    X = np.random.default_rng(seed).standard_normal((n, d))
    X[:, 1:] += 0.7 * X[:, :1] ** 2 - 0.4 * X[:, :1]
    return X


def _models():
    return [
        GaussianDensity(),
        GaussianDensity(covariance="diag"),
        HistogramDensity(),
        HistogramDensity(bins=3),
        HistogramDensity(bin_width=0.001),
    ]


@pytest.mark.parametrize("model", _models(), ids=str)
@pytest.mark.parametrize("d", [1, 2, 3])
def test_same_law_as_own_sample(model, d):
    """Two-sample Kolmogorov-Smirnov on 2 d + 2 projections, Bonferroni: false alarm 1e-4 for each case."""
    model.fit(_crescent(2000, d))
    own = OwnSampler().draw(model, 4000, random_state=1)
    inverted = InversionSampler().draw(model, 4000, random_state=2)
    assert inverted.shape == own.shape
    directions = np.vstack([np.eye(d), np.random.default_rng(3).standard_normal((d, d)), np.ones((2, d))])
    directions[-1, ::2] = -1
    for direction in directions:
        assert ks_2samp(own @ direction, inverted @ direction).pvalue > FALSE_ALARM / len(directions)


@pytest.mark.parametrize("model", _models(), ids=str)
def test_maps_uniforms_onto_the_marginal_of_the_first_column(model):
    """x1 depends on z1 alone, and monotonically."""
    model.fit(_crescent(500, 2))
    z = np.random.default_rng(4).random((300, 2))
    order = np.argsort(z[:, 0])
    x = InversionSampler(model).transform(z)
    assert np.all(np.diff(x[order, 0]) >= 0)
    z[:, 1] = 0.5
    np.testing.assert_array_equal(InversionSampler(model).transform(z)[:, 0], x[:, 0])


def test_is_the_quantile_function_in_one_dimension():
    model = HistogramDensity().fit(_crescent(300, 1))
    z = np.linspace(0.01, 0.99, 50)[:, None]
    np.testing.assert_array_equal(InversionSampler(model).transform(z), model.ppf(z))


def test_points_of_a_histogram_lie_in_occupied_cells():
    model = HistogramDensity(bins=40).fit(_crescent(300, 3))
    assert np.all(np.isfinite(model.score_samples(InversionSampler(model).sample(5000, random_state=5))))


def test_conditional_of_the_second_column():
    """z2 is the distribution function of x2 given x1: KS against the histogram's column, false alarm 1e-4."""
    model = HistogramDensity(bins=4).fit(_crescent(2000, 2))
    z = np.column_stack([np.full(2000, 0.3), np.random.default_rng(6).random(2000)])
    x = InversionSampler(model).transform(z)
    k = np.searchsorted(model.bin_edges_[0], x[0, 0]) - 1
    share = model.densities_[k] / model.densities_[k].sum()
    level = np.concatenate([[0], np.cumsum(share)])
    assert kstest(x[:, 1], lambda t: np.interp(t, model.bin_edges_[1], level)).pvalue > FALSE_ALARM


def test_skips_with_a_reason():
    class Without(GaussianDensity):
        capabilities_ = frozenset({"likelihood"})
        _inverse_rosenblatt = property()

    one, two = Without().fit(_crescent(50, 1)), Without().fit(_crescent(50, 2))
    assert "distribution function" in InversionSampler().applies_to(one)
    assert "conditional" in InversionSampler().applies_to(two)
    assert "drawing" in OwnSampler().applies_to(one)
    for model in (one, two, None):
        with pytest.raises(ValueError, match="InversionSampler"):
            InversionSampler(model).sample(3)
    with pytest.raises(ValueError, match="shape"):
        InversionSampler(GaussianDensity().fit(_crescent(50, 2))).transform([[0.5]])
