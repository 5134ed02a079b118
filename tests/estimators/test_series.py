"""The orthogonal series: its coefficients, its risk, its projection onto the densities."""

import numpy as np
import pytest

from genrates.estimators import SeriesDensity
from genrates.estimators.series._basis import BASES, Cosine
from genrates.estimators.series._projection import project


def _beta(n, seed=0, d=1):
    return np.random.default_rng(seed).beta(2, 3, size=(n, d))


@pytest.mark.parametrize("basis", ["cosine", "legendre"])
def test_coefficients_are_means_of_orthonormal_functions(basis):
    u = np.random.default_rng(0).random(300)
    weight = np.random.default_rng(1).random(300)
    basis = BASES[basis]
    phi = np.stack([basis.value(row, u) for row in np.eye(40)], axis=1)
    means, squares = basis.coefficients(u, weight, 40)
    w = weight / weight.sum()
    np.testing.assert_allclose(means, w @ phi, atol=1e-12)
    np.testing.assert_allclose(squares, w @ phi**2, rtol=1e-12, atol=1e-11)
    grid = (np.arange(4000) + 0.5) / 4000
    on_grid = np.stack([basis.value(row, grid) for row in np.eye(4)])
    gram = on_grid @ on_grid.T / 4000
    np.testing.assert_allclose(gram, np.eye(4), atol=1e-5)


def test_fast_coefficients_at_high_frequencies():
    u = np.concatenate([[0.0, 1.0, 0.5], np.random.default_rng(0).random(200)])
    means, _ = Cosine.coefficients(u, None, 1024)
    np.testing.assert_allclose(means, Cosine.matrix(u, 1024).mean(axis=0), atol=1e-12)


@pytest.mark.parametrize("basis", ["cosine", "legendre"])
def test_derivative_and_antiderivative(basis):
    basis, theta, u = BASES[basis], np.array([1.0, 0.3, -0.2, 0.1, 0.05]), np.linspace(0.01, 0.99, 37)
    step = 1e-6
    slope = (basis.value(theta, u + step) - basis.value(theta, u - step)) / (2 * step)
    np.testing.assert_allclose(basis.derivative(theta, u), slope, atol=1e-7)
    slope = (basis.integral(theta, u + step) - basis.integral(theta, u - step)) / (2 * step)
    np.testing.assert_allclose(slope, basis.value(theta, u), atol=1e-8)
    assert float(basis.integral(theta, np.zeros(1))[0]) == 0
    assert float(basis.integral(theta, np.ones(1))[0]) == pytest.approx(1)


@pytest.mark.parametrize("basis", ["cosine", "legendre"])
def test_risk_is_leave_one_out(basis):
    """Against the definition: integral of f^2 minus 2/n sum of f without x_i at x_i."""
    X = _beta(40)
    model = SeriesDensity(bounds=(0, 1), basis=basis).fit(X)
    value = BASES[basis].value
    phi = np.stack([value(row, X[:, 0]) for row in np.eye(8)], axis=1)
    for m in (1, 3, 8):
        without = [np.delete(phi[:, :m], i, axis=0).mean(axis=0) @ phi[i, :m] for i in range(40)]
        risk = np.sum(phi[:, :m].mean(axis=0) ** 2) - 2 * np.mean(without)
        assert model.risk_[m - 1] == pytest.approx(risk, abs=1e-11)
    assert model.n_terms_ == np.argmin(model.risk_) + 1


def test_risk_in_2d_is_leave_one_out():
    X = _beta(30, d=2)
    model = SeriesDensity(bounds=[(0, 1), (0, 1)]).fit(X)
    phi = np.einsum("ni,nj->nij", Cosine.matrix(X[:, 0], 3), Cosine.matrix(X[:, 1], 3)).reshape(30, -1)
    without = [np.delete(phi, i, axis=0).mean(axis=0) @ phi[i] for i in range(30)]
    assert model.risk_[2] == pytest.approx(np.sum(phi.mean(axis=0) ** 2) - 2 * np.mean(without), abs=1e-11)


def test_projection_is_the_nearest_density():
    """(f - c)_+ is nearer to f than the clipped and rescaled series, and than nudged densities."""
    theta = np.array([1.0, 0.9, 0.6, -0.5, 0.4])
    level, intervals = project(Cosine, theta)
    assert level > 0
    grid = (np.arange(200_000) + 0.5) / 200_000
    f = Cosine.value(theta, grid)
    projected = np.maximum(f - level, 0)
    assert projected.mean() == pytest.approx(1, abs=1e-9)
    assert np.sum(np.diff(intervals, axis=1)) == pytest.approx(np.mean(projected > 0), abs=1e-4)
    clipped = np.maximum(f, 0) / np.maximum(f, 0).mean()
    distance = np.mean((f - projected) ** 2)
    assert distance < np.mean((f - clipped) ** 2)
    for t in (0.01, 0.1):
        assert distance < np.mean((f - (1 - t) * projected - t) ** 2)


def test_mean_ise_matches_exact_theory():
    """Series of 5 cosines on Beta(2, 3): E ||f_M - p||^2 = sum Var(phi_k) / n + the tail of theta^2.

    Gajek's projection can only lower it; at n = 2000 the level is 0 in nearly all draws, so the mean over 400
    draws is compared two-sidedly at 4 standard errors (false alarm 6e-5, fixed seed).
    """
    grid = (np.arange(4096) + 0.5) / 4096
    truth = 12 * grid * (1 - grid) ** 2
    phi = Cosine.matrix(grid, 5)
    theta = truth @ phi / 4096
    variance = (truth @ phi**2 / 4096 - theta**2).sum() / 2000
    exact = variance + np.mean(truth**2) - np.sum(theta**2)
    rng = np.random.default_rng(5)
    errors = []
    for _ in range(400):
        model = SeriesDensity(n_terms=5, bounds=(0, 1), floor=0.0).fit(rng.beta(2, 3, size=(2000, 1)))
        errors.append(np.mean((Cosine.value(model.coefficients_, grid) - truth) ** 2))
        projected = np.mean((np.exp(model.score_samples(grid[:, None])) - truth) ** 2)
        assert projected <= errors[-1] + 1e-9
    assert abs(np.mean(errors) - exact) < 4 * np.std(errors) / np.sqrt(400)


def test_floor():
    """The floor is a share of the mass; without it the density vanishes where the series is cut."""
    X = np.random.default_rng(0).normal(0.5, 0.02, size=(100, 1))
    bare, floored = (SeriesDensity(bounds=(0, 1), floor=floor).fit(X) for floor in (0.0, None))
    assert bare.level_ > 0
    assert bare.score_samples([[0.01]])[0] == -np.inf
    assert floored.score_samples([[0.01]])[0] == pytest.approx(np.log(1 / 101))
    for model in (bare, floored):
        np.testing.assert_allclose(
            model.cdf(model.ppf(np.linspace(0, 1, 50))[:, None]), np.linspace(0, 1, 50)
        )
        assert np.all(np.isfinite(model.score_samples(model.sample(1000, random_state=0))))


def test_bounds():
    X = np.array([[0.0], [1.0], [2.0], [4.0]])
    np.testing.assert_allclose(SeriesDensity().fit(X).bounds_, [[-4 / 3, 16 / 3]])
    np.testing.assert_allclose(SeriesDensity(bounds=(0, None)).fit(X).bounds_, [[0, 16 / 3]])
    assert SeriesDensity(bounds=(0, 9)).fit(X).score_samples([[-0.1], [9.1]]).tolist() == [-np.inf] * 2
    for bad in ((1, 9), (3, 2), (0, np.inf), [(0, 9), (0, 9)], (0, 4, 9)):
        with pytest.raises(ValueError, match="SeriesDensity"):
            SeriesDensity(bounds=bad).fit(X)


@pytest.mark.parametrize(
    "parameters",
    [{"n_terms": 0}, {"n_terms": "best"}, {"n_terms": 2.5}, {"basis": "fourier"}, {"floor": 1.0}],
)
def test_bad_parameters(parameters):
    with pytest.raises(ValueError, match="SeriesDensity"):
        SeriesDensity(**parameters).fit(_beta(20))


def test_bad_data():
    with pytest.raises(ValueError, match="constant"):
        SeriesDensity().fit(np.ones((5, 1)))
    with pytest.raises(ValueError, match="features"):
        SeriesDensity().fit(np.random.default_rng(0).random((20, 4)))
    with pytest.raises(ValueError, match="features"):
        SeriesDensity(basis="legendre").fit(np.random.default_rng(0).random((20, 2)))


def test_ties_do_not_run_away():
    """On integers the risk falls for ever as cosines resolve the atoms; M stops at the distinct values."""
    X = np.array([3.0, 5, 4, 4, 5, 3, 4, 5])[:, None]
    assert SeriesDensity().fit(X).n_terms_ <= 3


def test_weights_are_repeats_or_importances():
    X, count = _beta(50), np.random.default_rng(1).integers(0, 4, 50)
    repeated = SeriesDensity(bounds=(0, 1)).fit(np.repeat(X, count, axis=0))
    weighted = SeriesDensity(bounds=(0, 1)).fit(X, sample_weight=count)
    np.testing.assert_allclose(weighted.risk_, repeated.risk_, atol=1e-12)
    np.testing.assert_allclose(weighted.coefficients_, repeated.coefficients_, atol=1e-13)
    importance = np.random.default_rng(2).random(50)
    one, two = (SeriesDensity(bounds=(0, 1)).fit(X, sample_weight=s * importance) for s in (1, 0.001))
    np.testing.assert_allclose(one.coefficients_, two.coefficients_, atol=1e-13)


def test_sample_in_3d_follows_the_density():
    """Means over 20 000 draws against quadrature: 4 standard errors, false alarm 6e-5 each."""
    X = _beta(500, d=3)
    X[:, 1] = 0.5 * X[:, 0] + 0.5 * X[:, 1]
    model = SeriesDensity(bounds=[(0, 1)] * 3).fit(X)
    axis = (np.arange(48) + 0.5) / 48
    grid = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(-1, 3)
    density = np.exp(model.score_samples(grid))
    assert density.mean() == pytest.approx(1, abs=2e-3)
    sample = model.sample(20_000, random_state=0)
    for function in (lambda x: x[:, 0] * x[:, 1], lambda x: x[:, 2] ** 2):
        expected = np.mean(density * function(grid)) / density.mean()
        assert abs(function(sample).mean() - expected) < 4 * function(sample).std() / np.sqrt(20_000) + 1e-3
