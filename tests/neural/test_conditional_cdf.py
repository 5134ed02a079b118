"""ConditionalNeuralCDF: normalized, persistent, keyed by its seed; near the truth on 2-D toys (slow)."""

import numpy as np
import pytest
from scipy.stats import kstest
from sklearn.exceptions import NotFittedError

from genrates.estimators import persistence
from genrates.neural import ConditionalNeuralCDF
from genrates.neural.cdf import _knot_density as knot_density

FAST = {
    "hidden": (12,),
    "n_knots": 24,
    "marginal": {"trainer": {"max_steps": 30}},
    "trainer": {"max_steps": 60},
}


def correlated(n, seed, d=2):
    z = np.random.default_rng(seed).normal(size=(n, d))
    z[:, 1] = 2 * z[:, 0] ** 2 + 0.5 * z[:, 1]
    return 10 * z - 3


@pytest.fixture(scope="module")
def model():
    return ConditionalNeuralCDF(random_state=0, **FAST).fit(correlated(400, 0))


def test_knot_density_inverts_and_integrates():
    rng = np.random.default_rng(0)
    knots = np.sort(rng.normal(size=12))
    height, cumulative = knot_density.normalized(rng.normal(size=(5, 12)), knots)
    q = np.linspace(0.01, 0.99, 5)
    z = knot_density.quantile(q, height, cumulative, knots)
    for i in range(5):
        edges = np.append(knots[knots < z[i]], z[i])
        values = knot_density.density(edges, np.repeat(height[i : i + 1], len(edges), 0), knots)
        assert np.trapezoid(values, edges) == pytest.approx(q[i], abs=1e-12)


def test_each_conditional_has_mass_one(model):
    y = np.linspace(-3000, 3000, 400_001)
    for x in (-20.0, 15.0):
        joint = np.exp(model.score_samples(np.column_stack([np.full_like(y, x), y])))
        first = np.exp(model._first_marginal().score_samples([[x]])[0])
        # The Student tail leaves 1/401 * 4e-7 beyond 100 standard deviations.
        assert np.trapezoid(joint, y) == pytest.approx(first, rel=1e-5)


def test_samples_are_the_densitys_own(model):
    """Rosenblatt's transform of the second coordinate is uniform: Kolmogorov's test at 1e-4."""
    drawn = model.sample(2000, random_state=1)
    z = (drawn - model.location_) / model.scale_
    height, cumulative, knots = model._heights(1, z[:, :1])
    inside = (z[:, 1] > knots[0]) & (z[:, 1] < knots[-1])
    cell = np.searchsorted(knots, z[inside, 1]) - 1
    row = np.flatnonzero(inside)
    left = height[row, cell]
    there = knot_density.density(z[row, 1], height[row], knots)
    u = cumulative[row, cell] + 0.5 * (left + there) * (z[row, 1] - knots[cell])
    assert inside.mean() > 0.98
    assert kstest(u, "uniform").pvalue > 1e-4
    assert kstest(drawn[:, 0], lambda x: model._first_marginal().cdf(x[:, None])).pvalue > 1e-4


def test_learns_what_a_normal_cannot(model):
    from genrates.estimators import GaussianDensity

    fresh = correlated(2000, 7)
    assert model.score(fresh) > GaussianDensity().fit(correlated(400, 0)).score(fresh) + 0.3


def test_persistence_and_seed(model, tmp_path):
    persistence.save(model, tmp_path / "m.safetensors")
    loaded = persistence.load(tmp_path / "m.safetensors")
    x = correlated(20, 3)
    np.testing.assert_array_equal(loaded.score_samples(x), model.score_samples(x))
    np.testing.assert_array_equal(loaded.sample(4, random_state=0), model.sample(4, random_state=0))
    again = ConditionalNeuralCDF(random_state=0, **FAST).fit(correlated(400, 0))
    np.testing.assert_array_equal(again.score_samples(x), model.score_samples(x))
    assert np.isfinite(model.score_samples([[1e6, -1e6], [0, 1e9]])).all()


def test_replicates_fit_what_they_fit_alone():
    samples = [correlated(120, r, d=3) for r in range(2)]
    models = [ConditionalNeuralCDF(random_state=r, **FAST) for r in range(2)]
    ConditionalNeuralCDF.fit_replicates(models, samples)
    alone = ConditionalNeuralCDF(random_state=1, **FAST).fit(samples[1])
    np.testing.assert_allclose(
        models[1].score_samples(samples[1]), alone.score_samples(samples[1]), atol=1e-3
    )
    assert models[0].sample(5, random_state=0).shape == (5, 3)


def test_five_dimensions_have_a_likelihood_and_samples():
    """Nearer to the truth than a normal; the second coordinate of draws is the first, squared."""
    from genrates.estimators import GaussianDensity

    X, fresh = correlated(2000, 0, d=5), correlated(2000, 7, d=5)
    model = ConditionalNeuralCDF(random_state=0, **FAST).fit(X)
    assert model.score(fresh) > GaussianDensity().fit(X).score(fresh) + 0.3
    z = (model.sample(2000, random_state=1) + 3) / 10
    assert z.shape == (2000, 5)
    assert np.corrcoef(z[:, 0] ** 2, z[:, 1])[0, 1] > 0.15  # without a tie a deviation of 0.02


@pytest.mark.parametrize("seed", range(30))
def test_knots_are_as_many_as_asked_for_and_apart(seed):
    """By chance a quantile is next to an even knot in one sample of twenty."""
    rng = np.random.default_rng(seed)
    for z in (rng.normal(size=300), rng.integers(0, 4, 300).astype(float), np.array([0.0] * 50 + [1e6])):
        knots = knot_density.knots_of(z, 96, 0.5)
        assert len(knots) == 96
        assert np.diff(knots).min() > 1e-3 * np.ptp(knots) / 96
        np.testing.assert_allclose(knots[[0, -1]], [z.min() - 0.5, z.max() + 0.5])


def test_many_replicates_have_the_knots_they_have_alone():
    samples = [correlated(100, r) for r in range(20)]
    few = FAST | {"n_knots": 96, "trainer": {"max_steps": 1}, "marginal": {"trainer": {"max_steps": 1}}}
    models = [ConditionalNeuralCDF(random_state=r, **few) for r in range(20)]
    for model, x in zip(ConditionalNeuralCDF.fit_replicates(models, samples), samples, strict=True):
        z = (x[:, 1] - x[:, 1].mean()) / x[:, 1].std()
        alone = knot_density.knots_of(z, 96, 0.5)
        np.testing.assert_allclose(model.conditionals_[0]["knots"], alone, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {
                "marginal": {
                    "optimizer": "adam",
                    "learning_rate": 1e9,
                    "decay": 1e9,
                    "trainer": {"max_steps": 5},
                }
            },
            "first coordinate's fit failed",
        ),
        ({"learning_rate": 1e9}, "training diverged"),
    ],
)
def test_a_fit_that_diverges_says_so_and_is_none(params, message):
    model = ConditionalNeuralCDF(random_state=0, **(FAST | params))
    ConditionalNeuralCDF.fit_replicates([model], [correlated(100, 0)])
    assert message in model.failure_
    with pytest.raises(NotFittedError):
        model.score_samples(correlated(5, 1))
    with pytest.raises(RuntimeError, match=message):
        model.fit(correlated(100, 0))
    model.set_params(**(FAST | {"learning_rate": 1e-2})).fit(correlated(100, 0))
    assert not hasattr(model, "failure_")


@pytest.mark.parametrize(
    ("params", "X", "message"),
    [
        ({"n_knots": 3}, None, "n_knots"),
        ({"hidden": ()}, None, "hidden"),
        ({"validation": 1.0}, None, "validation"),
        ({"validation": "x"}, None, "validation"),
        ({"learning_rate": None}, None, "learning_rate"),
        ({"trainer": 5}, None, "trainer"),
        ({"trainer": {"max_step": 5}}, None, "max_step"),
        ({"marginal": {"targets": "sometimes"}}, None, "marginal.*targets"),
        ({"marginal": {"target": "fixed"}}, None, "marginal.*target"),
        ({}, np.zeros((20, 1)), "at least 2"),
        ({}, np.column_stack([np.arange(20.0), np.ones(20)]), "constant"),
        ({}, np.zeros((3, 2)), "minimum of 10"),
    ],
)
def test_bad_input_is_refused(params, X, message):
    with pytest.raises(ValueError, match=message):
        ConditionalNeuralCDF(**params).fit(correlated(30, 0) if X is None else X)
