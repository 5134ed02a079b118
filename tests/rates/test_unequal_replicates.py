"""Small sizes may have more replicates than large ones."""

import numpy as np
import pytest

from genrates.rates import fit_limit, fit_plateau, fit_rate, paired_counts

from .conftest import SQUARED_ERROR_LAWS, synthetic_study

COUNTS = [60, 40, 30, 20, 10]


def thinned(errors, counts=COUNTS):
    """Keep the first replicates of each size alone."""
    errors = errors.copy()
    for s, count in enumerate(counts):
        errors[s, count:] = np.nan
    return errors


def study(seed=0, law="gamma (light, CV 0.5)", counts=COUNTS):
    sizes, errors = synthetic_study(np.random.default_rng(seed), law, len(counts), counts[0], 0.4)
    return sizes, thinned(errors, counts)


def test_each_size_has_the_mean_and_standard_error_of_its_own_replicates():
    sizes, errors = study()
    fit = fit_rate(errors, sizes, random_state=0)
    for s, count in enumerate(COUNTS):
        squares = errors[s, :count] ** 2
        assert fit.errors[s] == pytest.approx(np.sqrt(squares.mean()), rel=1e-12)
        spread = squares.std(ddof=1) / np.sqrt(count) / (2 * np.sqrt(squares.mean()))
        assert fit.error_se[s] == pytest.approx(spread, rel=1e-12)
    assert (fit.n_replicates, fit.n_dropped) == (10, 0)


def test_the_weights_are_inverse_variances():
    """Of equal scatter: as the numbers of replicates."""
    rng = np.random.default_rng(0)
    column = rng.gamma(4, 0.25, 10)
    errors = thinned(np.sqrt(np.tile(np.tile(column, 6), (5, 1))))  # every size the same ten, again and again
    weights = fit_rate(errors, np.array([100, 316, 1000, 3162, 10_000]), random_state=0).weights
    # repeated values have a little less sample variance with n - 1: up to 10 %
    np.testing.assert_allclose(weights, np.array(COUNTS) / 160, rtol=0.1)


@pytest.mark.slow
def test_the_standard_error_is_that_of_many_studies():
    """1 500 studies: the standard deviation of the rates has a standard error of 2 %; 10 % is 5 of them."""
    fits = [fit_rate(study(seed)[1], study(seed)[0], n_resamples=100, random_state=0) for seed in range(1500)]
    rates = np.array([fit.rate for fit in fits])
    expected = np.sqrt(np.mean([fit.standard_error**2 for fit in fits]))
    assert rates.std(ddof=1) == pytest.approx(expected, rel=0.1)
    assert rates.mean() == pytest.approx(0.4, abs=5 * rates.std() / np.sqrt(1500) + 0.002)


def test_more_replicates_of_small_sizes_make_a_rate_more_precise():
    sizes, errors = study(3)
    few = fit_rate(errors[:, :10], sizes, random_state=0)
    assert fit_rate(errors, sizes, random_state=0).standard_error < 0.9 * few.standard_error


def test_equal_numbers_are_one_stratum():
    sizes, errors = synthetic_study(np.random.default_rng(1), "lognormal (CV 1.3)", 5, 20, 0.4)
    more = np.full((5, 3), np.nan)  # three replicates have nothing: too few to be a stratum
    more[0] = 1.0
    fit, other = (fit_rate(e, sizes, random_state=0) for e in (errors, np.hstack([errors, more])))
    assert (other.rate, other.rate_low, other.rate_high) == (fit.rate, fit.rate_low, fit.rate_high)
    assert (other.n_replicates, other.n_dropped) == (20, 3)


def test_each_stratum_is_resampled_by_itself():
    counts = paired_counts((10, 5, 8), 200, 0)
    assert counts.shape == (200, 23)
    np.testing.assert_array_equal(counts[:, :10].sum(axis=1), 10)
    np.testing.assert_array_equal(counts[:, 10:15].sum(axis=1), 5)
    np.testing.assert_array_equal(counts[:, 15:].sum(axis=1), 8)
    np.testing.assert_array_equal(paired_counts((7,), 200, 0), paired_counts(7, 200, 0))


def test_few_replicates_of_the_largest_size_take_student_s_t():
    sizes, errors = study(counts=[40, 20, 20, 4, 4])
    fit = fit_rate(errors, sizes, random_state=0)
    assert np.isfinite([fit.rate_low, fit.rate_high]).all()
    # three degrees of freedom at the worst, those of all replicates at best
    ratio = (fit.rate_high - fit.rate) / fit.standard_error
    assert 2.0 < ratio <= 3.1825
    alone = fit_rate(study(counts=[40, 20, 20, 20, 1])[1], sizes, random_state=0)
    assert np.isnan(alone.rate_low)


def test_a_plateau_and_a_limit_take_them_too():
    sizes = np.array([100, 316, 1000, 3162, 10_000])
    level = np.sqrt(0.1**2 + (2 * sizes**-0.5) ** 2)
    errors = thinned(level[:, None] * np.random.default_rng(0).gamma(25, 1 / 25, (5, 60)))
    plateau = fit_plateau(errors, sizes, random_state=0)
    assert plateau.significant
    assert plateau.plateau_low < 0.1 < plateau.plateau_high
    values = -2 + 30 / sizes[:, None] + 0.005 * np.random.default_rng(1).standard_normal((5, 60))
    limit = fit_limit(thinned(values), sizes, random_state=0)
    assert limit.limit_low < -2 < limit.limit_high
    assert limit.rate_low < 1 < limit.rate_high


@pytest.mark.slow
@pytest.mark.parametrize("counts", [COUNTS, [160, 80, 40, 40, 20]])
@pytest.mark.parametrize("law", sorted(SQUARED_ERROR_LAWS))
def test_intervals_cover_as_they_do_with_equal_numbers(law, counts):
    # 500 studies: an exact 95 % interval leaves 91.5 to 98.5 % with probability 1e-3 (binomial); fixed seeds
    covered = 0
    for seed in range(500):
        sizes, errors = study(seed + 10_000, law, counts)
        fit = fit_rate(errors, sizes, n_resamples=1000, random_state=0)
        covered += fit.rate_low <= 0.4 <= fit.rate_high
    print(f"{law}, {counts}: {covered / 500:.3f}")
    assert 0.915 <= covered / 500 <= 0.985
