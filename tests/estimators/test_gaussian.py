"""The normal density against scipy and its closed forms."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from genrates.estimators import GaussianDensity


def _data(n=200, d=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) @ rng.standard_normal((d, d)) + 5 * rng.standard_normal(d)


@pytest.mark.parametrize("d", [1, 2, 5, 10])
@pytest.mark.parametrize("covariance", ["full", "diag"])
def test_is_scipys_density_of_the_sample_moments(d, covariance):
    X = _data(d=d)
    model = GaussianDensity(covariance=covariance).fit(X)
    expected = np.atleast_2d(np.cov(X.T, bias=True))
    expected = expected if covariance == "full" else np.diag(np.diag(expected))
    np.testing.assert_allclose(model.mean_, X.mean(axis=0))
    np.testing.assert_allclose(model.covariance_, expected, atol=1e-12)
    queries = np.vstack([X, 100 * X])
    np.testing.assert_allclose(
        model.score_samples(queries), multivariate_normal(X.mean(axis=0), expected).logpdf(queries), rtol=1e-8
    )
    assert model.n_parameters_ == d + (d * (d + 1) // 2 if covariance == "full" else d)


def test_tails_of_the_distribution_function():
    model = GaussianDensity().fit([[-1.0], [1.0]])
    np.testing.assert_allclose(model.cdf([[-30.0]]), norm.cdf(-30.0), rtol=1e-12)
    np.testing.assert_allclose(model.ppf([1e-200, 0.5]), norm.ppf([1e-200, 0.5]), rtol=1e-12)


def test_scales_far_apart_are_no_singularity():
    X = _data(d=3) * [1e-150, 1.0, 1e150]
    assert np.all(np.isfinite(GaussianDensity().fit(X).score_samples(X)))


def test_sample_has_the_moments():
    """Mean within 5 standard errors in each of 3 columns: false alarm 2e-6."""
    model = GaussianDensity().fit(_data(d=3))
    sample = model.sample(20_000, random_state=1)
    error = (sample.mean(axis=0) - model.mean_) / np.sqrt(np.diag(model.covariance_) / len(sample))
    assert np.abs(error).max() < 5
    np.testing.assert_allclose(np.corrcoef(sample.T), np.corrcoef(_data(d=3).T), atol=0.05)


@pytest.mark.parametrize(
    ("parameters", "X", "message"),
    [
        ({}, [[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], "linearly dependent"),
        ({}, [[1.0], [1.0]], "constant"),
        ({"covariance": "tied"}, [[0.0], [1.0]], "covariance must be"),
    ],
)
def test_refusals(parameters, X, message):
    with pytest.raises(ValueError, match=f"GaussianDensity.*{message}"):
        GaussianDensity(**parameters).fit(X)


def test_a_column_that_is_constant_by_its_weights():
    with pytest.raises(ValueError, match="constant"):
        GaussianDensity().fit([[1.0], [1.0], [2.0]], sample_weight=[1, 1, 0])
