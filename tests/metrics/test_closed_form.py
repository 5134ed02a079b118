"""Metrics against closed forms: two normals a known distance apart, samples shifted by a constant."""

import inspect

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import wasserstein_distance

from genrates import metrics
from genrates.data.normal_mixture import NormalMixtureData
from genrates.metrics.base import Evaluation, Metric, Skip
from genrates.metrics.density_grids import DensityGrids, plot_grid


def normal(mean=0.0, sd=1.0) -> NormalMixtureData:
    return NormalMixtureData(weights=[1.0], means=[mean], sds=[sd])


class Known:
    """A "fitted model" whose density is known exactly."""

    def __init__(self, truth: NormalMixtureData, capabilities=("likelihood", "sampling", "cdf")):
        self.truth, self.capabilities_, self.n_features_in_ = truth, frozenset(capabilities), 1

    def score_samples(self, X):
        return self.truth.logpdf(X)

    def score(self, X):
        return float(np.mean(self.score_samples(X)))

    def cdf(self, X):
        return self.truth.cdf(X)


def value(metric: str, model, data, draws=None, train=None) -> float:
    train = np.zeros((2, 1)) if train is None else train
    return getattr(metrics, metric)()(Evaluation(model, data, train, draws))


SHIFTS = [(0.0, 1.0), (0.1, 1.0), (1.0, 1.0), (-2.5, 1.0), (0.0, 1.3), (0.5, 0.6)]


@pytest.mark.parametrize(("mean", "sd"), SHIFTS)
def test_root_ise_of_two_normals(mean, sd):
    """int N(a, s^2) N(b, t^2) = N(a - b; 0, s^2 + t^2)."""

    def overlap(distance, variance):
        return np.exp(-(distance**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)

    squared = overlap(0, 2) + overlap(0, 2 * sd**2) - 2 * overlap(mean, 1 + sd**2)
    found = value("RootMISE", Known(normal(mean, sd)), normal())
    assert found**2 == pytest.approx(squared, rel=1e-8, abs=1e-15)


@pytest.mark.parametrize(("mean", "sd"), SHIFTS)
def test_kullback_leibler_of_two_normals(mean, sd):
    expected = np.log(sd) + (1 + mean**2) / (2 * sd**2) - 0.5
    assert value("KullbackLeibler", Known(normal(mean, sd)), normal()) == pytest.approx(
        expected, rel=1e-8, abs=1e-12
    )


@pytest.mark.parametrize("mean", [0.0, 0.1, 1.0, -2.5])
def test_sup_cdf_of_two_shifted_normals(mean):
    """The largest distance is half way: 2 Phi(|mean| / 2) - 1; the nodes come within a panel of it."""
    expected = 2 * ndtr(abs(mean) / 2) - 1
    found = value("RootSupCDF", Known(normal(mean)), normal())
    assert found <= expected + 1e-15
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("n", [1, 7, 1000])
def test_wasserstein_is_the_distance_to_the_quantiles(n):
    """W_1 = int |Q_m - Q| over levels; a midpoint rule in the levels, 5e4 nodes, 1e-4 off."""
    data = NormalMixtureData(weights=[0.5, 0.5], means=[-1.5, 1.5], sds=[0.5, 0.5])
    draws = data.sample(n, np.random.default_rng(n)) + 0.2
    levels = (np.arange(50_000) + 0.5) / 50_000
    expected = wasserstein_distance(draws[:, 0], data.ppf(levels))
    assert value("Wasserstein1", Known(data), data, draws) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("shift", [0.5, -3.0, 20.0])
def test_wasserstein_of_a_shift_is_the_shift(shift):
    """Draws at the truth's quantiles, moved by a constant, also to far outside the truth's domain."""
    data = normal()
    draws = data.ppf((np.arange(20_000) + 0.5) / 20_000)[:, None] + shift
    assert value("Wasserstein1", Known(data), data, draws) == pytest.approx(abs(shift), rel=2e-3)


def test_likelihoods_are_means_of_the_models_own():
    data, model = normal(), Known(normal(0.3, 2.0))
    points = data.sample(50, np.random.default_rng(0))
    expected = -model.truth.logpdf(points).mean()
    assert value("TrainNLL", model, data, train=points) == pytest.approx(expected)
    data.test_points = points
    assert value("HeldOutNLL", model, data) == pytest.approx(expected)


class Blind(Known):
    """A model that gives everything above `cut` the density 0."""

    cut = 1.0

    def score_samples(self, X):
        return np.where(X[:, 0] < self.cut, super().score_samples(X), -np.inf)


def test_an_infinite_divergence_is_skipped_with_its_reason():
    with pytest.raises(Skip, match=r"density is 0 where the truth has mass 0\.16"):
        value("KullbackLeibler", Blind(normal()), normal())
    data = normal()
    data.test_points = np.array([[0.0], [2.0]])
    with pytest.raises(Skip, match="density is 0 at a test point"):
        value("HeldOutNLL", Blind(normal()), data)


class Points:
    """Data without a truth."""

    n_features = 2


@pytest.mark.parametrize(
    ("metric", "model", "data", "reason"),
    [
        ("RootMISE", Known(normal()), Points(), "the true density is not known"),
        ("KullbackLeibler", Known(normal(), []), normal(), "Known has no likelihood"),
        ("RootSupCDF", Known(normal()), Points(), "one dimension only"),
        ("RootSupCDF", Known(normal(), ["likelihood"]), normal(), "Known has no cdf"),
        ("Wasserstein1", Known(normal()), normal(), "Known cannot be sampled"),
        ("HeldOutNLL", Known(normal()), normal(), "no test points"),
        ("TrainNLL", Known(normal(), []), normal(), "Known has no likelihood"),
    ],
)
def test_what_does_not_apply_is_skipped_with_its_reason(metric, model, data, reason):
    with pytest.raises(Skip, match=reason):
        value(metric, model, data)


def every_metric() -> list[type[Metric]]:
    found = [getattr(metrics, name) for name in dir(metrics)]
    return [c for c in found if inspect.isclass(c) and issubclass(c, Metric) and c is not Metric]


@pytest.mark.parametrize("metric", every_metric(), ids=lambda c: c.__name__)
def test_every_metric_says_what_it_is(metric):
    assert metric.aggregate in {"mean", "root_mean_square"}
    assert metric.__doc__
    assert metric.__doc__ != Metric.__doc__


def test_a_picture_holds_the_density_on_a_grid(tmp_path):
    data = normal()
    pictures = DensityGrids(data, data.sample(10, np.random.default_rng(0)))
    pictures.add(10, Known(normal(0.5)))
    pictures.save(tmp_path / "density_grids.npz")
    with np.load(tmp_path / "density_grids.npz", allow_pickle=False) as saved:
        step = float(np.diff(saved["grid"][:2, 0])[0])
        assert saved["n=10"].shape == (401,)
        assert saved["n=10"].sum() * step == pytest.approx(1, abs=1e-3)
        np.testing.assert_allclose(saved["truth"], data.pdf(saved["grid"]), rtol=1e-4, atol=1e-7)
        assert saved["points"].shape == (10, 1)


def test_in_three_dimensions_there_is_no_picture():
    class Space:
        n_features = 3

    assert plot_grid(Space(), np.zeros((2, 3))) == (None, ())
