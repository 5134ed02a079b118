"""Hellinger distance and total variation against closed forms, and where the divergence is infinite."""

import numpy as np
import pytest
from scipy.stats import chi2, norm

from genrates.data import Checkerboard, MarronWand
from genrates.data.gaussian_d import GaussianD
from genrates.data.normal_mixture import NormalMixtureData
from genrates.estimators import (
    AdaptiveKernelDensity,
    GaussianDensity,
    HistogramDensity,
    KernelDensity,
    NeighborDensity,
    SeriesDensity,
)
from genrates.metrics import Hellinger, TotalVariation
from genrates.metrics.base import Evaluation, Skip

STANDARD = NormalMixtureData(weights=[1.0], means=[0.0], sds=[1.0])
#: mean and standard deviation of the model; the last two lie far outside the truth's domain
LAWS = [(0.0, 1.0), (0.01, 1.0), (0.1, 1.0), (1.0, 1.0), (0.0, 1.1), (0.0, 3.0), (8.0, 1.0), (40.0, 1.0)]


class Law:
    """A "fitted model" with a given log-density."""

    capabilities_ = frozenset({"likelihood"})

    def __init__(self, logpdf):
        self.score_samples = logpdf


def both(logpdf, truth) -> tuple[float, float]:
    evaluation = Evaluation(Law(logpdf), truth, np.zeros((2, truth.n_features)))
    return Hellinger()(evaluation), TotalVariation()(evaluation)


def normal(mean: float, sd: float, d: int):
    """Log-density of N((mean, 0, ...), sd^2 I)."""
    center = mean * (np.arange(d) == 0)
    return lambda X: norm.logpdf(X, center, sd).sum(axis=1)


def hellinger(mean: float, sd: float, d: int) -> float:
    """Closed form for N((mean, 0, ...), sd^2 I) and N(0, I)."""
    overlap = (2 * sd / (1 + sd**2)) ** (d / 2) * np.exp(-(mean**2) / (4 * (1 + sd**2)))
    return np.sqrt(1 - overlap)


def total_variation(mean: float, sd: float, d: int) -> float:
    """Closed form: the densities cross half way, or on a sphere whose law is chi^2."""
    if sd == 1:
        return 2 * norm.cdf(abs(mean) / 2) - 1
    square = 2 * d * np.log(sd) * sd**2 / (sd**2 - 1)
    return chi2.cdf(square, d) - chi2.cdf(square / sd**2, d)


@pytest.mark.parametrize(("mean", "sd"), LAWS)
def test_two_normals_on_the_line(mean, sd):
    found = both(normal(mean, sd, 1), STANDARD)
    assert found[0] == pytest.approx(hellinger(mean, sd, 1), rel=1e-5, abs=1e-8)
    assert found[1] == pytest.approx(total_variation(mean, sd, 1), rel=1e-4, abs=1e-12)


@pytest.mark.parametrize("d", [2, 3, 6, 10])
@pytest.mark.parametrize(("mean", "sd"), LAWS)
def test_two_normals_in_space(mean, sd, d):
    """Within the errors that the docstrings state; in the plane 4 % of N(0, 9 I) lie beyond the domain."""
    found = both(normal(mean, sd, d), GaussianD(d=d))
    assert found[0] == pytest.approx(
        hellinger(mean, sd, d), rel=0.03 if (d, sd) == (2, 3) else 0.005, abs=1e-7
    )
    assert found[1] == pytest.approx(total_variation(mean, sd, d), rel=0.005, abs=1e-12)


def test_where_the_divergence_is_infinite_both_are_what_is_missing():
    """A normal that is cut off at 1 and rescaled: H^2 = 1 - sqrt(P), TV = 1 - P."""
    mass = norm.cdf(1)
    model = Law(lambda X: np.where(X[:, 0] < 1, norm.logpdf(X[:, 0]) - np.log(mass), -np.inf))
    model.breakpoints_ = (1.0,)
    evaluation = Evaluation(model, STANDARD, np.zeros((2, 1)))
    assert Hellinger()(evaluation) ** 2 == pytest.approx(1 - np.sqrt(mass), rel=1e-8)
    assert TotalVariation()(evaluation) == pytest.approx(1 - mass, rel=1e-8)


MODELS = [
    GaussianDensity,
    HistogramDensity,
    KernelDensity,
    AdaptiveKernelDensity,
    NeighborDensity,
    SeriesDensity,
]


@pytest.mark.parametrize("model", MODELS, ids=lambda c: c.__name__)
def test_every_density_has_both_and_they_bound_each_other(model):
    """H^2 <= TV <= H sqrt(2 - H^2), and H^2 is the integral of the squares where no mass lies beyond."""
    data = MarronWand(number=10)
    train = data.sample(300, np.random.default_rng(0))
    evaluation = Evaluation(model().fit(train), data, train)
    distance, variation = Hellinger()(evaluation), TotalVariation()(evaluation)
    assert 0 < distance**2 <= variation <= distance * np.sqrt(2 - distance**2) < 1
    difference = np.exp(evaluation.log_model / 2) - np.exp(evaluation.log_truth / 2)
    assert distance**2 == pytest.approx(0.5 * evaluation.quadrature[1] @ difference**2, rel=1e-3)


def test_jumps_in_the_plane_do_not_drown_a_good_fit():
    """Bins at the edges of the board's squares: the overlap alone would be 60 % off in H^2."""
    data = Checkerboard()
    train = data.sample(10_000, np.random.default_rng(0))
    evaluation = Evaluation(HistogramDensity().fit(train), data, train)
    difference = np.exp(evaluation.log_model / 2) - np.exp(evaluation.log_truth / 2)
    of_squares = 0.5 * evaluation.quadrature[1] @ difference**2
    assert Hellinger()(evaluation) ** 2 == pytest.approx(of_squares, rel=1e-12)


@pytest.mark.parametrize("metric", [Hellinger, TotalVariation])
def test_without_a_density_on_either_side_they_are_skipped(metric):
    class Points:
        n_features = 1

    class Sampler:
        capabilities_ = frozenset({"sampling"})

    with pytest.raises(Skip, match="true density is not known"):
        metric()(Evaluation(Law(STANDARD.logpdf), Points(), np.zeros((2, 1))))
    with pytest.raises(Skip, match="Sampler has no likelihood"):
        metric()(Evaluation(Sampler(), STANDARD, np.zeros((2, 1))))
