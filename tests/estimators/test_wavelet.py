"""Wavelets with thresholds: the filters, the transform, and what it is for."""

import numpy as np
import pytest

from genrates.data import Exponential, MarronWand
from genrates.estimators import KernelDensity, WaveletDensity
from genrates.estimators.wavelet._transform import daubechies, thresholded
from genrates.metrics import Evaluation, RootMISE


@pytest.mark.parametrize("moments", range(1, 11))
def test_filters_are_orthonormal_and_their_moments_vanish(moments):
    h = daubechies(moments)
    assert len(h) == 2 * moments
    for shift in range(moments):
        assert h[2 * shift :] @ h[: len(h) - 2 * shift] == pytest.approx(float(shift == 0), abs=1e-9)
    place, wavelet = np.arange(len(h)) / len(h), h[::-1] * (-1.0) ** np.arange(len(h))
    for power in range(moments):
        assert wavelet @ place**power == pytest.approx(0, abs=1e-8)


def test_without_a_threshold_nothing_is_lost():
    mass = np.random.default_rng(0).random(256)
    for levels in (1, 3, 6):
        np.testing.assert_allclose(thresholded(mass, 100, levels, 4, lambda _: 0.0), mass, atol=1e-12)


def test_with_an_infinite_threshold_means_of_haar_s_blocks_are_left():
    """The mean over all shifts of the means of blocks of four: weights 4, 3, 3, 2, 2, 1, 1 over 16."""
    mass = np.random.default_rng(1).dirichlet(np.ones(64))
    expected = sum((4 - abs(k)) * np.roll(mass, k) for k in range(-3, 4)) / 16
    np.testing.assert_allclose(thresholded(mass, 100, 2, 1, lambda _: 1e9), expected, atol=1e-12)


def test_the_transform_does_not_depend_on_where_the_circle_begins():
    mass = np.random.default_rng(2).multinomial(500, np.full(128, 1 / 128)) / 500
    moved = thresholded(np.roll(mass, 17), 500, 4, 6, lambda _: 2.0)
    np.testing.assert_allclose(moved, np.roll(thresholded(mass, 500, 4, 6, lambda _: 2.0), 17), atol=1e-12)


def test_a_coefficient_of_chance_is_rarely_kept():
    """Of a uniform circle: at 4 standard errors one in 16 000 by the normal law; here below 1 in 1 000.

    With 20 points to a cell coefficients are nearly normal. The seed is fixed.
    """
    mass = np.random.default_rng(3).multinomial(20_480, np.full(1024, 1 / 1024)) / 20_480
    smooth = thresholded(mass, 20_480, 3, 2, lambda _: 1e9)
    kept = thresholded(mass, 20_480, 3, 2, lambda _: 4.0)
    assert np.mean(np.abs(kept - smooth) > 1e-9) < 0.02
    assert np.mean(np.abs(thresholded(mass, 20_480, 3, 2, lambda _: 1.0) - smooth) > 1e-9) > 0.5


@pytest.mark.parametrize("number", [10, 11, 12, 13, 14, 15])
def test_on_structure_of_several_widths_it_beats_the_best_kernel(number):
    """n = 10 000, fixed seeds. The errors scatter by a twentieth; they differ by a tenth to a half."""
    data = MarronWand(number=number)
    errors = []
    for seed in range(3):
        x = data.sample(10_000, np.random.default_rng(seed))
        models = WaveletDensity().fit(x), KernelDensity(bandwidth="lscv").fit(x)
        errors.append([RootMISE()(Evaluation(model, data, x)) for model in models])
    wavelet, kernel = np.sqrt(np.mean(np.square(errors), axis=0))
    assert wavelet < kernel


def test_a_jump_is_seen():
    """The exponential begins with a jump. At 0.02 on either side a kernel is further off."""
    x = Exponential().sample(10_000, np.random.default_rng(0))
    model, kernel = WaveletDensity().fit(x), KernelDensity(bandwidth="lscv").fit(x)
    density, rough = (np.exp(m.score_samples([[-0.02], [0.02]])) for m in (model, kernel))
    assert density[0] < 0.12
    assert density[1] == pytest.approx(np.exp(-0.02), abs=0.15)
    assert np.abs(density - [0, np.exp(-0.02)]).max() < np.abs(rough - [0, np.exp(-0.02)]).max()


def test_whole_numbers_have_no_peaks_between_them():
    x = np.random.default_rng(0).poisson(30, size=(5000, 1)).astype(float)
    model = WaveletDensity().fit(x)
    assert model.step_ == 1
    np.testing.assert_allclose((model.origin_ % 1), 0, atol=1e-9)


def test_one_far_value_takes_no_resolution():
    rng = np.random.default_rng(0)
    x = np.append(rng.normal(size=2000), 1000.0)[:, None]
    model = WaveletDensity().fit(x)
    assert model.step_ < 0.02
    assert np.exp(model.score_samples([[0.0]]))[0] == pytest.approx(0.4, abs=0.06)


@pytest.mark.parametrize(
    "given",
    [{"threshold": "soft"}, {"threshold": -1.0}, {"vanishing_moments": 11}, {"vanishing_moments": 2.5}],
)
def test_bad_parameters_are_refused_by_name(given):
    with pytest.raises(ValueError, match=next(iter(given))):
        WaveletDensity(**given).fit([[0.0], [1.0], [2.0]])
