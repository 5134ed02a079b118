"""The regression on studies whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genrates.rates import exact_error, exact_rate, fit_rate, log_log_slope, paired_counts

from .conftest import SQUARED_ERROR_LAWS, synthetic_study

LIGHT = "gamma (light, CV 0.5)"


@pytest.fixture
def study():
    return synthetic_study(np.random.default_rng(5), LIGHT, 7, 30, 0.4)


def test_a_power_law_without_noise_is_found_exactly():
    sizes = np.array([100, 316, 1000, 3162])
    fit = fit_rate(np.tile(3 * sizes[:, None] ** -0.4, 12), sizes, random_state=0)
    assert (fit.rate, fit.rate_low, fit.rate_high) == pytest.approx((0.4, 0.4, 0.4), abs=1e-12)
    assert fit.constant == pytest.approx(3, rel=1e-12)
    np.testing.assert_allclose(fit.local_rates, 0.4, rtol=1e-10)
    np.testing.assert_allclose(fit.error_se, 0, atol=1e-12)


def test_root_mean_square_is_not_a_mean_of_logs(study):
    # constant mean square, spread that grows with n: a mean of logs would see a rate where there is none
    sizes = study[0]
    rng = np.random.default_rng(0)
    spread = np.linspace(0.1, 1.0, len(sizes))[:, None]
    errors = np.exp(spread * rng.standard_normal((len(sizes), 4000)) - spread**2)
    of_logs = -np.polyfit(np.log(sizes), np.log(errors).mean(axis=1), 1)[0]
    fit = fit_rate(errors, sizes, random_state=0)
    assert of_logs > 0.1
    assert abs(fit.rate) < 0.02
    # and the median is another quantity too
    assert fit.rate_median == pytest.approx(of_logs, abs=0.02)


def test_aggregates_differ_where_they_should(study):
    sizes, errors = study
    fit = fit_rate(errors, sizes, aggregate="mean", random_state=0)
    np.testing.assert_allclose(fit.errors, errors.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(fit.error_se, errors.std(axis=1, ddof=1) / np.sqrt(30), rtol=1e-10)
    squared = fit_rate(errors, sizes, random_state=0)
    np.testing.assert_allclose(squared.errors, np.sqrt((errors**2).mean(axis=1)), rtol=1e-12)
    # the mean of squares is the root mean square at twice the exponent
    doubled = fit_rate(errors**2, sizes, aggregate="mean", random_state=0)
    assert doubled.rate == pytest.approx(2 * squared.rate, rel=1e-10)
    assert doubled.rate_low == pytest.approx(2 * squared.rate_low, rel=1e-10)


def test_standard_error_knows_that_replicates_are_paired():
    # luck common to all sizes moves the whole line and not its slope
    sizes = np.array([100, 316, 1000, 3162, 10_000])
    luck = np.random.default_rng(0).gamma(4, 0.25, 40)
    paired = fit_rate(np.outer(sizes**-0.4, luck), sizes, random_state=0)
    shuffled = np.array([np.roll(luck, 7 * s) for s in range(5)]) * sizes[:, None] ** -0.4
    assert paired.standard_error < 1e-10
    assert fit_rate(shuffled, sizes, random_state=0).standard_error > 0.01


def test_the_design_s_formula_for_the_standard_error():
    # se = (CV/2) / sqrt(R Sxx), Sxx = 37.1 for seven half decades, for independent sizes; CV 0.5
    rng = np.random.default_rng(4)
    sizes = 10 ** (2 + 0.5 * np.arange(7))
    errors = sizes[:, None] ** -0.4 * np.sqrt(rng.gamma(4, 0.25, (7, 4000)))
    expected = 0.25 / np.sqrt(4000 * 37.1)
    assert fit_rate(errors, sizes, random_state=0).standard_error == pytest.approx(expected, rel=0.05)


def test_failed_replicates_are_dropped_and_counted(study):
    sizes, errors = study
    spoilt = np.insert(errors, [3, 10], 1.0, axis=1)
    spoilt[2, 3] = spoilt[6, 11] = np.nan
    fit, clean = fit_rate(spoilt, sizes, random_state=0), fit_rate(errors, sizes, random_state=0)
    assert (fit.n_dropped, fit.n_replicates) == (2, 30)
    assert (fit.rate, fit.rate_low, fit.rate_high) == (clean.rate, clean.rate_low, clean.rate_high)


def test_one_replicate_has_a_rate_and_no_interval(study):
    sizes, errors = study
    fit = fit_rate(errors[:, :1], sizes)
    assert fit.rate == pytest.approx(-log_log_slope(sizes, errors[:, 0]))
    assert np.isnan([fit.rate_low, fit.rate_high, fit.standard_error]).all()
    assert np.isnan(fit.error_se).all()
    np.testing.assert_allclose(fit.weights, 1 / 7)


def test_two_replicates_have_a_wide_interval(study):
    sizes, errors = study
    fit = fit_rate(errors[:, :2], sizes)
    # Student's t with one degree of freedom
    assert fit.rate_high - fit.rate == pytest.approx(12.7062 * fit.standard_error, rel=1e-4)


def test_single_errors_may_be_negative_where_their_mean_is_meant():
    sizes = np.array([100, 316, 1000, 3162])
    errors = sizes[:, None] ** -1.0 * (1 + 1.5 * np.random.default_rng(2).standard_normal((4, 60)))
    assert errors.min() < 0
    fit = fit_rate(errors, sizes, aggregate="mean", random_state=0)
    assert fit.rate_low < 1 < fit.rate_high
    # barely positive means: resamples that fail cannot be left out without a word, so Student's t it is
    hard = errors - 0.9 * errors.mean(axis=1, keepdims=True)
    fit = fit_rate(hard, sizes, aggregate="mean", random_state=0)
    assert fit.rate_high - fit.rate == pytest.approx(2.001 * fit.standard_error, rel=1e-3)


def test_bad_input_is_refused(study):
    sizes, errors = study
    cases = [
        ("at least 3 sample sizes", errors[:2], sizes[:2], {}),
        ("increasing", errors, sizes[::-1], {}),
        ("need shape", errors.T, sizes, {}),
        ("need shape", errors[:, 0], sizes, {}),
        ("replicate without NaN", np.full_like(errors, np.nan), sizes, {}),
        ("replicate without NaN", np.empty((7, 0)), sizes, {}),
        ("infinite errors at sizes", np.where(errors > 0.1, np.inf, errors), sizes, {}),
        ("all errors are 0", 0 * errors, sizes, {}),
        ("cannot be negative", -errors, sizes, {}),
        ("mean error is not positive", -errors, sizes, {"aggregate": "mean"}),
        ("aggregate must be", errors, sizes, {"aggregate": "median"}),
        ("confidence must", errors, sizes, {"confidence": 95}),
        ("n_resamples", errors, sizes, {"n_resamples": 10}),
    ]
    for message, e, s, options in cases:
        with pytest.raises(ValueError, match=message):
            fit_rate(e, s, **options)


def test_random_state(study):
    sizes, errors = study

    def low(random_state):
        return fit_rate(errors, sizes, random_state=random_state).rate_low

    assert low(1) == low(1) == low(np.random.default_rng(1))
    assert low(1) != low(2)
    assert low(1) == pytest.approx(low(2), abs=0.01)
    assert low(np.random.SeedSequence(3)) == low(np.random.SeedSequence(3))
    counts = paired_counts(30, 200, 1)
    with pytest.raises(ValueError, match="read-only"):
        counts[0] = 0


def test_exact_rate_with_the_fit_s_weights_is_the_measured_rate(normal):
    # exact errors times luck common to all sizes: nothing but the curve itself is left to differ
    sizes = np.array([100, 316, 1000, 3162, 10_000])
    exact = exact_error("kernel", normal, sizes)
    rng = np.random.default_rng(0)
    errors = exact[:, None] * rng.gamma(4, 0.25, 40) ** np.linspace(0.5, 1.0, 5)[:, None]
    errors *= exact[:, None] / np.sqrt((errors**2).mean(axis=1, keepdims=True))
    fit = fit_rate(errors, sizes, random_state=0)
    assert fit.rate == pytest.approx(exact_rate("kernel", normal, sizes, weights=fit.weights), rel=1e-10)
    assert abs(fit.rate - exact_rate("kernel", normal, sizes)) > 1e-5


@settings(max_examples=25, deadline=None)
@given(
    log_scale=st.floats(-150, 150), law=st.sampled_from(sorted(SQUARED_ERROR_LAWS)), seed=st.integers(0, 99)
)
def test_rate_does_not_depend_on_the_unit_of_the_error(log_scale, law, seed):
    sizes, errors = synthetic_study(np.random.default_rng(seed), law, 5, 12, 0.3)
    scale = 10.0**log_scale
    fit = fit_rate(errors, sizes, random_state=0, n_resamples=200)
    scaled = fit_rate(scale * errors, sizes, random_state=0, n_resamples=200)
    for name in ("rate", "rate_low", "rate_high", "rate_median", "standard_error"):
        assert getattr(scaled, name) == pytest.approx(getattr(fit, name), rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(scaled.errors / scale, fit.errors, rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(law=st.sampled_from(sorted(SQUARED_ERROR_LAWS)), seed=st.integers(0, 99))
def test_rate_does_not_depend_on_the_order_of_the_replicates(law, seed):
    rng = np.random.default_rng(seed)
    sizes, errors = synthetic_study(rng, law, 5, 12, 0.3)
    fit = fit_rate(errors, sizes, random_state=0, n_resamples=200)
    permuted = fit_rate(errors[:, rng.permutation(12)], sizes, random_state=0, n_resamples=200)
    for name in ("rate", "rate_median", "standard_error"):
        assert getattr(permuted, name) == pytest.approx(getattr(fit, name), rel=1e-9)
    np.testing.assert_allclose(permuted.weights, fit.weights, rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(factor=st.floats(1.0, 50.0), seed=st.integers(0, 99))
def test_rate_does_not_depend_on_the_unit_of_the_size(factor, seed):
    sizes, errors = synthetic_study(np.random.default_rng(seed), LIGHT, 5, 12, 0.3)
    fit = fit_rate(errors, sizes, random_state=0, n_resamples=200)
    dilated = fit_rate(errors, factor * sizes, random_state=0, n_resamples=200)
    assert dilated.rate_low == pytest.approx(fit.rate_low, rel=1e-9)
    assert dilated.constant == pytest.approx(fit.constant * factor**fit.rate, rel=1e-9)
