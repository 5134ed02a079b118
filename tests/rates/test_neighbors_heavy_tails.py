"""Where the Wasserstein distance of nearest neighbors does not fall: docs/theory.md, 6 (a)."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.special import stdtr, stdtrit

from genrates.rates import Truth, log_log_slope, theory_of
from genrates.rates.smoothness import neighbors

INDEX = Fraction(5)


def distance_without_scatter(n, k):
    """int |F^ - F| of 1 / r(x), where r(x) holds the share k / n of Student's t around x.

    The region ends where n points of the law end, and a fifth beyond, as the estimator's does; nothing is
    random here.
    """
    end = 1.2 * -stdtrit(5, 0.56 / n)
    x = np.sinh(np.linspace(-np.arcsinh(end), np.arcsinh(end), 4001))
    low, high = np.full(x.shape, -30.0), np.full(x.shape, np.log(4 * end))
    for _ in range(60):
        middle = (low + high) / 2
        r = np.exp(middle)
        # beyond |x| the tails are equal, and small beside 1: one side at a time
        within = stdtr(5, r - np.abs(x)) - stdtr(5, -np.abs(x) - r)
        low, high = np.where(within >= k / n, low, middle), np.where(within >= k / n, middle, high)
    density, steps = np.exp(-middle), np.diff(x)
    mass = np.concatenate([[0.0], np.cumsum(steps * (density[1:] + density[:-1]) / 2)])
    off = np.abs(mass / mass[-1] - stdtr(5, x))
    return float(np.sum(steps * (off[1:] + off[:-1]) / 2))


@pytest.mark.parametrize(("rule", "factor", "growth"), [("rate", 0.5, 4 / 5), ("global_rate", 0.8, 2 / 3)])
def test_the_excess_mass_lies_as_far_out_as_the_largest_points(rule, factor, growth):
    """k / n of it at n^(1/5): exponents 0 and 2/15, not 1/5 and 1/3, which are those of light tails."""
    entry = neighbors(Truth(INDEX), 1, {"n_neighbors": rule})["wasserstein_1"]
    expected = float(theory_of(entry, 1)[0])
    assert expected == pytest.approx(1 - growth - 1 / INDEX)
    sizes = 10.0 ** np.array([12, 13, 14])
    found = [distance_without_scatter(n, factor * n**growth) for n in sizes]
    assert -log_log_slope(sizes, found) == pytest.approx(expected, abs=0.03)


def test_at_the_sizes_that_are_run_it_grows():
    """What the full table measures on student_t: -0.10."""
    sizes = [100, 1000, 10_000, 100_000]
    found = [distance_without_scatter(n, 0.5 * n**0.8) for n in sizes]
    assert -0.2 < -log_log_slope(sizes, found) < -0.05
