"""Exact errors in several dimensions: against one dimension, against asymptotics, against simulation."""

import numpy as np
import pytest

from genrates.data.gaussian_d import GaussianD, MixtureD
from genrates.estimators import KernelDensity
from genrates.rates import (
    NormalMixture,
    exact_error,
    exact_rate,
    histogram_mise,
    histogram_mise_nd,
    kernel_mise,
    kernel_mise_nd,
    optimum_nd,
)

SKEWED = ([0.3, 0.7], [-1.0, 0.5], [0.4, 1.0])
TILTED = NormalMixture([0.3, 0.7], [[-1.0, 0.0], [0.5, 1.0]], [[0.4, 1.0], [1.0, 0.5]])


@pytest.mark.parametrize(
    ("several", "one"), [(kernel_mise_nd, kernel_mise), (histogram_mise_nd, histogram_mise)]
)
def test_with_one_column_it_is_the_one_dimensional_formula(several, one):
    weights, means, sds = SKEWED
    column = NormalMixture(weights, np.array(means)[:, None], sds)
    widths = np.array([0.05, 0.3, 2.0])
    np.testing.assert_allclose(several(column, 500, widths[:, None]), one(SKEWED, 500, widths), rtol=1e-12)


@pytest.mark.parametrize("d", [2, 3, 6])
@pytest.mark.parametrize(
    ("mise", "exponent"),
    [(kernel_mise_nd, lambda d: 2 / (4 + d)), (histogram_mise_nd, lambda d: 1 / (2 + d))],
)
def test_the_slope_tends_to_the_asymptotic_exponent(d, mise, exponent):
    """From the n of an experiment, where it falls short by a quarter, to one where it does not."""
    mixture, slopes = MixtureD(d=d).mixture, []
    for n in (1e3, 1e11):
        near, far = (np.sqrt(optimum_nd(mise, mixture, m)[1]) for m in (n, 10 * n))
        slopes.append(np.log10(near / far))
    assert slopes[0] < slopes[1] == pytest.approx(exponent(d), abs=0.006)


def ise_of_kernel_estimate(X, h, mixture=TILTED):
    """int (f^ - f)^2 in closed form: sums of normal densities over pairs of points and components."""

    def sums(gaps, variance):
        return np.exp(-0.5 * np.sum(gaps**2 / variance + np.log(2 * np.pi * variance), axis=-1))

    own = sums(X[:, None] - X, 2 * h**2).mean()
    cross = (sums(X[:, None] - mixture.means, h**2 + mixture.sds**2) @ mixture.weights).mean()
    return own - 2 * cross + mixture.roughness()


def ise_of_histogram(X, b, rng):
    """The same for boxes that begin anywhere; the truth's mass of a box is a product of normal masses."""
    from scipy.special import ndtr

    origin = rng.random(2) * b
    cells, counts = np.unique(np.floor((X - origin) / b), axis=0, return_counts=True)
    low = origin + cells * b
    masses = [
        np.prod(ndtr((low + b - m) / s) - ndtr((low - m) / s), axis=1)
        for m, s in zip(TILTED.means, TILTED.sds, strict=True)
    ]
    share, volume = counts / len(X), np.prod(b)
    return (share @ share - 2 * share @ (TILTED.weights @ np.array(masses))) / volume + TILTED.roughness()


@pytest.mark.parametrize("kind", ["kernel", "histogram"])
def test_the_mean_of_simulated_errors(kind):
    """400 samples of 100 points; |z| < 4, false alarm 6e-5 each."""
    rng, n, width = np.random.default_rng(11), 100, np.array([0.5, 0.8])
    errors = []
    for _ in range(400):
        j = rng.choice(2, size=n, p=TILTED.weights)
        X = TILTED.means[j] + TILTED.sds[j] * rng.standard_normal((n, 2))
        errors.append(
            ise_of_kernel_estimate(X, width) if kind == "kernel" else ise_of_histogram(X, width, rng)
        )
    expected = {"kernel": kernel_mise_nd, "histogram": histogram_mise_nd}[kind](TILTED, n, width)
    z = (np.mean(errors) - float(expected)) / (np.std(errors, ddof=1) / 20)
    assert abs(z) < 4


@pytest.mark.parametrize("d", [2, 3, 6])
def test_the_metric_s_quadrature_agrees_with_the_closed_form(d):
    """Root-ISE of ten fits to 100 points: each within 4 %, their mean within 1 % (replicates: 5 to 10)."""
    data, ratios = MixtureD(d=d), []
    nodes, weights = data.quadrature()
    for replicate in range(10):
        X = data.sample(100, np.random.default_rng(replicate))
        model = KernelDensity(bandwidth="silverman", rtol=1e-6).fit(X)
        squared = weights @ (np.exp(model.score_samples(nodes)) - data.pdf(nodes)) ** 2
        exact = ise_of_kernel_estimate(X, model.bandwidth_, data.mixture)
        ratios.append(np.sqrt(squared / exact))
    assert max(abs(np.array(ratios) - 1)) < 0.04
    assert np.mean(ratios) == pytest.approx(1, abs=0.01)


def test_a_configured_estimator_finds_its_error():
    sizes, mixture = [100, 1000, 10_000], MixtureD(d=3).mixture
    assert exact_rate("kernel", mixture, sizes, bandwidth="lscv", rtol=1e-4) == pytest.approx(0.26, abs=0.01)
    assert exact_rate("histogram", mixture, sizes, bins="loo") == pytest.approx(0.185, abs=0.01)
    best = exact_error("kernel", mixture, sizes)
    for rule in ("silverman", "scott", 0.3, [0.3, 0.3, 0.3]):
        assert np.all(exact_error("kernel", mixture, sizes, bandwidth=rule) >= best)
    assert np.all(exact_error("histogram", mixture, sizes, bin_width=0.5) > best)


@pytest.mark.parametrize(
    ("kind", "tuning"),
    [
        ("gaussian", {}),
        ("kernel", {"kernel": "tophat"}),
        ("kernel", {"bandwidth": np.eye(3)}),
        ("kernel", {"bounds": [(0, None)] * 3}),
        ("histogram", {"bins": 20}),
    ],
)
def test_what_has_no_closed_form_has_no_exact_error(kind, tuning):
    assert exact_error(kind, GaussianD(d=3).mixture, [100, 1000], **tuning) is None


@pytest.mark.parametrize(
    "parts",
    [
        ([1.0], [[0.0, 0.0]], [[1.0]]),
        ([0.5, 0.6], [[0.0], [1.0]], [1.0, 1.0]),
        ([1.0], [[np.nan, 0.0]], [1.0]),
        ([1.0], [[0.0, 0.0]], [0.0]),
    ],
)
def test_malformed_mixtures_are_refused(parts):
    with pytest.raises(ValueError, match="NormalMixture"):
        NormalMixture(*parts)
