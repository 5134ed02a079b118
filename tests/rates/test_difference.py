"""Differences of exponents of rows that share their samples."""

import numpy as np
import pytest

from genrates.rates import fit_difference, fit_rate

SIZES = np.array([100, 316, 1000, 3162, 10_000])


def study(rng, n_replicates=20, *, shared=0.8, exponents=(0.4, 1 / 3)):
    """Root errors of two rows whose squared errors have CV 0.5 or so, and logs with correlation `shared`."""
    common = rng.standard_normal((5, n_replicates))
    rows = []
    for exponent in exponents:
        luck = np.sqrt(shared) * common + np.sqrt(1 - shared) * rng.standard_normal((5, n_replicates))
        rows.append(SIZES[:, None] ** -exponent * np.exp(0.25 * luck))
    return rows


def test_it_is_the_difference_of_the_two_rates():
    rows = study(np.random.default_rng(0))
    rates = [fit_rate(row, SIZES, random_state=0).rate for row in rows]
    fit = fit_difference(*rows, SIZES, random_state=0)
    assert fit.difference == pytest.approx(rates[0] - rates[1], rel=1e-12)
    back = fit_difference(*rows[::-1], SIZES, random_state=0)
    assert (back.difference, back.low, back.high) == pytest.approx((-fit.difference, -fit.high, -fit.low))


def test_luck_in_common_makes_it_precise():
    """Unpaired, its standard error is the root of the sum of squares."""
    rows = study(np.random.default_rng(1), 200)
    alone = np.hypot(*(fit_rate(row, SIZES, random_state=0).standard_error for row in rows))
    paired = fit_difference(*rows, SIZES, random_state=0)
    assert paired.standard_error == pytest.approx(alone * np.sqrt(1 - 0.8), rel=0.15)
    shuffled = fit_difference(rows[0], np.roll(rows[1], 1, axis=1), SIZES, random_state=0)
    assert shuffled.standard_error == pytest.approx(alone, rel=0.15)


def test_a_row_with_fewer_replicates_is_paired_where_it_has_them():
    rows = study(np.random.default_rng(2), 60)
    rows[1][:, 20:] = np.nan
    rows[0][3:, 40:] = np.nan
    fit = fit_difference(*rows, SIZES, random_state=0)
    rates = [fit_rate(row, SIZES, random_state=0) for row in rows]
    assert fit.difference == pytest.approx(rates[0].rate - rates[1].rate, rel=1e-12)
    alone = np.hypot(*(rate.standard_error for rate in rates))
    assert 0.3 * alone < fit.standard_error < alone


def test_the_same_row_twice_has_no_difference():
    row = study(np.random.default_rng(3))[0]
    fit = fit_difference(row, row, SIZES, random_state=0)
    assert (fit.difference, fit.low, fit.high) == pytest.approx((0, 0, 0), abs=1e-12)


def test_few_replicates():
    rows = study(np.random.default_rng(4), 4)
    fit = fit_difference(*rows, SIZES, random_state=0)
    assert fit.high - fit.difference == pytest.approx(3.1824 * fit.standard_error, rel=1e-4)
    one = fit_difference(rows[0][:, :1], rows[1][:, :1], SIZES)
    assert np.isnan([one.low, one.high]).all()


def test_errors_of_other_shapes_are_refused():
    rows = study(np.random.default_rng(5))
    with pytest.raises(ValueError, match="fit_difference: errors need shape"):
        fit_difference(rows[0], rows[1][:4], SIZES)


def test_intervals_cover():
    """400 studies: an exact 95 % interval leaves 92 to 98 % with probability 0.008 (binomial); seed fixed."""
    rng, covered = np.random.default_rng(6), 0
    for _ in range(400):
        fit = fit_difference(*study(rng), SIZES, n_resamples=400, random_state=0)
        covered += fit.low <= 0.4 - 1 / 3 <= fit.high
    assert 0.92 <= covered / 400 <= 0.98
