"""Kernels that cover k neighbors, against sums by hand."""

import numpy as np
import pytest
from scipy.special import logsumexp, ndtr
from scipy.stats import norm

from genrates.estimators import SamplePointKernelDensity
from genrates.estimators.kernel import _heat_cells


def _normal(n, d=1, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def _by_hand(X, k, weight, queries):
    """Log-density from the definition: distances by sorting, sums by brute force."""
    d = X.shape[1]
    sd = np.sqrt(np.cov(X.T, bias=True, aweights=weight).diagonal()) if d > 1 else 1.0
    Z, Q = X / sd, queries / sd
    distance = np.sqrt(((Z[:, None] - Z) ** 2).sum(axis=2))
    order = np.argsort(distance, axis=1)
    covered = np.cumsum(weight[order], axis=1)
    first = np.argmax(covered >= k - 1e-9, axis=1)
    h = 0.5 * np.take_along_axis(distance, order, axis=1)[np.arange(len(X)), first]
    square = ((Q[:, None] - Z) ** 2).sum(axis=2) / h**2
    log_terms = -0.5 * square - d * np.log(h * np.sqrt(2 * np.pi))
    return logsumexp(log_terms, b=weight, axis=1) - np.log(weight.sum()) - np.log(sd * np.ones(d)).sum()


@pytest.mark.parametrize("d", [1, 2, 4])
@pytest.mark.parametrize("weighted", [False, True])
def test_density_is_the_sum(d, weighted):
    X = np.random.default_rng(1).standard_t(3, size=(300, d))
    weight = np.random.default_rng(2).integers(1, 4, 300).astype(float) if weighted else np.ones(300)
    model = SamplePointKernelDensity(n_neighbors=20).fit(X, sample_weight=weight if weighted else None)
    queries = np.concatenate([X[:50], 2 * X[50:100], 30 * X[100:120]])
    expected = _by_hand(X, 20, weight, queries)
    np.testing.assert_allclose(model.score_samples(queries), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("draw", ["normal", "uniform", "two far clusters"])
def test_many_points_become_few_nodes_with_the_same_sums(draw):
    """The density to a relative 1e-9, the distribution function to 1e-12, in gaps and outside too."""
    n, rng = 30_000, np.random.default_rng(3)
    x = rng.random(n) if draw == "uniform" else rng.normal(size=n)
    x = x + 40 * (rng.random(n) < 0.5) if draw == "two far clusters" else x
    model = SamplePointKernelDensity().fit(x[:, None])
    points, h = model.points_[:, 0], model.bandwidth_ * model.factors_
    queries = np.concatenate([x[:150], np.linspace(x.min() - 7 * h[0], x.max() + 7 * h[-1], 150)])
    u = (queries[:, None] - points) / h
    expected = logsumexp(norm.logpdf(u) - np.log(h), axis=1) - np.log(n)
    np.testing.assert_allclose(model.score_samples(queries[:, None]), expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(model.cdf(queries[:, None]), ndtr(u).mean(axis=1), rtol=0, atol=1e-12)
    assert len(model._get_engine()._nodes()[0]) < 0.4 * n


def test_heat_that_flows_backwards_is_as_exact():
    """Points of narrow and of wide kernels in one cell: both sides of the bandwidth that they are given."""
    rng = np.random.default_rng(4)
    x, s = np.sort(rng.random(500) * 0.3), 1 + 0.018 * rng.random(500)
    begin, dense = _heat_cells.cell_ends(x, s, 48)
    assert dense.all()
    nodes, weight, scale = _heat_cells.anterpolate(x, s, np.ones(500), begin, dense)
    queries = np.linspace(-5, 5, 101)[:, None]
    exact = (norm.pdf((queries - x) / s) / s).sum(axis=1)
    found = (weight.ravel() * norm.pdf((queries - nodes.ravel()) / scale.ravel()) / scale.ravel()).sum(axis=1)
    np.testing.assert_allclose(found, exact, rtol=1e-9)


def test_bandwidths_reach_half_way_to_the_neighbor():
    model = SamplePointKernelDensity(n_neighbors=2).fit([[9.0], [3.0], [4.5], [4.0]])
    np.testing.assert_allclose(model.bandwidth_ * model.factors_, [0.5, 0.25, 0.25, 2.25])
    np.testing.assert_array_equal(model.points_[:, 0], [3, 4, 4.5, 9])


@pytest.mark.parametrize("unit", [1e-150, 1e140])
def test_the_unit_of_the_data_changes_nothing(unit):
    X = _normal(200)
    plain, scaled = SamplePointKernelDensity().fit(X), SamplePointKernelDensity().fit(unit * X)
    found = scaled.score_samples(unit * X) + np.log(unit)
    np.testing.assert_allclose(found, plain.score_samples(X), atol=1e-9)


def test_one_far_value_gets_a_wide_kernel_or_is_refused():
    X = np.append(_normal(50), 1e100)[:, None]
    model = SamplePointKernelDensity(n_neighbors=5).fit(X)
    assert np.isfinite(model.score_samples(X)).all()
    X[-1] = 1e200
    with pytest.raises(ValueError, match=r"SamplePointKernelDensity: the distances .* far values"):
        SamplePointKernelDensity(n_neighbors=5).fit(X)


def test_ties_take_more_neighbors_than_repeats():
    X = np.repeat([[0.0], [1.0], [5.0]], 20, axis=0)
    assert SamplePointKernelDensity().fit(X).n_neighbors_ == 21
    with pytest.raises(ValueError, match="SamplePointKernelDensity: n_neighbors=20 must be at least 21"):
        SamplePointKernelDensity(n_neighbors=20).fit(X)
