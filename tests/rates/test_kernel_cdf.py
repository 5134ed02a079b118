"""The distribution function of a kernel estimate: its moments, and the errors that follow from them."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from genrates.data import MarronWand
from genrates.rates import exact_cdf_error, kernel_cdf_moments, kernel_optimum, log_log_slope
from genrates.rates.kernel_cdf import kernel_cdf_covariance

SIZES = [100, 316, 1000, 3162, 10_000]
METRICS = ("root_sup_cdf", "wasserstein_1")


@pytest.mark.parametrize("number", [1, 6, 10])
def test_moments_are_those_of_the_normal_law_in_the_plane(number):
    """Two points at one X, each moved by its own kernel, are normal with covariance s^2."""
    mixture, h, n = MarronWand(number=number).mixture, 0.3, 50
    x = np.array([-1.3, -0.2, 0.0, 0.4, 2.0])
    second = np.zeros((len(x), len(x)))
    for w, m, s in zip(mixture.weights, mixture.means, mixture.sds, strict=True):
        plane = multivariate_normal([m, m], [[s**2 + h**2, s**2], [s**2, s**2 + h**2]])
        second += w * np.array([[plane.cdf([a, b]) for a in x] for b in x])
    mean = ndtr((x[:, None] - mixture.means) / np.hypot(mixture.sds, h)) @ mixture.weights
    expected = (second - np.outer(mean, mean)) / n
    bias, variance = kernel_cdf_moments(mixture, n, h, x)
    assert bias == pytest.approx(mean - mixture.cdf(x), abs=1e-14)
    assert variance == pytest.approx(np.diag(expected), abs=1e-8 / n)
    assert kernel_cdf_covariance(mixture, n, h, x) == pytest.approx(expected, abs=1e-7 / n)


@pytest.mark.parametrize("number", [1, 10, 14])
def test_two_ways_to_the_variance(number):
    mixture = MarronWand(number=number).mixture
    x = mixture.ppf(np.linspace(0.001, 0.999, 100))
    _, variance = kernel_cdf_moments(mixture, 1, 0.05, x)
    assert np.diag(kernel_cdf_covariance(mixture, 1, 0.05, x)) == pytest.approx(variance, abs=1e-9)


@pytest.mark.parametrize(
    ("number", "slope", "level"), [(1, 0.432, 0.00767), (6, 0.450, 0.00752), (10, 0.473, 0.00815)]
)
def test_the_supremum_has_the_slopes_of_issue_20(number, slope, level):
    """They were computed there by code of its own, from draws of its own."""
    errors = exact_cdf_error("root_sup_cdf", "kernel", MarronWand(number=number).mixture, SIZES)
    assert -log_log_slope(SIZES, errors) == pytest.approx(slope, abs=0.0015)
    assert errors[-1] == pytest.approx(level, rel=0.004)


def test_the_asymptotic_exponent_is_far_away():
    """At 10^10 points the local slope on the normal is not yet 2/5."""
    sizes = [1e10, 1e11]
    errors = exact_cdf_error("root_sup_cdf", "kernel", ([1], [0], [1]), sizes)
    assert 0.41 < -log_log_slope(sizes, errors) < 0.43


@pytest.mark.parametrize("number", [1, 6, 10])
def test_errors_of_simulated_estimates(number):
    """600 samples of 100 points, on a grid; within 4 standard errors and what the normal law is off by.

    False alarm 1e-4 for each of the six comparisons.
    """
    data, n, rng = MarronWand(number=number), 100, np.random.default_rng(number)
    h = kernel_optimum(data.mixture, n)[0]
    x = np.linspace(-5, 5, 201)
    truth, distance = data.cdf(x[:, None]), np.empty((600, len(x)))
    for row in distance:
        row[:] = np.abs(ndtr((x[:, None] - data.sample(n, rng)[:, 0]) / h).mean(axis=1) - truth)
    largest, area = np.max(distance, axis=1) ** 2, np.trapezoid(distance, x, axis=1)
    sup, wasserstein = (exact_cdf_error(metric, "kernel", data.mixture, [n])[0] for metric in METRICS)
    assert abs(largest.mean() / sup**2 - 1) < 0.02 + 4 * largest.std() / np.sqrt(600) / sup**2
    assert -0.04 - 4 * area.std() / np.sqrt(600) / wasserstein < area.mean() / wasserstein - 1
    assert area.mean() / wasserstein - 1 < 0.01 + 4 * area.std() / np.sqrt(600) / wasserstein


def test_a_bandwidth_that_a_person_has_fixed_leaves_its_bias():
    sup, area = (
        exact_cdf_error(metric, "kernel", ([1], [0], [1]), [10**8], bandwidth=0.5)[0] for metric in METRICS
    )
    x = np.linspace(-9, 9, 20_001)
    bias = np.abs(ndtr(x / np.hypot(1, 0.5)) - ndtr(x))
    assert sup == pytest.approx(bias.max(), rel=1e-3)
    assert area == pytest.approx(np.trapezoid(bias, x), rel=1e-3)


@pytest.mark.parametrize(
    ("metric", "kind", "tuning"),
    [
        ("kl", "kernel", {}),
        ("root_sup_cdf", "histogram", {}),
        ("root_sup_cdf", "kernel", {"kernel": "sinc"}),
        ("root_sup_cdf", "kernel", {"bounds": [[0, None]]}),
        ("root_sup_cdf", "kernel", {"bandwidth": "a_new_rule"}),
    ],
)
def test_what_is_not_known_has_no_error(metric, kind, tuning):
    assert exact_cdf_error(metric, kind, ([1], [0], [1]), [100], **tuning) is None


def test_in_the_plane_there_is_none():
    assert exact_cdf_error("root_sup_cdf", "kernel", ([1], [[0, 0]], [1]), [100]) is None
