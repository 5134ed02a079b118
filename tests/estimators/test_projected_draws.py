"""Draws from kernels that take negative values: the steps above the estimate, and the law."""

import numpy as np
import pytest
from scipy.stats import kstest

from genrates.estimators.kernel._projected import Projected


@pytest.mark.parametrize("kernel", ["gaussian4", "sinc"])
@pytest.mark.parametrize("bounds", [(-np.inf, np.inf), (0.0, np.inf), (0.0, 3.0)])
def test_steps_hold_the_estimate_closely(kernel, bounds):
    points = np.random.default_rng(0).exponential(size=400)
    points = points[points < bounds[1]]
    model = Projected(points, None, 0.02, kernel, bounds)
    step = np.diff(model.knot)
    lower, upper = model._cell_bounds(step)
    inside = model.spline(model.knot[:-1, None] + step[:, None] * np.linspace(0, 1, 50))
    top = model.value.max()
    assert np.all(inside >= lower[:, None] - 1e-11 * top)
    assert np.all(inside <= upper[:, None] + 1e-11 * top)
    # an envelope of the largest K''/h^3 on every cell holds three times the density's mass here
    assert np.sum(step * np.maximum(upper - model.shift, 0)) < 1.2


@pytest.mark.parametrize("kernel", ["gaussian4", "sinc"])
def test_draws_follow_the_law(kernel):
    """Kolmogorov's test, 20 000 draws; false alarms: 1e-4 each."""
    model = Projected(np.random.default_rng(1).exponential(size=3000), None, 0.01, kernel, (-np.inf, np.inf))
    draws = model.draw(20_000, np.random.default_rng(2))[:, 0]
    assert kstest(draws, model.cdf).pvalue > 1e-4
