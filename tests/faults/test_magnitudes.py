"""Data of any magnitude: the same model in other units, or a ValueError that names the estimator."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone

import genrates.neural
from genrates.data.normal_mixture import NormalMixtureData
from genrates.estimators import (
    AdaptiveKernelDensity,
    GaussianDensity,
    HistogramDensity,
    KernelDensity,
    ManifoldDensity,
    MixtureDensity,
    NeighborDensity,
    SeriesDensity,
)
from genrates.estimators._numerics.spread import deviation, power_of_two
from genrates.estimators.peers import ScipyGaussianKDE
from genrates.metrics import RootMISE
from genrates.metrics.base import Evaluation
from genrates.metrics.measurement import Measurement, aggregate

FACTORS = [1e-170, 1e-155, 1e-100, 1e100, 1e155, 1e170]
IN_ANY_DIMENSION = [
    GaussianDensity(),
    GaussianDensity(covariance="diag"),
    MixtureDensity(random_state=0),
    MixtureDensity(random_state=0, covariance="diag"),
    MixtureDensity(n_components="bic", max_components=2, random_state=0),
    *(HistogramDensity(bins=bins) for bins in ("loo", "fd", "scott", 7)),
    *(KernelDensity(bandwidth=rule) for rule in ("lscv", "likelihood_cv", "silverman", "scott")),
    KernelDensity(bandwidth="silverman", kernel="epanechnikov"),
    KernelDensity(bandwidth="silverman", kernel="exponential"),
    KernelDensity(bandwidth="silverman", rtol=1e-4),
    AdaptiveKernelDensity(bandwidth="silverman"),
    *(NeighborDensity(n_neighbors=rule) for rule in ("rate", "likelihood_cv", 5)),
    SeriesDensity(),
    ManifoldDensity(latent=1),
    ManifoldDensity(latent=2, density=GaussianDensity()),
    ScipyGaussianKDE(),
]
ON_THE_LINE = [
    KernelDensity(bandwidth="improved_sheather_jones"),
    KernelDensity(bandwidth="silverman", kernel="gaussian4"),
    KernelDensity(bandwidth="silverman", kernel="sinc"),
    SeriesDensity(basis="legendre"),
]
#: what can do without squares in data's units is the same model in every unit
NEVER_REFUSES = (AdaptiveKernelDensity, KernelDensity, NeighborDensity, SeriesDensity)
CASES = [
    pytest.param(model, d, id=f"{model}-{d}")
    for d in (1, 2)
    for model in IN_ANY_DIMENSION + (ON_THE_LINE if d == 1 else [])
]


def data(n, d, seed=0):
    X = np.random.default_rng(seed).standard_normal((n, d))
    X[: n // 3] = 2 + 0.5 * X[: n // 3]
    return X


def fitted_or_refused(model, X):
    """Return the fitted model, or None and the message."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            return clone(model).fit(X), None
        except ValueError as refusal:
            return None, str(refusal)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize(("model", "d"), CASES)
def test_the_same_in_other_units(model, d, factor):
    X, queries = data(120, d), data(20, d, seed=1)
    plain = clone(model).fit(X)
    scaled, refusal = fitted_or_refused(model, factor * X)
    if scaled is None:
        assert type(model).__name__ in refusal
        assert not isinstance(model, NEVER_REFUSES)
        assert not 1e-101 < factor < 1e101
        return
    found = scaled.score_samples(factor * queries) + d * np.log(factor)
    np.testing.assert_allclose(found, plain.score_samples(queries), rtol=1e-7, atol=1e-7)
    draws, expected = scaled.sample(5, random_state=0), plain.sample(5, random_state=0)
    np.testing.assert_allclose(draws / factor, expected, rtol=1e-7, atol=1e-7)
    if d == 1 and "cdf" in plain.capabilities_:
        levels = [0.1, 0.5, 0.9]
        np.testing.assert_allclose(scaled.ppf(levels) / factor, plain.ppf(levels), rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(scaled.cdf(factor * queries), plain.cdf(queries), atol=1e-7)


@pytest.mark.parametrize("factor", [1e-155, 1e155])
@pytest.mark.parametrize("model", [GaussianDensity(), MixtureDensity()], ids=str)
def test_a_variance_that_no_double_holds_is_refused(model, factor):
    with pytest.raises(ValueError, match=r"column 1 has the standard deviation .* rescale"):
        clone(model).fit(data(60, 2) * [1, factor])


def test_one_column_of_another_magnitude():
    X = data(60, 2)
    plain, scaled = GaussianDensity().fit(X), GaussianDensity().fit(X * [1, 1e140])
    expected = plain.score_samples(X) - np.log(1e140)
    np.testing.assert_allclose(scaled.score_samples(X * [1, 1e140]), expected, rtol=1e-9)


@pytest.mark.parametrize("kernel", ["gaussian", "epanechnikov", "gaussian4"])
def test_bounds_of_another_magnitude(kernel):
    X = np.abs(data(80, 1))
    for factor in (1e-170, 1e170):
        plain, scaled = (
            KernelDensity(bandwidth="silverman", kernel=kernel, bounds=(0, None)).fit(c * X)
            for c in (1, factor)
        )
        np.testing.assert_allclose(scaled.cdf(factor * X), plain.cdf(X), atol=1e-9)


def test_the_error_of_a_density_in_other_units():
    """sqrt(int (p^ - p)^2) has the unit of 1 / sqrt(x)."""
    plain, *scaled = (
        RootMISE()(Evaluation(model, truth, np.zeros((2, 1))))
        for factor in (1.0, 1e-150, 1e150)
        for truth in [NormalMixtureData(weights=[1.0], means=[0.0], sds=[factor])]
        for model in [HistogramDensity(bins=9).fit(factor * data(100, 1))]
    )
    np.testing.assert_allclose(scaled, [plain * 1e75, plain * 1e-75], rtol=1e-9)


def test_errors_of_replicates_are_not_squared_in_their_unit():
    rows = [
        (10, 0, Measurement("m", 3e-200)),
        (10, 1, Measurement("m", 3e-200)),
        (20, 0, Measurement("m", 0.0)),
    ]
    found = aggregate(rows, "m", "root_mean_square")
    assert found == {10: pytest.approx(3e-200, rel=1e-15), 20: 0.0}


QUICK = {"hidden": (4,), "random_state": 0}


@pytest.mark.parametrize(
    "power", [-560, 560]
)  # 1e-169 and 1e169; a power of two, so that training is the same
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("NeuralCDF", {}),
        ("DenoisingAutoencoder", {"corruption": "gaussian", "noise": 0.5, "trainer": {"max_epochs": 2}}),
        ("FlowMatching", {"trainer": {"max_epochs": 2}}),
    ],
)
def test_networks_in_other_units(name, parameters, power):
    model, factor = getattr(genrates.neural, name)(**QUICK, **parameters), 2.0**power
    X = data(80, 1 if name == "NeuralCDF" else 2)
    plain, scaled = clone(model).fit(X), clone(model).fit(factor * X)
    draws = scaled.sample(5, random_state=0) / factor
    np.testing.assert_allclose(draws, plain.sample(5, random_state=0), rtol=1e-9)
    is_bound = name == "DenoisingAutoencoder"
    likelihood = "log_bound" if is_bound else "score_samples"
    keywords = {"n_states": 9, "random_state": 0} if is_bound else {}
    found = getattr(scaled, likelihood)(factor * X, **keywords) + X.shape[1] * np.log(factor)
    np.testing.assert_allclose(found, getattr(plain, likelihood)(X, **keywords), rtol=1e-9, atol=1e-9)


def test_spread_by_hand():
    x = np.random.default_rng(0).standard_normal((50, 3)) * [1e-300, 1.0, 1e300]
    expected = np.array([1e-300, 1.0, 1e300]) * (x / [1e-300, 1.0, 1e300]).std(axis=0)
    np.testing.assert_allclose(deviation(x, None), expected, rtol=1e-13)
    y = data(40, 2)
    np.testing.assert_array_equal(deviation(y, None), y.std(axis=0))
    w = np.random.default_rng(1).random(40)
    w /= w.sum()
    np.testing.assert_array_equal(deviation(y, w), np.sqrt(w @ (y - w @ y) ** 2))
    np.testing.assert_array_equal(
        power_of_two(np.array([[0.0, 5e-324, -1.7e308, 0.75]])), [1, 2.0**-1022, 2.0**1022, 0.5]
    )
