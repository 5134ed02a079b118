"""Solvers and densities of flow matching on fields that are known in closed form, where no network errs."""

import math

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import chi2, multivariate_normal

from genrates.neural.flow_matching._likelihood import estimated_log_density, exact_log_density
from genrates.neural.flow_matching._solvers import descend, follow, times

FALSE_ALARM = 1e-4


class NormalField:
    """The field of N(0, sd^2) data: the mean of the data at a point is linear in it."""

    def __init__(self, sd: float, last_time: float = 1.0):
        self.sd, self.last_time = sd, last_time

    def factor(self, t):
        return t * self.sd**2 / (t**2 * self.sd**2 + (1 - t) ** 2)

    def clean(self, x, t):
        return self.factor(t) * x

    def velocity(self, x, t):
        variance = t**2 * self.sd**2 + (1 - t) ** 2
        return (t * self.sd**2 - (1 - t)) / variance * x  # half the logarithmic derivative of the variance

    def velocity_and_divergence(self, x, t):
        variance = t**2 * self.sd**2 + (1 - t) ** 2
        return self.velocity(x, t), np.full(len(x), x.shape[1] * (t * self.sd**2 - (1 - t)) / variance)

    def clean_and_divergence(self, x, t, probe):
        return self.clean(x, t), self.factor(t) * (probe * probe).sum(axis=1)


class PointsField:
    """The field of a few training points with equal weights: what a network that learns by heart would be."""

    last_time = 0.98

    def __init__(self, points):
        self.points = points

    def clean(self, x, t):
        distance = ((x[:, None] - t * self.points) ** 2).sum(axis=2)
        return softmax(-distance / (2 * (1 - t) ** 2), axis=1) @ self.points

    def velocity(self, x, t):
        return (self.clean(x, t) - x) / (1 - t)


@pytest.mark.parametrize("solver", ["euler", "heun", "ancestral"])
def test_draws_have_the_variance_of_the_data(solver):
    """Normal data of standard deviation 0.4 in 2 dimensions; chi-squared test, false alarm 1e-4."""
    rng, field = np.random.default_rng(0), NormalField(0.4)
    z = rng.standard_normal((4000, 2))
    if solver == "ancestral":
        x = descend(field, z, 400, rng)
    else:
        x = follow(field, z, 400 if solver == "euler" else 50, heun=solver == "heun")
    level = chi2.cdf((x**2).sum() / 0.4**2, x.size)
    assert FALSE_ALARM / 2 < level < 1 - FALSE_ALARM / 2


def test_the_order_of_the_steps():
    """The map of normal data is x -> sd x; with half the steps Euler errs twice as much, Heun four times."""
    field, z = NormalField(0.4), np.array([[1.0]])
    for heun, ratio in ((False, 2), (True, 4)):
        errors = [abs(float(follow(field, z, n, heun=heun)[0, 0]) - 0.4) for n in (50, 100)]
        assert errors[0] / errors[1] == pytest.approx(ratio, rel=0.15)


@pytest.mark.parametrize("last_time", [1.0, 0.98])
def test_the_last_step_ends_at_the_clean_point(last_time):
    grid = times(last_time, 7)
    assert len(grid) == 8
    assert (grid[0], grid[-1]) == (0, 1)
    assert last_time == 1 or grid[-2] == last_time


@pytest.mark.parametrize("solver", ["heun", "ancestral"])
def test_the_exact_answer_to_a_training_set_draws_training_points(solver):
    """Each of 6 points is drawn, by an equal share: chi-squared test, false alarm 1e-4."""
    rng = np.random.default_rng(1)
    points = 3 * rng.standard_normal((6, 5))
    z = rng.standard_normal((1200, 5))
    field = PointsField(points)
    x = descend(field, z, 100, rng) if solver == "ancestral" else follow(field, z, 100, heun=True)
    distance = np.linalg.norm(x[:, None] - points, axis=2)
    assert np.mean(distance.min(axis=1) < 1e-3) > 0.99
    if solver == "ancestral":  # a point of the normal is nearer to some: only the right law has equal shares
        count = np.bincount(distance.argmin(axis=1), minlength=6)
        assert ((count - 200) ** 2 / 200).sum() < chi2.isf(FALSE_ALARM, 5)


def test_the_exact_log_density_is_the_normal_s():
    x = np.random.default_rng(2).standard_normal((20, 3))
    truth = multivariate_normal(np.zeros(3), 0.4**2 * np.eye(3)).logpdf(x)
    np.testing.assert_allclose(exact_log_density(NormalField(0.4), x, 64), truth, rtol=1e-5)


def test_an_estimated_log_density_is_that_of_noisy_data():
    """The trace of a linear field is exact for any signs; the data have the noise of the last time."""
    rng, field = np.random.default_rng(3), NormalField(0.4, last_time=0.98)
    x, signs = rng.standard_normal((20, 3)), rng.choice([-1.0, 1.0], (20, 3))
    variance = 0.4**2 + (0.02 / 0.98) ** 2
    truth = multivariate_normal(np.zeros(3), variance * np.eye(3)).logpdf(x)
    np.testing.assert_allclose(estimated_log_density(field, x, signs, 40), truth, rtol=1e-4)
    assert math.isfinite(truth.sum())
