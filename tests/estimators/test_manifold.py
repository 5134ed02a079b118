"""A density on a manifold: exact where the map is linear, a density where it is curved, else honest."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, multivariate_normal

from genrates.data.manifold_d import ManifoldD
from genrates.data.quadrature import midpoint_grid
from genrates.estimators import GaussianDensity, KernelDensity, ManifoldDensity
from genrates.estimators.base import DensityEstimator
from genrates.estimators.persistence import load, save


class Parabola(DensityEstimator):
    """The curve (z, height z^2): a reducer with a curved decoder, known exactly."""

    output = "gaussian"
    latent = 1

    def __init__(self, *, height: float = 0.5, random_state=None):
        self.height, self.random_state = height, random_state

    def fit(self, X, y=None):
        self._check_fit(X)
        self.scale_ = np.ones(1)
        return self

    def transform(self, X):
        return X[:, :1]

    def inverse_transform(self, Z):
        return np.hstack([Z, self.height * Z**2])


@pytest.fixture
def plane_data():
    return ManifoldD(d=6, noise=0.1).sample(500, np.random.default_rng(0))


@pytest.fixture
def bent_data():
    rng = np.random.default_rng(1)
    Z = rng.standard_normal((800, 1))
    return Parabola().inverse_transform(Z) + 0.1 * rng.standard_normal((800, 2))


def test_with_a_normal_in_the_plane_it_is_probabilistic_pca(plane_data):
    """Tipping and Bishop's closed form: W W^T + sigma^2 I, by a route that shares no code with ours."""
    model = ManifoldDensity(latent=2, density=GaussianDensity()).fit(plane_data)
    values, vectors = np.linalg.eigh(np.cov(plane_data.T, bias=True))
    noise = values[:-2].mean()
    covariance = vectors[:, -2:] @ np.diag(values[-2:] - noise) @ vectors[:, -2:].T + noise * np.eye(6)
    expected = multivariate_normal(plane_data.mean(axis=0), covariance).logpdf(plane_data)
    np.testing.assert_allclose(model.score_samples(plane_data), expected, rtol=1e-9, atol=1e-9)


def test_all_directions_kept_is_the_density_itself_rotated(plane_data):
    X = plane_data[:, :3]
    model = ManifoldDensity(latent=3, density=GaussianDensity()).fit(X)
    np.testing.assert_allclose(model.score_samples(X), GaussianDensity().fit(X).score_samples(X), rtol=1e-9)
    assert model.noise_ == 0


def test_draws_in_the_plane_have_the_data_s_covariance(plane_data):
    model = ManifoldDensity(latent=2, density=GaussianDensity()).fit(plane_data)
    draws = model.sample(100_000, random_state=2)
    # a variance near 1 has a standard error of sqrt(2 / 100 000) = .0045; five: false alarm 6e-7 an entry
    np.testing.assert_allclose(np.cov(draws.T), np.cov(plane_data.T, bias=True), atol=0.0225)
    off_plane = draws - model._chart().decode(model._chart().encode(draws))
    assert np.sqrt((off_plane**2).sum(axis=1).mean() / 4) == pytest.approx(model.noise_, rel=0.01)


@pytest.mark.parametrize("height", [0.0, 0.5, 1.0])
def test_around_a_curve_it_integrates_to_one(height):
    rng = np.random.default_rng(3)
    X = Parabola(height=height).inverse_transform(rng.standard_normal((800, 1)))
    X += 0.05 * rng.standard_normal(X.shape)
    model = ManifoldDensity(reducer=Parabola(height=height), density=GaussianDensity()).fit(X)
    nodes, area = midpoint_grid(np.array([-6.0, -2.0]), np.array([6.0, 34.0]), 900)
    near = np.abs(nodes[:, 1] - height * nodes[:, 0] ** 2) < 1 + 2 * np.abs(nodes[:, 0])
    mass = float(area[near] @ np.exp(model.score_samples(nodes[near])))
    assert mass == pytest.approx(1, abs=2e-3)


def test_around_a_curve_the_integral_is_right(bent_data):
    """Against the integral over z by a fine rule."""
    model = ManifoldDensity(reducer=Parabola(), density=KernelDensity(bandwidth=0.3)).fit(bent_data)
    z = np.linspace(-6, 6, 6001)[:, None]
    along, centers = np.exp(model.density_.score_samples(z)), Parabola().inverse_transform(z)
    X, s2 = bent_data[:60], model.noise_**2
    squares = ((X[:, None] - centers) ** 2).sum(axis=2)
    exact = np.log(np.exp(-0.5 * squares / s2) @ along * (z[1, 0] - z[0, 0]) / (2 * np.pi * s2))
    np.testing.assert_allclose(model.score_samples(X), exact, atol=2e-3)


def test_the_data_set_s_own_map_loses_no_volume():
    """On a plane in d = 4 the curved route and the exact one differ by the noise along the plane alone."""
    X = ManifoldD(d=4, noise=0.02).sample(400, np.random.default_rng(4))
    flat = ManifoldDensity(latent=2, density=GaussianDensity()).fit(X)

    class SamePlane(Parabola):
        latent = 2

        def transform(self, X):
            return (X - flat.mean_) @ flat.components_.T

        def inverse_transform(self, Z):
            return flat.mean_ + Z @ flat.components_

    curved = ManifoldDensity(reducer=SamePlane(), density=GaussianDensity()).fit(X)
    np.testing.assert_allclose(curved.noise_, flat.noise_, rtol=1e-10)
    np.testing.assert_allclose(curved.score_samples(X), flat.score_samples(X), atol=0.02)


def test_draws_follow_the_bent_density(bent_data):
    """Kolmogorov-Smirnov on the height of draws and of data, false alarm 1e-4."""
    model = ManifoldDensity(reducer=Parabola(), density=GaussianDensity()).fit(bent_data)
    draws = model.sample(800, random_state=5)
    assert ks_2samp(draws[:, 1], bent_data[:, 1]).pvalue > 1e-4


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"output": "mean"}, "volume zero"),
        ({"output": "bernoulli"}, "not computed"),
    ],
)
def test_without_an_honest_likelihood_it_says_why(plane_data, parameters, reason):
    bits = parameters.get("output") == "bernoulli"
    model = ManifoldDensity(**parameters).fit((plane_data > 0).astype(float) if bits else plane_data)
    assert "likelihood" not in model.capabilities_
    assert "sampling" in model.capabilities_
    assert reason in model.unsupported["likelihood"]
    assert not hasattr(model, "score")
    with pytest.raises(AttributeError, match=reason):
        model.score_samples(plane_data)


def test_bits_are_drawn_around_the_decoder_s_mean():
    X = (np.random.default_rng(6).random((300, 8)) < 0.3).astype(float)
    draws = ManifoldDensity(output="bernoulli").fit(X).sample(500, random_state=0)
    assert set(np.unique(draws)) == {0.0, 1.0}


def test_probabilities_of_bits_lie_between_0_and_1_and_nothing_else_is_bits(plane_data):
    X = (np.random.default_rng(6).random((300, 8)) < np.linspace(0.01, 0.9, 8)).astype(float)
    means = ManifoldDensity(output="bernoulli", latent=6).fit(X).sample(500, random_state=0, means=True)
    assert means.min() == 0, "the plane leaves the cube, the probabilities do not"
    assert means.max() <= 1
    with pytest.raises(ValueError, match=r"ManifoldDensity: output='bernoulli'.*0 and 1"):
        ManifoldDensity(output="bernoulli").fit(plane_data)


def test_a_reducer_that_can_be_resumed_is_given_the_folder(bent_data, tmp_path):
    class Resumable(Parabola):
        def fit(self, X, y=None, *, checkpoints=None):
            (checkpoints / "seen").touch()
            return super().fit(X)

    ManifoldDensity(reducer=Resumable()).fit(bent_data, checkpoints=tmp_path)
    assert (tmp_path / "seen").exists()
    ManifoldDensity(reducer=Parabola()).fit(bent_data, checkpoints=tmp_path)


def test_means_are_what_the_draws_scatter_around(plane_data):
    model = ManifoldDensity(latent=2).fit(plane_data)
    means = model.sample(2000, random_state=0, means=True)
    draws = model.sample(2000, random_state=0)
    across = np.eye(plane_data.shape[1]) - model.components_.T @ model.components_
    assert np.abs((means - model.mean_) @ across).max() < 1e-9, "means lie in the plane"
    assert ((draws - model.mean_) @ across).std() > 0.1 * model.noise_, "draws do not"
    np.testing.assert_allclose(means @ model.components_.T, draws @ model.components_.T, atol=1e-9)


def test_a_saved_model_is_the_same_model(plane_data, tmp_path):
    model = ManifoldDensity(density=KernelDensity(bandwidth=0.3)).fit(plane_data)
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert isinstance(again.density_, KernelDensity)
    assert again.density.bandwidth == 0.3
    np.testing.assert_array_equal(again.score_samples(plane_data), model.score_samples(plane_data))
    np.testing.assert_array_equal(again.sample(5, random_state=0), model.sample(5, random_state=0))


def test_a_file_cannot_smuggle_a_class_in_as_a_part(plane_data, tmp_path):
    """The reducer is no class of genrates: writing is possible, reading is refused."""
    model = ManifoldDensity(reducer=Parabola()).fit(plane_data[:, :2])
    save(model, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="only estimators of genrates"):
        load(tmp_path / "model.safetensors")


def test_rows_exactly_in_a_plane_leave_no_noise(plane_data):
    X = np.hstack([plane_data[:, :2], np.zeros((500, 1))])
    with pytest.raises(ValueError, match=r"ManifoldDensity.*no residual"):
        ManifoldDensity(latent=2).fit(X)
    draws = ManifoldDensity(latent=2, output="mean").fit(X).sample(10, random_state=0)
    np.testing.assert_allclose(draws[:, 2], 0, atol=1e-12)


def test_one_seed_seeds_the_parts(bent_data):
    model = ManifoldDensity(reducer=Parabola(), random_state=7).fit(bent_data)
    assert isinstance(model.reducer_.random_state, int)
    assert model.reducer.random_state is None


@pytest.mark.parametrize(
    "parameters",
    [{"reducer": "umap"}, {"reducer": Parabola}, {"density": "kde"}, {"latent": 0}, {"latent": True}],
)
def test_parameters_that_fit_nothing_are_refused(parameters):
    with pytest.raises(ValueError, match="ManifoldDensity: "):
        ManifoldDensity(**parameters)._check_parameters()


def test_an_error_of_a_part_names_the_part(plane_data):
    with pytest.raises(ValueError, match="ManifoldDensity: density: KernelDensity"):
        ManifoldDensity(density=KernelDensity(bandwidth=-1.0)).fit(plane_data)


def test_weights_need_a_reducer_that_takes_them(bent_data):
    with pytest.raises(ValueError, match="ManifoldDensity: sample weights"):
        ManifoldDensity(reducer=Parabola()).fit(bent_data, sample_weight=np.ones(800))


class OwnDensity(GaussianDensity):
    """A class of another package than genrates: the one that this test belongs to."""


def test_a_class_of_ones_own_is_loaded_where_the_person_allows_its_package(plane_data, tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    save(OwnDensity().fit(plane_data), path)
    with pytest.raises(ValueError, match="GENRATES_ALLOW"):
        load(path)
    monkeypatch.setenv("GENRATES_ALLOW", f"other, {OwnDensity.__module__.split('.')[0]}")
    assert type(load(path)) is OwnDensity
