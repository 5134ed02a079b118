"""The ranked sample: exact targets at few ranks, ties averaged."""

import numpy as np
import pytest

from genrates.neural.cdf._order_statistics import RankedSample


def test_all_points_are_kept_when_few():
    ranked = RankedSample.of(np.array([3.0, 1.0, 2.0]), 10)
    np.testing.assert_array_equal(ranked.x, [1, 2, 3])
    np.testing.assert_allclose(ranked.expected(), [0.25, 0.5, 0.75])
    np.testing.assert_allclose(ranked.weight, 1 / 3)


def test_ties_share_the_mean_of_their_targets():
    ranked = RankedSample.of(np.array([5.0, 4.0, 4.0, 3.0, 4.0]), 10)
    np.testing.assert_allclose(ranked.expected(), [1 / 6, 3 / 6, 5 / 6])
    np.testing.assert_allclose(ranked.weight, [0.2, 0.6, 0.2])


@pytest.mark.parametrize(("n", "n_ranks"), [(1000, 50), (999, 500), (100, 100)])
def test_chosen_ranks_hold_both_extremes_and_all_the_weight(n, n_ranks):
    x = np.random.default_rng(0).normal(size=n)
    ranked = RankedSample.of(x, n_ranks)
    assert len(ranked.x) <= n_ranks
    assert ranked.x[0] == x.min()
    assert ranked.x[-1] == x.max()
    assert ranked.weight.sum() == pytest.approx(1, abs=1e-14)
    np.testing.assert_array_equal(np.sort(x)[ranked.low - 1], ranked.x)


def test_drawn_targets_have_the_law_of_uniform_order_statistics():
    """Mean and covariance k(N + 1 - l) / ((N + 1)^2 (N + 2)) of U_(k), U_(l), from 4000 draws.

    Each of 6 + 21 statistics is compared at 4.5 of its standard errors: false alarm below 27 * 7e-6 = 2e-4.
    """
    n, draws = 2000, 4000
    ranked = RankedSample.of(np.arange(n, dtype=float), 6)
    rng = np.random.default_rng(1)
    u = ranked.draw(rng, draws)
    assert (np.diff(u, axis=1) > 0).all()
    k = ranked.low
    low, high = np.minimum.outer(k, k), np.maximum.outer(k, k)
    cov = low * (n + 1 - high) / ((n + 1) ** 2 * (n + 2))
    sd = np.sqrt(np.diag(cov))
    assert (np.abs(u.mean(axis=0) - ranked.expected()) < 4.5 * sd / np.sqrt(draws)).all()
    found = np.cov(u.T)
    # Extremes are exponential, not normal: their variance's standard error is sqrt(8/draws).
    error = np.sqrt((np.outer(sd, sd) ** 2 + cov**2 + 6 * np.diag(np.diag(cov)) ** 2) / draws)
    assert (np.abs(found - cov) < 4.5 * error).all()


def test_drawn_targets_of_ties_average_to_the_expected():
    """Bound at 5 standard errors: false alarm 6e-7 per value."""
    ranked = RankedSample.of(np.array([1.0, 1, 1, 2, 3, 3]), 10)
    rng = np.random.default_rng(2)
    u = ranked.draw(rng, 5000)
    error = u.std(axis=0) / np.sqrt(len(u))
    assert (np.abs(u.mean(axis=0) - ranked.expected()) < 5 * error).all()
