"""The 28 densities of Berlinet and Devroye: mass, derivative, quantiles, draws, and what is infinite."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, kstest

from genrates.data import BerlinetDevroye, MarronWand
from genrates.data.quadrature import gauss_legendre_on, with_breakpoints
from genrates.estimators import HistogramDensity, KernelDensity
from genrates.metrics import (
    Hellinger,
    KullbackLeibler,
    RootMISE,
    RootMISECore,
    RootSupCDF,
    TotalVariation,
    Wasserstein1,
)
from genrates.metrics.base import Evaluation, Skip

FALSE_ALARM = 1e-5  # of each of the 28 tests below; seeds are fixed
NUMBERS = range(1, 29)
RESOLVED = [n for n in NUMBERS if n != 14]


@pytest.mark.parametrize("number", RESOLVED)
def test_density_is_the_derivative_and_integrates_to_one(number):
    data = BerlinetDevroye(number=number)
    edges = with_breakpoints(data.panel_edges(), np.array(data.breakpoints))
    nodes, weights = gauss_legendre_on(edges)
    mass = weights * data.pdf(nodes)
    assert mass.sum() == pytest.approx(1, abs=2e-9)
    np.testing.assert_allclose(np.diff(data.cdf(edges)), mass.reshape(-1, 4).sum(axis=1), atol=1e-9)
    (low,), (high,) = data.domain
    assert data.cdf([low])[0] + 1 - data.cdf([high])[0] < 1e-9
    np.testing.assert_allclose(data.cdf([-np.inf, np.inf]), [0, 1], atol=1e-15)


@pytest.mark.parametrize("number", NUMBERS)
def test_quantiles_invert_and_samples_follow(number):
    data = BerlinetDevroye(number=number)
    q = np.concatenate([np.geomspace(1e-9, 0.01, 50), np.linspace(0.011, 0.999, 200)])
    x = data.ppf(q)
    assert np.all(np.diff(x) > 0)
    np.testing.assert_allclose(data.cdf(x), q, rtol=1e-9, atol=1e-13)
    assert kstest(data.sample(2000, np.random.default_rng(1994))[:, 0], data.cdf).pvalue > FALSE_ALARM


def product(rng):
    return rng.random(4000) * rng.random(4000)


def flipped(rng):
    x = product(rng)
    return np.where(rng.random(4000) < 0.5, x, 1 - x)


# Laws by another construction than the inversion of a distribution function.
CONSTRUCTED = {
    3: lambda r: np.hypot(*r.standard_normal((2, 4000))),
    4: lambda r: r.laplace(size=4000),
    5: lambda r: r.logistic(size=4000),
    6: lambda r: r.standard_cauchy(4000),
    7: lambda r: r.gumbel(size=4000),
    8: lambda r: r.random(4000) ** 2,
    9: lambda r: 1 + r.pareto(0.5, 4000),
    10: lambda r: r.choice([-1, 1], 4000) * r.pareto(0.5, 4000),
    12: lambda r: r.lognormal(size=4000),
    15: product,
    16: lambda r: r.triangular(-1, 0, 1, 4000),
    17: lambda r: r.beta(2, 2, 4000),
    18: lambda r: r.chisquare(1, 4000),
    19: lambda r: r.standard_normal(4000) ** 3,
    20: lambda r: r.standard_exponential(4000) ** -2.0,
    25: lambda r: r.choice([-1, 1], 4000) * (0.1 + r.beta(3, 2, 4000) ** 3),
    27: lambda r: 2 * r.integers(-4, 6, 4000) - 1 + r.triangular(-1, 0, 1, 4000),
    28: flipped,
}


@pytest.mark.parametrize("number", CONSTRUCTED)
def test_samples_are_those_of_another_construction(number):
    rng = np.random.default_rng([1994, number])
    drawn = BerlinetDevroye(number=number).sample(4000, rng)[:, 0]
    assert ks_2samp(drawn, CONSTRUCTED[number](rng)).pvalue > FALSE_ALARM


@pytest.mark.parametrize(("number", "same"), [(11, 1), (22, 8), (23, 10), (24, 14)])
def test_four_are_marron_and_wand_s(number, same):
    x = np.linspace(-4, 4, 201)
    ours, theirs = BerlinetDevroye(number=number), MarronWand(number=same)
    np.testing.assert_allclose(ours.pdf(x), theirs.pdf(x), rtol=1e-12)


@pytest.mark.parametrize("number", [0, 29, "one", None, 1.5])
def test_there_are_28(number):
    with pytest.raises(ValueError, match="1 to 28"):
        BerlinetDevroye(number=number)


def evaluation(number, model):
    data = BerlinetDevroye(number=number)
    train = data.sample(200, np.random.default_rng(number))
    return Evaluation(model.fit(train), data, train)


@pytest.mark.parametrize("number", [8, 18, 19])
def test_no_l2_error_at_an_infinite_peak_whose_square_has_no_integral(number):
    found = evaluation(number, HistogramDensity())
    with pytest.raises(Skip, match="infinite"):
        RootMISE()(found)
    assert 0 < TotalVariation()(found) < 1
    assert 0 < Hellinger()(found) < 1
    if number == 19:  # the peak lies in the middle
        with pytest.raises(Skip, match="infinite"):
            RootMISECore()(found)
    else:
        assert RootMISECore()(found) > 0


@pytest.mark.parametrize("number", [15, 28])
def test_a_logarithmic_peak_has_an_l2_error(number):
    assert 0 < RootMISE()(evaluation(number, HistogramDensity())) < 2


@pytest.mark.parametrize("number", [6, 9, 10, 20])
def test_no_divergence_and_no_transport_where_there_is_no_mean(number):
    found = evaluation(number, KernelDensity(bandwidth=0.3))
    for metric in (KullbackLeibler(), Wasserstein1()):
        with pytest.raises(Skip, match="infinite"):
            metric(found)
    assert 0 < TotalVariation()(found) < 1
    assert 0 < Hellinger()(found) < 1
    assert 0 < RootSupCDF()(found) < 1


def test_the_matterhorn_s_peak_is_thinner_than_floats():
    """Of a million draws 2 690 +- 52 are 0: five standard deviations have probability 6e-7."""
    data = BerlinetDevroye(number=14)
    zeros = np.sum(data.sample(1_000_000, np.random.default_rng(0)) == 0)
    assert abs(zeros - 2690) < 260
    nodes, weights = data.quadrature()
    assert weights @ data.pdf(nodes) == pytest.approx(1 - 2 / np.log(1e300), abs=1e-4)
