"""The error in the middle of the truth, against quadrature and where it must not see anything."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from genrates.data.normal_mixture import NormalMixture
from genrates.metrics import RootMISECore
from genrates.metrics.base import Evaluation, Skip


class Law:
    """A "fitted model" with a given log-density."""

    capabilities_ = frozenset({"likelihood", "cdf"})

    def __init__(self, logpdf):
        self.score_samples = logpdf


def error(logpdf, truth, **settings) -> float:
    return RootMISECore(**settings)(Evaluation(Law(logpdf), truth, np.zeros((2, 1)), None))


STANDARD = NormalMixture(weights=[1.0], means=[0.0], sds=[1.0])


def test_it_is_the_error_of_the_conditional_densities():
    a = norm.ppf(0.95)
    masses = norm.cdf(a) - norm.cdf(-a), norm.cdf(a / 1.3) - norm.cdf(-a / 1.3)
    expected, _ = quad(lambda x: (norm.pdf(x) / masses[0] - norm.pdf(x, scale=1.3) / masses[1]) ** 2, -a, a)
    found = error(lambda X: norm.logpdf(X[:, 0], scale=1.3), STANDARD)
    assert found == pytest.approx(np.sqrt(expected), rel=0.02), (
        "the middle ends at a node, not at its quantile"
    )


def test_mass_in_the_tails_does_not_count():
    def heavy(X):  # four fifths of the truth, and one fifth far outside
        return np.logaddexp(np.log(0.8) + norm.logpdf(X[:, 0]), np.log(0.2) + norm.logpdf(X[:, 0], 6, 0.1))

    assert error(heavy, STANDARD) == pytest.approx(0, abs=1e-9)


def test_a_model_without_mass_there_is_skipped():
    with pytest.raises(Skip, match="no mass in the middle"):
        error(lambda X: np.full(len(X), -np.inf), STANDARD)


def test_bad_mass_is_named():
    with pytest.raises(ValueError, match="RootMISECore: mass"):
        RootMISECore(mass=1.0)
