"""One far value, or many dimensions: nearest-neighbor densities stay exact, and no draw takes for ever."""

import itertools
import re
import time

import mpmath
import numpy as np
import pytest
from scipy.stats import kstest

from genrates.estimators import NeighborDensity
from genrates.estimators._numerics.cell_rejection import CellSampler
from genrates.estimators.neighbors._cells import refine, single_cell
from genrates.estimators.neighbors.density import _N_PROPOSALS

FAR = [10.0, 1e18, 1e30, -3.4e38, 1e100, 1e300]


def exact_masses(points, k, low, high, at):
    """Integral of 1 / (k-th distance) from `low` to each of `at`, with 80 digits.

    Between midpoints of pairs of points the k-th neighbor is one and the same point, so on each piece the
    distance has slope 1 or -1, and the integral is the logarithm of a ratio.
    """
    with mpmath.workdps(80):
        points = [mpmath.mpf(p) for p in points]
        ends = {mpmath.mpf(e) for e in (low, high, *at)}
        ends |= {(p + q) / 2 for p in points for q in points if low <= (p + q) / 2 <= high}
        ends = sorted(ends)

        def distance(x):
            return sorted(abs(x - p) for p in points)[k - 1]

        masses, total = {ends[0]: mpmath.mpf(0)}, mpmath.mpf(0)
        for a, b in itertools.pairwise(ends):
            total += abs(mpmath.log(distance(b) / distance(a)))
            masses[b] = total
        return [masses[mpmath.mpf(x)] for x in at], total


@pytest.mark.parametrize("far", FAR)
def test_distribution_function_with_one_far_value(far):
    points = [1.0, 2.0, 3.0, far]
    model = NeighborDensity(n_neighbors=2).fit(np.array(points)[:, None])
    low, high = model.region_[0]
    at = np.sort([low, -abs(far) / 20, -1e3, 0, 1.3, 1.5, 2.2, 2.5, 2.9, 7, 1e3, abs(far) / 3, high])
    at = at[(at >= low) & (at <= high)]
    masses, total = exact_masses(points, 2, low, high, at)
    assert model.log_normalizer_ == pytest.approx(float(mpmath.log(total)), abs=1e-13)
    expected = np.array([float(m / total) for m in masses])
    np.testing.assert_allclose(model.cdf(at[:, None]), expected, atol=1e-14)
    assert np.all(np.diff(model.cdf(at[:, None])) >= 0)
    levels = np.linspace(0, 1, 301)
    np.testing.assert_allclose(model.cdf(model.ppf(levels)[:, None]), levels, atol=1e-13)


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("n", [4, 2000])
def test_draws_with_one_far_value(far, n):
    """False alarm 1e-4 each; with 2000 points the other method draws."""
    near = np.random.default_rng(0).standard_normal((n - 1, 1))
    model = NeighborDensity(n_neighbors=2 if n == 4 else "rate").fit(np.vstack([near, [[far]]]))
    start = time.process_time()
    draws = model.sample(2000, random_state=1)
    assert time.process_time() - start < 5
    assert kstest(draws[:, 0], lambda x: model.cdf(x[:, None])).pvalue > 1e-4


@pytest.mark.parametrize("far", [1e18, 1e30, -3.4e38])
@pytest.mark.parametrize("d", [2, 3])
def test_one_far_row(d, far):
    X = np.vstack([np.random.default_rng(0).standard_normal((30, d)), np.full((1, d), far)])
    model = NeighborDensity().fit(X)
    assert np.all(np.isfinite(model.score_samples(X)))
    assert np.all(np.isfinite(model.sample(50, random_state=0)))
    # in a ball around the near points the density is as good as uniform in log-distance: some draws are there
    assert np.any(np.abs(model.sample(400, random_state=0)).max(axis=1) < 1e-3 * abs(far))


def test_a_row_too_far_for_doubles_is_refused_by_name():
    X = np.vstack([np.random.default_rng(0).standard_normal((30, 3)), np.full((1, 3), 1e150)])
    with pytest.raises(ValueError, match=r"NeighborDensity.*far values"):
        NeighborDensity().fit(X)


@pytest.mark.parametrize("rule", ["rate", "likelihood_cv"])
@pytest.mark.parametrize("d", [5, 420, 784])
def test_normalizer_in_many_dimensions(d, rule):
    """The importance weights' mean with mpmath's exponents, which do not underflow."""
    X = np.random.default_rng(0).standard_normal((60, d))
    model = NeighborDensity(n_neighbors=rule).fit(X)
    Z, log_q = model._proposal().draw(_N_PROPOSALS, np.random.default_rng(0))
    total = mpmath.fsum(
        mpmath.mpf(float(r)) ** -d / mpmath.exp(float(q)) for r, q in zip(model._kth(Z), log_q, strict=True)
    )
    assert model.log_normalizer_ == pytest.approx(float(mpmath.log(total / _N_PROPOSALS)), abs=1e-9)
    assert np.all(np.isfinite(model.score_samples(X)))
    assert 0 < model.normalizer_error_ <= 1


def test_rejection_ends_with_a_message():
    one = np.ones((1, 1))
    sampler = CellSampler("SomeDensity", lambda x: np.zeros(len(x)), 0 * one, one, np.zeros(1), np.ones(1))
    with pytest.raises(ValueError, match=re.escape("SomeDensity: 3 of 3 draws were still rejected")):
        sampler.draw(3, np.random.default_rng(0))


def test_cells_end_with_a_message():
    def kth(z):
        return np.zeros(len(z))

    low, high = np.zeros(2), np.ones(2)
    with pytest.raises(ValueError, match="NeighborDensity: the region cannot be divided"):
        refine(kth, *single_cell(kth, low, high), 0.35)
