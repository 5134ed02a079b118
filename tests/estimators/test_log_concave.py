"""Log-concave maximum likelihood, against the conditions that only the maximum meets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize

from genrates.estimators import LogConcaveDensity
from genrates.estimators.shape._exponentials import remainder


def _integrated(model, t):
    """The integral of the distribution function up to each t, by quadrature of its own."""
    tail = np.geomspace(1e-15, 0.01, 200)
    levels = np.concatenate([tail, np.linspace(0.01, 0.99, 401), 1 - tail])
    ends = np.union1d(np.union1d(model.knots_, t), model.ppf(levels))
    node, w = np.polynomial.legendre.leggauss(30)
    half = np.diff(ends)[:, None] / 2
    level = model.cdf((ends[:-1, None] + half * (node + 1)).reshape(-1, 1)).reshape(len(half), -1)
    total = np.append(0.0, np.cumsum((half * w * level).sum(axis=1)))
    return total[np.searchsorted(ends, t)]


def check_optimality(x, weight=None):
    """Integrated distribution functions: the model's below the sample's, and equal at the knots."""
    model = LogConcaveDensity().fit(x[:, None], sample_weight=weight)
    points = np.unique(x)
    share = np.array(
        [np.mean(x <= t) if weight is None else weight[x <= t].sum() / weight.sum() for t in points]
    )
    empirical = np.append(0.0, np.cumsum(share[:-1] * np.diff(points)))
    unit = x.std() or 1.0
    difference = (_integrated(model, points) - empirical) / unit
    assert difference.max() < 1e-8
    assert set(model.knots_) <= set(points)
    at_knots = np.isin(points, model.knots_)
    assert np.abs(difference[at_knots]).max() < 1e-8
    slopes = np.diff(model.log_heights_) / np.diff(model.knots_)
    assert np.all(np.diff(slopes) < 1e-9 * np.abs(slopes).max()), "concave"
    return model


@pytest.mark.parametrize("n", [2, 3, 20, 500])
@pytest.mark.parametrize("draw", ["normal", "exponential", "uniform", "cauchy", "two modes"])
def test_integrated_distribution_functions_touch_at_the_knots(n, draw):
    rng = np.random.default_rng(n)
    x = {
        "normal": lambda: rng.normal(size=n),
        "exponential": lambda: rng.exponential(size=n),
        "uniform": lambda: rng.random(n),
        "cauchy": lambda: rng.standard_cauchy(n),
        "two modes": lambda: rng.normal(size=n) + 8 * (rng.random(n) < 0.5),
    }[draw]()
    check_optimality(x)


def test_ties_and_weights():
    rng = np.random.default_rng(1)
    check_optimality(rng.normal(size=400).round(1))
    check_optimality(rng.normal(size=100), np.exp(rng.normal(size=100)))
    check_optimality(np.repeat([0.0, 1.0, 5.0], [50, 1, 3]))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=25).filter(lambda x: len(set(x)) > 1))
def test_optimality_on_whole_numbers(values):
    check_optimality(np.array(values, dtype=float))


def test_no_other_concave_function_has_a_larger_likelihood():
    """A general-purpose optimizer over all heights, with kinks as parameters, comes no higher."""
    x = np.sort(np.random.default_rng(2).normal(size=12))
    model = LogConcaveDensity().fit(x[:, None])

    def negative(parameters):
        slope = parameters[1] - np.append(0.0, np.cumsum(np.exp(parameters[2:])))
        height = parameters[0] + np.append(0.0, np.cumsum(slope * np.diff(x)))
        d = np.diff(height)
        return np.exp(height[:-1]) @ (np.diff(x) * remainder(d, 1)) - height.mean()

    start = np.concatenate([[-2.0, 1.0], np.full(len(x) - 2, -2.0)])
    found = minimize(negative, start, method="BFGS", options={"maxiter": 5000})
    best = 1 - model.score(x[:, None])
    assert best <= found.fun + 1e-9
    assert found.fun - best < 1e-3, "and it comes as high"


def test_mean_and_mass_are_the_data_s_and_the_variance_is_less():
    x = np.random.default_rng(3).normal(2, 3, size=300)
    model = LogConcaveDensity().fit(x[:, None])
    f = lambda t, power: t**power * np.exp(model.score_samples([[t]])[0])  # noqa: E731
    moments = [quad(f, x.min(), x.max(), args=(p,), points=model.knots_, limit=200)[0] for p in range(3)]
    assert moments[0] == pytest.approx(1, abs=1e-8)
    assert moments[1] == pytest.approx(x.mean(), abs=1e-7)
    assert moments[2] - moments[1] ** 2 < x.var()


def test_an_exponential_sample_takes_few_knots_and_a_large_one_too():
    rng = np.random.default_rng(4)
    assert len(LogConcaveDensity().fit(rng.exponential(size=(5000, 1))).knots_) < 12
    assert len(LogConcaveDensity().fit(rng.normal(size=(20_000, 1))).knots_) < 60


@pytest.mark.parametrize("unit", [1e-290, 1e-155, 1e155, 1e290])
def test_the_unit_of_the_data_changes_nothing(unit):
    x = np.random.default_rng(5).normal(size=(100, 1))
    plain, scaled = LogConcaveDensity().fit(x), LogConcaveDensity().fit(unit * x)
    found = scaled.score_samples(scaled.knots_[:, None]) + np.log(unit)
    np.testing.assert_allclose(found, plain.log_heights_, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("far", [1e6, 1e18, 1e200])
def test_one_far_value_gets_its_due(far):
    x = np.append(np.random.default_rng(6).normal(size=50), far)[:, None]
    model = LogConcaveDensity().fit(x)
    assert np.isfinite(model.score_samples(x)).all()
    assert model.cdf([[far]])[0] == 1


def test_remainders_of_the_exponential():
    z = np.array([-700.0, -30.0, -1.001, -0.999, -1e-9, 0.0, 0.3, 0.999, 1.001, 30.0])
    for order, weight in ((1, lambda t: 1.0), (2, lambda t: 1 - t), (3, lambda t: (1 - t) ** 2 / 2)):
        expected = [
            quad(lambda t, a=a, weight=weight: weight(t) * np.exp(t * a), 0, 1, epsabs=0, epsrel=1e-12)[0]
            for a in z
        ]
        np.testing.assert_allclose(remainder(z, order), expected, rtol=1e-11)
