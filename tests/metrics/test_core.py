"""The errors in the middle of the truth, against closed forms and where they must not see anything."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2, norm

from genrates.data.base import KnownDensity
from genrates.data.gaussian_d import GaussianD, MixtureD
from genrates.data.normal_mixture import NormalMixtureData
from genrates.metrics import KullbackLeiblerCore, RootMISECore
from genrates.metrics.base import Evaluation, Skip
from genrates.metrics.core import middle

BOTH = pytest.mark.parametrize("metric", [RootMISECore, KullbackLeiblerCore])
STANDARD = NormalMixtureData(weights=[1.0], means=[0.0], sds=[1.0])


class Law:
    """A "fitted model" with a given log-density."""

    capabilities_ = frozenset({"likelihood", "cdf"})

    def __init__(self, logpdf):
        self.score_samples = logpdf


def auxiliary(logpdf, truth) -> Evaluation:
    return Evaluation(Law(logpdf), truth, np.zeros((2, truth.n_features)), None)


def error(metric, logpdf, truth, **settings) -> float:
    return metric(**settings)(auxiliary(logpdf, truth))


def round_normal(sd):
    """Log-density of N(0, sd^2 I)."""
    return lambda X: norm.logpdf(X, scale=sd).sum(axis=1)


def on_the_line(sd, mass):
    """Both errors of N(0, sd^2) for N(0, 1), by adaptive quadrature between the quantiles."""
    a = norm.ppf((1 + mass) / 2)
    own = norm.cdf(a / sd) - norm.cdf(-a / sd)

    def given(x):
        return norm.pdf(x) / mass, norm.pdf(x, scale=sd) / own

    squared, _ = quad(lambda x: (given(x)[0] - given(x)[1]) ** 2, -a, a)
    divergence, _ = quad(lambda x: given(x)[0] * np.log(given(x)[0] / given(x)[1]), -a, a)
    return np.sqrt(squared), divergence


def in_the_ball(d, sd, mass):
    """Both errors of N(0, sd^2 I) for N(0, I), in closed form: A is a ball, radius^2 the chi^2 quantile."""
    square, q = chi2.ppf(mass, d), sd**-2
    own = chi2.cdf(q * square, d)

    def product(precision):  # int over the ball of exp(-precision |x|^2 / 2)
        return (2 * np.pi / precision) ** (d / 2) * chi2.cdf(precision * square, d)

    norms = (2 * np.pi) ** (-d / 2) / mass, (2 * np.pi * sd**2) ** (-d / 2) / own
    squared = (
        norms[0] ** 2 * product(2) - 2 * norms[0] * norms[1] * product(1 + q) + norms[1] ** 2 * product(2 * q)
    )
    radius2 = d * chi2.cdf(square, d + 2) / mass  # E |X|^2 given the ball
    return np.sqrt(squared), np.log(norms[0] / norms[1]) - 0.5 * (1 - q) * radius2


def test_the_closed_form_is_the_integral_on_the_line():
    assert in_the_ball(1, 1.3, 0.9) == pytest.approx(on_the_line(1.3, 0.9), rel=1e-8)


@pytest.mark.parametrize("mass", [0.5, 0.9])
def test_on_the_line_the_errors_are_those_of_the_conditional_densities(mass):
    for metric, expected in zip((RootMISECore, KullbackLeiblerCore), on_the_line(1.3, mass), strict=True):
        found = error(metric, round_normal(1.3), STANDARD, mass=mass)
        assert found == pytest.approx(expected, rel=0.03), "the middle ends at a node, not at its quantile"


@pytest.mark.parametrize("d", [2, 3, 4, 6])
@pytest.mark.parametrize("sd", [0.8, 1.3])
def test_in_more_dimensions_the_middle_of_a_normal_is_a_ball(d, sd):
    """Within 2 %: in the plane the ball ends at a cell, from d = 3 the nodes are quasi-random."""
    truth = GaussianD(d=d)
    for metric, expected in zip((RootMISECore, KullbackLeiblerCore), in_the_ball(d, sd, 0.9), strict=True):
        assert error(metric, round_normal(sd), truth) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("d", [2, 3, 6])
@pytest.mark.parametrize("mass", [0.3, 0.9])
def test_the_middle_holds_its_mass_and_is_the_densest_part(d, mass):
    data = MixtureD(d=d)
    nodes, weights = data.quadrature()
    inside = middle(auxiliary(data.logpdf, data), mass)
    assert weights[inside] @ data.pdf(nodes[inside]) == pytest.approx(mass, abs=0.002)
    assert data.pdf(nodes[inside]).min() >= data.pdf(nodes[~inside]).max()


def test_equal_densities_stay_together():
    """A uniform truth has no densest part: its middle is its support, not the nodes that come first."""

    class Square(KnownDensity):
        n_features, domain, n_cells = 2, (np.array([-1.0, 0.0]), np.array([1.0, 1.0])), 20

        def _logpdf(self, X):
            return np.where(X[:, 0] > 0, 0.0, -np.inf)

        def _draw(self, n, rng):
            return rng.random((n, 2))

    square = Square()
    np.testing.assert_array_equal(
        middle(auxiliary(square.logpdf, square), 0.9), square.quadrature()[0][:, 0] > 0
    )


@BOTH
@pytest.mark.parametrize("truth", [STANDARD, GaussianD(d=2), GaussianD(d=3)], ids=["d=1", "d=2", "d=3"])
def test_the_truth_and_mass_in_the_tails_do_not_count(metric, truth):
    far = np.full(truth.n_features, 6.0)

    def heavy(X):  # four fifths of the truth, and one fifth far outside
        away = norm.logpdf(X, far, 0.1).sum(axis=1)
        return np.logaddexp(np.log(0.8) + truth.logpdf(X), np.log(0.2) + away)

    assert error(metric, truth.logpdf, truth) == pytest.approx(0, abs=1e-12)
    assert error(metric, heavy, truth) == pytest.approx(0, abs=1e-9)


@BOTH
def test_a_model_without_mass_there_is_skipped(metric):
    with pytest.raises(Skip, match="no mass in the middle"):
        error(metric, lambda X: np.full(len(X), -np.inf), STANDARD)


def test_a_hole_in_the_middle_makes_the_divergence_infinite_and_one_outside_does_not():
    def cut_at(x):
        return lambda X: np.where(X[:, 0] < x, norm.logpdf(X[:, 0]), -np.inf)

    with pytest.raises(Skip, match=r"infinite: .* 0 on 0\.4[45] of the middle"):
        error(KullbackLeiblerCore, cut_at(0.1257), STANDARD)  # the 55 % quantile: .40 of .90 are cut off
    assert np.isfinite(error(RootMISECore, cut_at(0.1257), STANDARD))
    assert error(KullbackLeiblerCore, cut_at(1.8), STANDARD) == pytest.approx(0, abs=1e-12)


@BOTH
def test_without_a_known_truth_it_is_skipped(metric):
    class Points:
        n_features = 1

    with pytest.raises(Skip, match="true density is not known"):
        error(metric, STANDARD.logpdf, Points())


@BOTH
@pytest.mark.parametrize("mass", [0, 1.0, -0.1, np.nan])
def test_bad_mass_is_named(metric, mass):
    with pytest.raises(ValueError, match=f"{metric.__name__}: mass must lie between 0 and 1"):
        metric(mass=mass)
