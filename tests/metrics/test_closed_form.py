"""Metrics against closed forms: two normals a known distance apart, samples shifted by a constant."""

import inspect

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import wasserstein_distance

from genrates import metrics
from genrates.data import StudentT
from genrates.data.normal_mixture import NormalMixtureData
from genrates.estimators import HistogramDensity, KernelDensity, SeriesDensity
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


def generator(data) -> Known:
    """A model that can only draw."""
    return Known(data, ["sampling"])


@pytest.mark.parametrize("n", [1, 7, 1000])
def test_wasserstein_of_draws_is_the_distance_to_the_quantiles(n):
    """W_1 = int |Q_m - Q| over levels; a midpoint rule in the levels, 5e4 nodes, 1e-4 off."""
    data = NormalMixtureData(weights=[0.5, 0.5], means=[-1.5, 1.5], sds=[0.5, 0.5])
    draws = data.sample(n, np.random.default_rng(n)) + 0.2
    levels = (np.arange(50_000) + 0.5) / 50_000
    expected = wasserstein_distance(draws[:, 0], data.ppf(levels))
    assert value("Wasserstein1", generator(data), data, draws) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("shift", [0.5, -3.0, 20.0])
def test_wasserstein_of_shifted_draws_is_the_shift(shift):
    """Draws at the truth's quantiles, moved by a constant, also to far outside the truth's domain."""
    data = normal()
    draws = data.ppf((np.arange(20_000) + 0.5) / 20_000)[:, None] + shift
    assert value("Wasserstein1", generator(data), data, draws) == pytest.approx(abs(shift), rel=2e-3)


@pytest.mark.parametrize("shift", [1e-4, 0.5, -3.0, 20.0, 1e4])
def test_wasserstein_of_a_shifted_law_is_the_shift(shift):
    """Nothing is drawn; a law outside the truth's domain is found there."""
    assert value("Wasserstein1", Known(normal(shift)), normal()) == pytest.approx(abs(shift), rel=1e-6)


@pytest.mark.parametrize("sd", [0.01, 0.5, 1.001, 30.0])
def test_wasserstein_of_a_wider_law(sd):
    """Quantiles differ by (sd - 1) z, and E |z| = (2 / pi)^(1/2); the difference has a corner at 0."""
    expected = abs(sd - 1) * np.sqrt(2 / np.pi)
    assert value("Wasserstein1", Known(normal(0, sd)), normal()) == pytest.approx(expected, rel=1e-6)


def test_the_truth_itself_has_no_distance():
    """Its draws have one: .8 n^(-1/2) or so, which is the floor of a model that can only draw."""
    assert value("Wasserstein1", Known(normal()), normal()) < 1e-11
    draws = normal().sample(1000, np.random.default_rng(0))
    evaluation = Evaluation(generator(normal()), normal(), np.zeros((2, 1)), draws)
    measure = metrics.Wasserstein1()
    floor = measure.auxiliary(evaluation)["floor"]
    assert 0.5 < floor * np.sqrt(1000) < 3  # one in 10^4 of a Brownian bridge's areas lies outside
    assert measure(evaluation) > 0.01
    other = Evaluation(generator(normal(2.0)), normal(), np.zeros((2, 1)), draws + 2)
    assert measure.auxiliary(other)["floor"] == floor, "all models have the same floor"
    assert measure.auxiliary(Evaluation(Known(normal()), normal(), np.zeros((2, 1)), draws)) == {}


@pytest.mark.parametrize(
    "model", [HistogramDensity(), KernelDensity(bandwidth=0.1), SeriesDensity()], ids=repr
)
def test_wasserstein_of_fitted_laws_is_exact_to_a_millionth(model):
    """Beside the trapezoidal rule on a million points; edges, corners and many crossings."""
    data = StudentT(df=5.0)
    train = data.sample(1000, np.random.default_rng(3))
    model.fit(train)
    x = np.linspace(-140, 140, 1_000_001)
    expected = np.trapezoid(np.abs(model.cdf(x[:, None]) - data.cdf(x)), x)
    assert value("Wasserstein1", model, data, train=train) == pytest.approx(expected, rel=2e-6)


class HeavyTail(Known):
    """A law without a mean."""

    def cdf(self, X):
        return 0.5 + np.arctan(np.ravel(X)) / np.pi


def test_a_law_without_a_mean_has_no_distance():
    with pytest.raises(Skip, match="tail of the model is too heavy"):
        value("Wasserstein1", HeavyTail(normal()), normal())


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
        ("Wasserstein1", Known(normal(), ["sampling"]), normal(), "Known cannot be sampled"),
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
