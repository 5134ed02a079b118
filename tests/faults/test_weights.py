"""Only ratios of sample weights matter, whatever their size; a weight costs no time."""

import time

import numpy as np
import pytest

from genrates.estimators import (
    AdaptiveKernelDensity,
    BernoulliMixture,
    BernoulliPixels,
    GaussianDensity,
    HistogramDensity,
    KernelDensity,
    ManifoldDensity,
    MixtureDensity,
    NeighborDensity,
    SeriesDensity,
)
from genrates.estimators._numerics.effective_size import effective_size, normalize
from genrates.estimators.histogram._bins import reference_widths

MODELS = [
    GaussianDensity(),
    MixtureDensity(random_state=0),
    MixtureDensity(n_components="bic", max_components=2, random_state=0),
    *(HistogramDensity(bins=rule) for rule in ("loo", "fd", "scott")),
    *(
        KernelDensity(bandwidth=rule)
        for rule in ("lscv", "likelihood_cv", "improved_sheather_jones", "silverman", "scott")
    ),
    KernelDensity(bandwidth="lscv", kernel="sinc"),
    AdaptiveKernelDensity(bandwidth="silverman"),
    *(NeighborDensity(n_neighbors=rule) for rule in ("rate", "likelihood_cv", 9)),
    SeriesDensity(),
    ManifoldDensity(latent=1),
    BernoulliPixels(),
    BernoulliMixture(n_components=2, random_state=0),
]


def data(n=150):
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, 1)), rng.random(n) + 0.1


@pytest.mark.parametrize("factor", [1e20, 1e300, 1e-3, 1e-300])
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_a_factor_changes_nothing(model, factor):
    x, w = data()
    plain, scaled = (model.fit(x, sample_weight=c * w).score_samples(x) for c in (1.0, factor))
    np.testing.assert_allclose(scaled, plain, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_weights_near_the_smallest_double(model):
    """exp(-400 - w): its squares underflow."""
    x, w = data()
    plain, tiny = (model.fit(x, sample_weight=np.exp(a - w)).score_samples(x) for a in (0, -400))
    np.testing.assert_allclose(tiny, plain, rtol=1e-7, atol=1e-9)


def test_silverman_by_hand():
    """sd (3 n / 4)^(-1/5), with Kish's n and the variance's divisor 1 - 1/n."""
    x, w = data()
    p = w / w.sum()
    size = 1 / np.sum(p**2)
    sd = np.sqrt(p @ (x[:, 0] - p @ x[:, 0]) ** 2 / (1 - 1 / size))
    for factor in (1, 1e20):
        found = KernelDensity(bandwidth="silverman").fit(x, sample_weight=factor * w).bandwidth_
        assert found == pytest.approx(sd * (0.75 * size) ** -0.2, rel=1e-12)


def test_effective_sizes():
    assert effective_size(3, np.array([0.2, 0.4, 0.0])) == 3  # repeats: 1, 2, 0
    assert effective_size(3, np.array([7.0, 7.0, 7.0])) == 3
    assert effective_size(3, np.array([1.0, 2.0, np.pi])) == pytest.approx((3 + np.pi) ** 2 / (5 + np.pi**2))
    # a ratio above 2^53 is a whole number as a double, and no number of repeats
    assert effective_size(3, np.array([1e-20, 0.3, 0.7])) == pytest.approx(1 / (0.3**2 + 0.7**2))
    w = data()[1]
    np.testing.assert_allclose(normalize(normalize(w)), normalize(w), rtol=1e-14)


def test_quartiles_of_repeats_are_numpys():
    x, count = data(60)[0], np.random.default_rng(1).integers(1, 5, 60)
    found = reference_widths(x, normalize(count.astype(float)), "fd")
    expected = np.subtract(*np.percentile(np.repeat(x, count), [75, 25]))
    assert found[0] == pytest.approx(2 * expected * count.sum() ** (-1 / 3), rel=1e-13)


@pytest.mark.filterwarnings("ignore:HistogramDensity. many values are equal")
@pytest.mark.parametrize("heavy", [1e4, 1e7, 1e12])
def test_heavy_rows_cost_nothing(heavy):
    x, w = data()
    w = np.ones_like(w)
    w[:3] = heavy
    start = time.process_time()
    model = HistogramDensity().fit(x, sample_weight=w)
    assert time.process_time() - start < 1
    assert model.n_bins_ <= 150


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -1.0])
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_a_wrong_weight_is_refused(model, wrong):
    x, w = data()
    w[3] = wrong
    with pytest.raises(ValueError, match="sample_weight"):
        model.fit(x, sample_weight=w)
