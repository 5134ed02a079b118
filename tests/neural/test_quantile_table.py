"""Draws by a table: the error that it promises, and where it passes levels on."""

import numpy as np
import pytest
from scipy.stats import norm, t

from genrates.neural import NeuralCDF
from genrates.neural.cdf._quantile_table import QuantileTable


@pytest.mark.parametrize("law", [norm(), t(3), norm(0, 1e-3)], ids=["normal", "student", "narrow"])
def test_error_is_below_the_tolerance(law):
    grid = law.ppf(np.linspace(0.001, 0.999, 300))
    table = QuantileTable(law.cdf, law.logpdf, grid, law.ppf, 1e-8)
    q = np.random.default_rng(0).random(20_000)
    assert table.accurate.all()
    np.testing.assert_allclose(table(q), law.ppf(q), atol=3e-8)  # a step between the levels looked at


def test_levels_where_the_density_vanishes_are_solved_for():
    """Half a normal on either side of a gap: no cubic crosses it."""
    half = np.array([-3.0, 3.0])
    cdf = lambda z: norm.cdf(z[:, None] - half).mean(axis=1)  # noqa: E731
    log_density = lambda z: np.log(norm.pdf(z[:, None] - half).mean(axis=1) * (np.abs(z) > 1e-3))  # noqa: E731
    asked = []

    def solve(q):
        asked.append(q)
        return np.zeros(len(q))

    with np.errstate(divide="ignore"):
        table = QuantileTable(cdf, log_density, np.linspace(-6, 6, 200), solve, 1e-8)
        table(np.array([0.5, 0.25, 1e-12, 1 - 1e-12]))
    (passed,) = asked
    assert set(passed) == {0.5, 1e-12, 1 - 1e-12}


def test_draws_are_the_quantiles_of_their_uniform_numbers():
    x = np.random.default_rng(0).standard_t(3, (500, 1))
    model = NeuralCDF(random_state=0).fit(x)
    draws = model.sample(5000, random_state=1)
    exact = model.ppf(model.cdf(draws))
    np.testing.assert_allclose(draws[:, 0], exact, atol=1e-6 * x.std())
    np.testing.assert_array_equal(draws[:100], model.sample(5000, random_state=1)[:100])
    levels = np.sort(model.cdf(draws))
    assert np.abs(levels - (np.arange(5000) + 0.5) / 5000).max() * np.sqrt(5000) < 2.2  # false alarms: 1e-4
