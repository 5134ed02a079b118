"""Automatic bandwidths and kernels in hundreds of dimensions: constants are logarithms there."""

import mpmath
import numpy as np
import pytest

from genrates.estimators import AdaptiveKernelDensity, HistogramDensity, KernelDensity
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel import _lscv_nd

DIMENSIONS = [2, 276, 277, 301, 784]


def normal(n, d):
    return np.random.default_rng(0).standard_normal((n, d))


@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize("rule", ["silverman", "scott"])
def test_rules_of_thumb(d, rule):
    X = normal(30, d) * np.linspace(0.1, 9, d)
    factor = 30 * (d + 2) / 4 if rule == "silverman" else 30
    expected = X.std(axis=0, ddof=1) * factor ** (-1 / (d + 4))
    model = KernelDensity(bandwidth=rule).fit(X)
    np.testing.assert_allclose(model.bandwidth_, expected, rtol=1e-12)
    assert np.all(np.isfinite(model.score_samples(X)))


def radial(kernel, power, squared=False):
    """The integral of k(r) r^power, or of k(r)^2 r^power, by closed forms or mpmath's quadrature."""
    k = {
        "gaussian": lambda r: mpmath.exp(-r * r / 2),
        "exponential": lambda r: mpmath.exp(-r),
        "tophat": lambda r: mpmath.mpf(1),
        "epanechnikov": lambda r: 1 - r * r,
        "linear": lambda r: 1 - r,
        "cosine": lambda r: mpmath.cos(mpmath.pi * r / 2),
    }[kernel]
    if kernel == "gaussian":
        scale = mpmath.sqrt(2) if squared else 1
        return 2 ** mpmath.mpf((power - 1) / 2) * mpmath.gamma((power + 1) / 2) / scale ** (power + 1)
    if kernel == "exponential":
        return mpmath.gamma(power + 1) / (2 if squared else 1) ** (power + 1)
    ends = [0, 0.5, 0.9, 0.99, 1]
    return mpmath.quad(lambda r: k(r) ** (2 if squared else 1) * r**power, ends)


@pytest.mark.parametrize("d", [1, 5, 301, 784])
@pytest.mark.parametrize("kernel", kernels.SECOND_ORDER)
def test_canonical_ratio(kernel, d):
    """(R(K) / var(K)^2)^(1 / (d + 4)) relative to the Gaussian's, with 40 digits."""
    with mpmath.workdps(40):

        def delta(name):
            sphere = 2 * mpmath.pi ** (mpmath.mpf(d) / 2) / mpmath.gamma(mpmath.mpf(d) / 2)
            constant = 1 / (sphere * radial(name, d - 1))
            variance = radial(name, d + 1) / radial(name, d - 1) / d
            squared = constant**2 * sphere * radial(name, d - 1, squared=True)
            return (squared / variance**2) ** (mpmath.mpf(1) / (d + 4))

        expected = float(delta(kernel) / delta("gaussian"))
        constant = -mpmath.log(
            2 * mpmath.pi ** (mpmath.mpf(d) / 2) / mpmath.gamma(mpmath.mpf(d) / 2) * radial(kernel, d - 1)
        )
        assert kernels.log_norm(kernel, d) == pytest.approx(float(constant), rel=1e-11, abs=1e-11)
    assert kernels.canonical_ratio(kernel, d) == pytest.approx(expected, rel=1e-11)


def exact_risk(Z, h):
    """The risk by mpmath, over all pairs."""
    n, d = Z.shape
    square = np.sum((Z[:, None] - Z) ** 2, axis=2)[~np.eye(n, dtype=bool)]

    def gaussian(variance):
        constant = (2 * mpmath.pi * variance) ** (-mpmath.mpf(d) / 2)
        return constant * mpmath.fsum(mpmath.exp(-r / (2 * variance)) for r in square.tolist())

    own = n * (4 * mpmath.pi * h**2) ** (-mpmath.mpf(d) / 2)
    return (own + gaussian(2 * h**2)) / n**2 - 2 * gaussian(h**2) / (n * (n - 1))


@pytest.mark.parametrize("d", DIMENSIONS)
def test_lscv_is_the_minimum_of_the_exact_risk(d):
    X = normal(30, d)
    sd = X.std(axis=0, ddof=1)
    found = KernelDensity(bandwidth="lscv").fit(X).bandwidth_ / sd
    np.testing.assert_allclose(found, found[0], rtol=1e-12)
    h, best = mpmath.mpf(found[0]), exact_risk(X / sd, mpmath.mpf(found[0]))
    assert best < 0
    # distances are binned 512 to a factor e, so the minimum is found to about 1e-3
    grid = [h * mpmath.mpf(2) ** (k / 8) for k in range(-24, 25)] + [h * 0.99, h * 1.01]
    assert all(exact_risk(X / sd, other) >= best for other in grid)


@pytest.mark.parametrize("d", [2, 301, 784])
def test_likelihood_cv_is_the_maximum_of_the_exact_likelihood(d):
    X = normal(30, d)
    sd = X.std(axis=0, ddof=1)
    h = float(np.mean(KernelDensity(bandwidth="likelihood_cv").fit(X).bandwidth_ / sd))
    square = np.sum((X[:, None] / sd - X / sd) ** 2, axis=2)
    np.fill_diagonal(square, np.inf)

    def likelihood(h):
        return np.logaddexp.reduce(-0.5 * square / h**2, axis=1).mean() - d * np.log(h)

    assert likelihood(h) == pytest.approx(
        max(likelihood(h * 2.0 ** (k / 16)) for k in range(-48, 49)), abs=0.05
    )
    assert likelihood(h) >= max(likelihood(0.98 * h), likelihood(1.02 * h))


def test_lscv_finds_a_minimum_above_the_usual_bound():
    """Pairs of points that are far from each other in all but two columns."""
    X = normal(40, 60) ** 3
    Z = X / X.std(axis=0, ddof=1)
    h = _lscv_nd.minimize(Z, None, 40.0)
    others = [h * 2.0 ** (k / 4) for k in range(-12, 13)]
    assert all(exact_risk(Z, mpmath.mpf(o)) >= exact_risk(Z, mpmath.mpf(h)) for o in others)


def test_adaptive_kernels_in_many_dimensions():
    """Ten copies of a row: its kernel is 10^392 times denser than the others'."""
    X = np.vstack([normal(40, 784), np.zeros((10, 784))])
    with pytest.raises(
        ValueError, match=r"AdaptiveKernelDensity: the kernels' volumes .* smaller sensitivity"
    ):
        AdaptiveKernelDensity(bandwidth="silverman").fit(X)
    model = AdaptiveKernelDensity(bandwidth="silverman", sensitivity=0.3).fit(X)
    assert np.all(np.isfinite(model.score_samples(X)))
    h, factor = model.bandwidth_, model.factors_
    square = np.sum(((X[:, None] - X) / h) ** 2, axis=2) / factor**2
    log_terms = -0.5 * square - 784 * np.log(factor)
    constant = -392 * np.log(2 * np.pi) - np.log(h).sum() - np.log(50)
    np.testing.assert_allclose(model.score_samples(X), np.logaddexp.reduce(log_terms, axis=1) + constant)


def test_a_histogram_of_more_columns_than_an_array_has_axes():
    X = normal(30, 70)
    model = HistogramDensity(bins=1).fit(X)
    np.testing.assert_allclose(model.score_samples(X), -np.log(np.ptp(X, axis=0)).sum())
