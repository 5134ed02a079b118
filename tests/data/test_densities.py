"""Facts about single densities that the contract cannot know."""

import numpy as np
import pytest
from scipy.special import gammaln

from genrates.data import (
    Beta,
    CatDensity,
    Checkerboard,
    EightGaussians,
    Exponential,
    GaussianD,
    ImageDensity,
    IsotropicMixture,
    LectureNumbers,
    ManifoldD,
    MarronWand,
    MixtureD,
    NormalMixtureData,
    Pinwheel,
    Rings,
    Sobolev,
    StudentT,
    TwoMoons,
    TwoSpirals,
)
from genrates.data.quadrature import graded_edges, midpoint_grid, refined_edges, sobol

# Integrals of the squared densities, from an independent table of exact MISE.
ROUGHNESS = {
    1: 0.2820947918,
    2: 0.3768335642,
    4: 0.6152418564,
    6: 0.2338705231,
    7: 0.282129605,
    8: 0.263134242,
    9: 0.225284112,
    10: 0.3702463271,
    14: 0.282201383,
}
MODES = {1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 2, 7: 2, 8: 2, 9: 3, 10: 5, 14: 6, 15: 6}


@pytest.mark.parametrize("number", ROUGHNESS)
def test_marron_wand_roughness(number):
    data = MarronWand(number=number)
    nodes, weights = data.quadrature()
    assert weights @ data.pdf(nodes) ** 2 == pytest.approx(ROUGHNESS[number], rel=1e-8)


@pytest.mark.parametrize("number", MODES)
def test_marron_wand_modes(number):
    f = MarronWand(number=number).pdf(np.linspace(-4, 4, 20_001))
    slope = np.sign(np.diff(f[f > 1e-6]))
    assert np.sum(np.diff(slope[slope != 0]) < 0) == MODES[number]


@pytest.mark.parametrize("number", range(1, 16))
def test_marron_wand_mass_and_number(number):
    mixture = MarronWand(number=number).mixture
    assert mixture.weights.sum() == pytest.approx(1, abs=1e-14)
    assert mixture.sds.min() >= 0.01 - 1e-15


@pytest.mark.parametrize("number", [0, 16, "six", None])
def test_marron_wand_has_fifteen(number):
    with pytest.raises(ValueError, match="1 to 15"):
        MarronWand(number=number)


def test_lecture_numbers_are_the_slides():
    a, b = (LectureNumbers(version=v).sample(20, np.random.default_rng(0))[:, 0] for v in "ab")
    assert (a.mean(), b.mean()) == (4.85, 4.95)
    assert np.flatnonzero(a != b).tolist() == [8, 19]
    assert (b[8], b[19]) == (8, 5)


@pytest.mark.parametrize("smoothness", [1.0, 2.0])
def test_sobolev_coefficients_fall_exactly_as_they_should(smoothness):
    """The closed form of the cosine coefficients, and their slope -(s + 1/2) on log axes."""
    data, alpha = Sobolev(smoothness=smoothness), smoothness - 0.5
    nodes, weights = data.quadrature()
    k = np.arange(1, 30)
    measured = np.array([weights @ (data.pdf(nodes) * np.cos(2 * np.pi * j * nodes[:, 0])) for j in k])
    # Gamma(1 + alpha/2 - k) through the reflection formula
    log_ratio = gammaln(k - alpha / 2) - gammaln(1 + alpha / 2 + k) + 2 * gammaln(1 + alpha / 2)
    size = np.exp(log_ratio) * np.sin(np.pi * alpha / 2) / np.pi
    np.testing.assert_allclose(np.abs(measured), size, rtol=1e-5)
    slope = np.polyfit(np.log(k[9:]), np.log(size[9:]), 1)[0]
    assert slope == pytest.approx(-(smoothness + 0.5), abs=0.01)


# Integrals of f log f; for all but the pinwheel an outside reference agrees within its Monte Carlo error.
TRUTH = [
    (TwoMoons, -2.3939),
    (EightGaussians, -2.8319),
    (Rings, -2.6232),
    (TwoSpirals, -2.6455),
    (Checkerboard, -np.log(32)),
    (Pinwheel, -2.3178),
]


@pytest.mark.parametrize(("toy", "value"), TRUTH)
def test_mean_log_likelihood_of_the_toys(toy, value):
    data = toy()
    data.n_cells = 100  # a quarter of the usual: the midpoint rule has converged long before
    nodes, weights = data.quadrature()
    log_f = data.logpdf(nodes)
    seen = np.isfinite(log_f)
    assert (weights[seen] * np.exp(log_f[seen])) @ log_f[seen] == pytest.approx(value, abs=1e-4)


def test_tails_of_the_spirals_do_not_underflow():
    far = TwoSpirals().logpdf([[30.0, 0.0], [60.0, 0.0]])
    assert np.all(np.isfinite(far))
    assert far[1] < far[0] < -30_000


def test_pinwheel_has_five_equal_blades():
    turn = 2 * np.pi / 5
    R = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    X = np.random.default_rng(0).normal(size=(200, 2)) * 2
    np.testing.assert_allclose(Pinwheel().pdf(X), Pinwheel().pdf(X @ R), rtol=1e-6, atol=1e-12)


def test_the_cat():
    cat = CatDensity(block=2)
    nodes, weights = cat.quadrature()
    f = cat.pdf(nodes).reshape(cat.shape)
    assert f.shape == (150, 225)
    # The pupil of her left eye is dark, the white fur beside her nose is not.
    assert f[60:66, 99:105].mean() > 4 * f[115:121, 170:176].mean()
    corner = cat.domain[1]
    np.testing.assert_allclose(cat.cdf([corner, corner * [1, 0], corner * 2]), [1, 0, 1], atol=1e-12)
    middle = (nodes[:, 0] < corner[0] / 3) & (nodes[:, 1] < 0.5)
    assert cat.cdf([[corner[0] / 3, 0.5]])[0] == pytest.approx(weights[middle] @ f.ravel()[middle], abs=1e-12)
    assert CatDensity().shape == (300, 451)
    for bad in ({"block": 0}, {"block": 1.5}, {"contrast": 0}, {"contrast": np.nan}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            CatDensity(**bad)


def test_an_image_stands_upright():
    data = ImageDensity(gray=np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    X = data.sample(100, np.random.default_rng(0))
    assert np.all((X[:, 0] < 0.5) & (X[:, 1] > 0.5))
    assert np.isneginf(data.logpdf([[2.0, 0.5]]))[0]
    for bad in (np.zeros((2, 2)), np.ones(3), -np.ones((2, 2)), np.array([[np.nan, 1.0]])):
        with pytest.raises(ValueError, match="image"):
            ImageDensity(gray=bad)


def test_manifold_density_is_that_of_its_coordinates():
    data = ManifoldD(d=5, noise=0.1, curvature=0.7)
    Z = np.array([[0.3, -0.2], [1.0, 1.0]])
    log_across = -3 * (np.log(0.1) + 0.5 * np.log(2 * np.pi))
    np.testing.assert_allclose(data.logpdf(data.embed(Z)), data.intrinsic.logpdf(Z) + log_across, rtol=1e-9)
    np.testing.assert_allclose(data.rotation @ data.rotation.T, np.eye(5), atol=1e-14)


def test_the_mixture_in_one_dimension_is_marron_wand_6():
    x = np.linspace(-4, 4, 99)
    np.testing.assert_allclose(MixtureD(d=1).pdf(x), MarronWand(number=6).pdf(x), rtol=1e-12)


@pytest.mark.parametrize("d", [3, 6, 10])
def test_quasi_random_quadrature_finds_the_roughness(d):
    """The integral of the squared normal density, (4 pi)^(-d/2), which a root-MISE is made of."""
    data = GaussianD(d=d)
    nodes, weights = data.quadrature()
    assert weights @ data.pdf(nodes) ** 2 == pytest.approx((4 * np.pi) ** (-d / 2), rel=0.01)


def test_the_truth_at_the_nodes_is_computed_once():
    data = EightGaussians()
    nodes, _ = data.quadrature()
    assert data.quadrature()[0] is nodes
    assert data.logpdf(nodes) is data.logpdf(nodes)
    np.testing.assert_array_equal(data.logpdf(nodes[:5].copy()), data.logpdf(nodes)[:5])


def test_quadrature_rules():
    edges = graded_edges(-3.0, 5.0, 40, 0.0, 0.1)
    assert (edges[0], edges[-1]) == (-3, 5)
    assert np.all(np.diff(edges) > 0)
    assert np.diff(edges).max() > 20 * np.diff(edges).min()
    assert 0.25 in refined_edges(np.linspace(0, 1, 3), (0.25,))
    nodes, weights = midpoint_grid(np.zeros(2), np.array([2.0, 1.0]), 4)
    assert weights.sum() == 2
    assert weights @ nodes[:, 0] == pytest.approx(2)
    u = sobol(4096, 3)
    assert np.all((u > 0) & (u < 1))
    # A product of the coordinates: independent points would err by 0.002
    assert u.prod(axis=1).mean() == pytest.approx(1 / 8, abs=2e-4)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Beta(a=0.5),
        lambda: Beta(b=np.inf),
        lambda: Exponential(scale=0),
        lambda: StudentT(df=1),
        lambda: Sobolev(smoothness=0.5),
        lambda: Sobolev(smoothness=2.5),
        lambda: GaussianD(d=0),
        lambda: GaussianD(d=11),
        lambda: MixtureD(d=2.5),
        lambda: ManifoldD(d=2),
        lambda: ManifoldD(noise=0),
        lambda: ManifoldD(curvature=-1),
        lambda: TwoMoons(noise=0.001),
        lambda: Rings(noise=0),
        lambda: LectureNumbers(version="c"),
        lambda: NormalMixtureData(weights=[0.5], means=[0], sds=[1]),
        lambda: NormalMixtureData(weights=[1], means=[0], sds=[0]),
        lambda: NormalMixtureData(weights=[1], means=[0, 1], sds=[1]),
        lambda: IsotropicMixture(weights=[1], centers=[[0, 0], [1, 1]], sd=1),
        lambda: IsotropicMixture(weights=[1], centers=[[0, 0]], sd=-1),
    ],
)
def test_bad_parameters_are_refused(make):
    with pytest.raises(ValueError, match=r"must|needs"):
        make()
