"""k nearest neighbors: distances, normalizer and samples against brute force."""

import numpy as np
import pytest
from scipy.stats import kstest

from genrates.estimators import NeighborDensity


def _normal(n, d=1, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def _kth_by_hand(X, q, k):
    return np.sort(np.linalg.norm(X[None] - q[:, None], axis=2), axis=1)[:, k - 1]


@pytest.mark.parametrize("k", [2, 3, 17, 60])
def test_distance_in_1d_is_the_kth(k):
    X, q = _normal(60), np.linspace(-4, 4, 301)[:, None]
    model = NeighborDensity(n_neighbors=k, region=(-4, 4)).fit(X)
    expected = -np.log(_kth_by_hand(X, q, k))
    np.testing.assert_allclose(model.score_samples(q) + model.log_normalizer_, expected, atol=1e-12)


@pytest.mark.parametrize("region", [(-4, 4), (-0.3, 0.2), (5, 6), (-9, -3)])
def test_normalizer_in_1d_is_exact(region):
    """Against Gauss-Legendre between the knots; regions within, around and beside the data."""
    X = np.round(_normal(80), 1)  # with ties
    model = NeighborDensity(n_neighbors=12, region=region).fit(X)
    knots = model.breakpoints_
    node, weight = np.polynomial.legendre.leggauss(30)
    half = 0.5 * np.diff(knots)[:, None]
    x = knots[:-1, None] + half * (1 + node)
    total = np.sum(half * weight / _kth_by_hand(X, x.reshape(-1, 1), 12).reshape(x.shape))
    assert model.log_normalizer_ == pytest.approx(np.log(total), abs=1e-11)
    assert model.normalizer_error_ == 0


def test_weights_are_repeats():
    X, count = _normal(50), np.random.default_rng(1).integers(0, 4, 50)
    q = np.linspace(-3, 3, 200)[:, None]
    for d in (1, 2):
        X = _normal(50, d)
        q = np.random.default_rng(2).uniform(-1, 1, size=(100, d))
        repeated = NeighborDensity(n_neighbors=9).fit(np.repeat(X, count, axis=0))
        weighted = NeighborDensity(n_neighbors=9).fit(X, sample_weight=count)
        np.testing.assert_allclose(weighted.score_samples(q), repeated.score_samples(q), atol=1e-11)


def test_importances_in_1d():
    """Only ratios matter, and the k-th distance is the least that holds weight k of the effective size."""
    X, w = _normal(40), np.random.default_rng(1).random(40)
    one, two = (NeighborDensity(n_neighbors=8, region=(-3, 3)).fit(X, sample_weight=s * w) for s in (1, 1e-3))
    q = np.linspace(-2, 2, 50)[:, None]
    np.testing.assert_allclose(one.score_samples(q), two.score_samples(q), atol=1e-10)
    scaled = w * w.sum() / (w @ w)
    distance = np.abs(X[:, 0] - q)
    order = np.argsort(distance, axis=1)
    reached = np.cumsum(scaled[order], axis=1) >= 8
    expected = np.take_along_axis(distance, order, axis=1)[np.arange(50), reached.argmax(axis=1)]
    np.testing.assert_allclose(one.score_samples(q) + one.log_normalizer_, -np.log(expected), atol=1e-10)


def test_importances_in_2d():
    """The k-th distance at 200 points, by sorting all distances."""
    X, w = _normal(60, 2), np.random.default_rng(1).random(60)
    model = NeighborDensity(n_neighbors=7, region=[(-4, 4)] * 2).fit(X, sample_weight=w)
    q = np.random.default_rng(2).uniform(-3, 3, (200, 2))
    distance = np.linalg.norm((q[:, None] - X) / model.scale_, axis=2)
    order = np.argsort(distance, axis=1)
    reached = np.cumsum((w * w.sum() / (w @ w))[order], axis=1) >= 7
    expected = np.take_along_axis(distance, order, axis=1)[np.arange(200), reached.argmax(axis=1)]
    scores = model.score_samples(q) + model.log_normalizer_ + np.log(model.scale_).sum()
    np.testing.assert_allclose(scores, -2 * np.log(expected), atol=1e-10)
    assert len(NeighborDensity(n_neighbors="likelihood_cv").fit(X, sample_weight=w).sample(9)) == 9


@pytest.mark.parametrize(("d", "per_axis"), [(2, 500), (3, 80)])
def test_normalizer_in_2d_and_3d(d, per_axis):
    """Against a grid of 250 000 or 512 000 points: off by less than it says, and than half a percent."""
    model = NeighborDensity().fit(_normal(300, d))
    low, high = model.region_.T
    grid = (np.indices((per_axis,) * d).reshape(d, -1).T + 0.5) / per_axis
    total = np.mean(np.exp(model.score_samples(low + (high - low) * grid))) * np.prod(high - low)
    assert abs(total - 1) < min(model.normalizer_error_, 0.005)
    with pytest.raises(ValueError, match="one dimension"):
        model.cdf(low[None])


def test_five_dimensions():
    """Importance sampling says its own error; resampled draws have the density's mean (8 standard errors)."""
    X = _normal(400, 5)
    model = NeighborDensity().fit(X)
    assert 0 < model.normalizer_error_ < 0.05
    sample = model.sample(3000, random_state=0)
    assert sample.shape == (3000, 5)
    assert np.all((sample >= model.region_[:, 0]) & (sample <= model.region_[:, 1]))
    low, high = model.region_.T
    q = low + (high - low) * np.random.default_rng(3).random((100_000, 5))
    weight = np.exp(model.score_samples(q))
    spread = np.sum(weight * (q[:, 0] ** 2)) / weight.sum()
    error = np.sqrt(np.sum(weight**2 * (q[:, 0] ** 2 - spread) ** 2)) / weight.sum()
    drawn = sample[:, 0] ** 2
    assert abs(drawn.mean() - spread) < 4 * np.hypot(error, 2 * drawn.std() / np.sqrt(3000))


def test_scale_of_columns_does_not_matter():
    X = _normal(300, 2)
    plain, stretched = NeighborDensity().fit(X), NeighborDensity().fit(X * [1.0, 1000.0])
    np.testing.assert_allclose(
        stretched.score_samples(X * [1.0, 1000.0]), plain.score_samples(X) - np.log(1000), atol=1e-9
    )


def test_likelihood_choice_is_the_best_left_out():
    """Against leaving every point out for real, on the same values of k: within 0.02 nats of the best."""
    X = _normal(60, seed=4)
    chosen = NeighborDensity(n_neighbors="likelihood_cv", region=(-5, 5)).fit(X).n_neighbors_

    def left_out(k):
        fits = (
            NeighborDensity(n_neighbors=k, region=(-5, 5)).fit(np.delete(X, i, axis=0)) for i in range(60)
        )
        return np.mean([fit.score_samples(X[i : i + 1])[0] for i, fit in enumerate(fits)])

    scores = {k: left_out(k) for k in range(2, 31)}
    assert left_out(chosen) > max(scores.values()) - 0.02
    assert scores[2] < max(scores.values()) - 0.1  # the criterion is not flat


def test_ties():
    X = np.array([3.0, 5, 4, 4, 4, 5, 3, 4])[:, None]
    assert NeighborDensity().fit(X).n_neighbors_ > 4
    assert np.all(np.isfinite(NeighborDensity(n_neighbors="likelihood_cv").fit(X).score_samples(X)))
    with pytest.raises(ValueError, match="repeats"):
        NeighborDensity(n_neighbors=4).fit(X)


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_neighbors": 1},
        {"n_neighbors": "most"},
        {"n_neighbors": 2.5},
        {"n_neighbors": 21},
        {"region": (2, 1)},
    ],
)
def test_bad_parameters(parameters):
    with pytest.raises(ValueError, match="NeighborDensity"):
        NeighborDensity(**parameters).fit(_normal(20))


def test_outside_the_region():
    model = NeighborDensity(region=(-1, 1)).fit(_normal(100))
    assert model.score_samples([[-1.01], [1.01]]).tolist() == [-np.inf, -np.inf]
    assert model.cdf([[-2.0], [2.0]]).tolist() == [0.0, 1.0]


def test_a_million_points_and_samples():
    """n = 2e5 to keep the suite quick; Kolmogorov-Smirnov of 2e5 draws, false alarm 1e-4."""
    model = NeighborDensity().fit(_normal(200_000))
    assert model.n_neighbors_ == round(0.5 * 200_000**0.8)
    sample = model.sample(200_000, random_state=0)[:, 0]
    assert kstest(sample, lambda x: model.cdf(x[:, None])).pvalue > 1e-4


@pytest.mark.slow
def test_rates_on_a_compact_set_and_on_the_line():
    """Slope of log root-MISE over n = 10^3 to 10^5 on the normal, 24 replicates.

    "rate": the unnormalized k / (2 n r_k) on [-1, 1], where the density is positive: n^(-2/5). "global_rate":
    the density's own error on the whole line, between n^(-1/3) and n^(-1/3) log n, whose slope is -0.22 here.
    The slopes' standard errors are 0.018 and 0.006 by bootstrap; 4 of them are allowed (false alarm 6e-5).
    """
    sizes, grid = np.array([1000, 10_000, 100_000]), np.linspace(-6, 6, 2401)
    truth = np.exp(-0.5 * grid**2) / np.sqrt(2 * np.pi)
    core = np.abs(grid) <= 1
    local, whole = np.zeros(3), np.zeros(3)
    for replicate in range(24):
        X = _normal(100_000, seed=replicate)
        for j, n in enumerate(sizes):
            model = NeighborDensity(n_neighbors="rate", region=(-7, 7)).fit(X[:n])
            raw = (
                np.exp(model.score_samples(grid[:, None]) + model.log_normalizer_)
                * model.n_neighbors_
                / (2 * n)
            )
            local[j] += np.mean((raw - truth)[core] ** 2)
            model = NeighborDensity(n_neighbors="global_rate").fit(X[:n])
            whole[j] += np.mean((np.exp(model.score_samples(grid[:, None])) - truth) ** 2)
    slopes = [0.5 * np.polyfit(np.log(sizes), np.log(error), 1)[0] for error in (local, whole)]
    assert slopes[0] == pytest.approx(-2 / 5, abs=0.074)
    assert -1 / 3 - 0.024 < slopes[1] < -0.22 + 0.024
