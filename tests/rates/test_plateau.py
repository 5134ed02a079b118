"""Plateaus: found where there is one, not where there is none."""

import numpy as np
import pytest

from genrates.rates import exact_error, fit_plateau, fit_rate, gaussian_plateau, judge

from .conftest import gaussian_fit_errors, synthetic_study

QUICK = np.array([100, 316, 1000, 3162, 10_000])


def noisy(level, n_replicates=20, seed=0):
    """Errors with a coefficient of variation of 0.3 about a given curve."""
    return level[:, None] * np.random.default_rng(seed).gamma(11, 1 / 11, (len(level), n_replicates))


def test_the_model_is_recovered_without_noise():
    level = np.sqrt(0.1**2 + (2 * QUICK**-0.4) ** 2)
    fit = fit_plateau(np.tile(level[:, None], 10), QUICK, random_state=0)
    assert fit.rate == pytest.approx(0.4)
    assert (fit.plateau, fit.constant) == pytest.approx((0.1, 2.0), rel=1e-6)
    assert (fit.plateau_low, fit.plateau_high) == pytest.approx((0.1, 0.1), rel=1e-6)
    assert fit.share == pytest.approx(0.1**2 / level[-1] ** 2, rel=1e-6)


@pytest.mark.parametrize("aggregate", ["root_mean_square", "mean"])
def test_an_error_in_other_units_has_a_plateau_in_other_units(aggregate):
    errors = noisy(np.sqrt(0.1**2 + QUICK**-0.8))
    fit, scaled = (fit_plateau(c * errors, QUICK, aggregate=aggregate, random_state=0) for c in (1, 1e120))
    assert scaled.plateau == pytest.approx(1e120 * fit.plateau, rel=1e-9)
    assert scaled.share_low == pytest.approx(fit.share_low, rel=1e-9)


def test_what_is_quadratic_already_is_not_squared_again():
    level = 0.1 + 2 * QUICK**-0.8
    fit = fit_plateau(np.tile(level[:, None], 10), QUICK, aggregate="mean", quadratic=True, random_state=0)
    assert (fit.plateau, fit.constant, fit.rate) == pytest.approx((0.1, 2.0, 0.8), rel=1e-6)
    assert fit.share == pytest.approx(0.1 / level[-1], rel=1e-6)
    roots = noisy(np.sqrt(level))
    one = fit_plateau(roots, QUICK, random_state=0)
    other = fit_plateau(roots**2, QUICK, aggregate="mean", quadratic=True, random_state=0)
    assert other.plateau_high == pytest.approx(one.plateau_high**2, rel=1e-9)
    assert other.share_low == pytest.approx(one.share_low, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_a_normal_fitted_to_two_bumps_ends_on_its_plateau(bimodal, seed):
    # quick settings; in 40 simulated studies the lowest share_low was 0.93, against the 0.5 needed
    errors = gaussian_fit_errors(np.random.default_rng(seed), bimodal, QUICK, 20)
    fit = fit_plateau(errors, QUICK, random_state=0)
    assert fit.significant
    assert fit.plateau == pytest.approx(gaussian_plateau(bimodal), rel=0.02)
    assert judge(fit_rate(errors, QUICK, random_state=0), fit, reference=0.5, own=0.5) == "plateau"


@pytest.mark.slow
def test_a_normal_fitted_to_two_bumps_at_full_settings(bimodal):
    sizes = np.array([100, 316, 1000, 3162, 10_000, 31_623, 100_000])
    errors = gaussian_fit_errors(np.random.default_rng(0), bimodal, sizes, 50)
    fit = fit_plateau(errors, sizes, random_state=0)
    assert fit.significant
    # false alarm 5 %, fixed seed
    assert fit.plateau_low <= gaussian_plateau(bimodal) <= fit.plateau_high


@pytest.mark.parametrize("kind", ["kernel", "histogram"])
@pytest.mark.parametrize("which", ["normal", "bimodal", "claw"])
def test_errors_still_short_of_their_asymptotic_regime_are_no_plateau(kind, which, request):
    # they steepen as n grows; no alarm in any of 20 studies (the criterion's own rate is below 2 %)
    level = exact_error(kind, request.getfixturevalue(which), QUICK)
    fits = [fit_plateau(noisy(level, seed=seed), QUICK, random_state=0) for seed in range(20)]
    assert sum(fit.significant for fit in fits) == 0
    # noise bends single curves, the true one bends the other way
    assert np.median([fit.share for fit in fits]) < 0.25


def test_an_error_that_falls_and_then_stops():
    # the bend lies inside the range of sizes: twice the plateau at the first. In 20 simulated studies the
    # lowest share_low was 0.69
    sizes = 10 ** (2 + 0.5 * np.arange(7))
    level = np.sqrt(1 + 3 * (sizes / 100) ** -1.0)
    for seed in range(5):
        fit = fit_plateau(noisy(level, seed=seed), sizes, random_state=0)
        assert fit.significant
        assert fit.plateau_low < 1 < fit.plateau_high


def test_few_replicates_are_certain_of_nothing():
    fit = fit_plateau(noisy(np.ones(5), 7), QUICK, random_state=0)
    assert not fit.significant
    assert np.isnan([fit.share_low, fit.plateau_low, fit.plateau_high]).all()
    assert fit.share > 0.5


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="fit_plateau: a rate needs at least 3"):
        fit_plateau(np.ones((2, 5)), [10, 100])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("law", "exponent"),
    [
        ("gamma (light, CV 0.5)", 0.25),
        ("chi-square, 1 df (CV 1.4)", 0.25),
        ("chi-square, 1 df (CV 1.4)", 0.5),
        ("lognormal (CV 1.3)", 0.25),
        ("squared Student t, 5 df (CV 2.8, no third moment)", 0.4),
    ],
)
def test_false_alarms_on_power_laws(law, exponent):
    # 2 % allowed in 500 studies; measured with other seeds: 0 to 1 %. At a true 1 % the chance of more
    # than 2 % is below 2 %, and the seed is fixed.
    rng = np.random.default_rng(17)
    alarms = 0
    for _ in range(500):
        sizes, errors = synthetic_study(rng, law, 5, 20, exponent)
        alarms += fit_plateau(errors, sizes, random_state=0).significant
    assert alarms <= 10
