"""Values that fall to a limit nobody knows."""

import numpy as np
import pytest

from genrates.rates import fit_limit

SIZES = np.array([100, 200, 400, 800, 1600])


def values(limit, constant, rate, noise, replicates=10, seed=0):
    rng = np.random.default_rng(seed)
    level = limit + constant * SIZES ** (-1.0 * rate)
    return level[:, None] + noise * rng.standard_normal((len(SIZES), replicates))


@pytest.mark.parametrize("limit", [-30.0, 0.0, 17.0])
@pytest.mark.parametrize("rate", [0.5, 1.0, 1.5])
def test_limit_and_exponent_are_found_whatever_the_limits_sign(limit, rate):
    found = fit_limit(values(limit, 5 * 100**rate, rate, 0.01), SIZES, random_state=0)
    assert found.determined
    assert found.rate == pytest.approx(rate, abs=0.051)
    assert found.rate_low <= rate <= found.rate_high
    assert found.limit == pytest.approx(limit, abs=0.2)
    assert found.limit_low <= limit <= found.limit_high


def test_a_shift_and_a_scale_change_limits_alone():
    data = values(3.0, 500, 1.0, 0.05)
    one, other = fit_limit(data, SIZES, random_state=0), fit_limit(1e3 * data - 7, SIZES, random_state=0)
    assert other.rate == one.rate
    assert other.limit == pytest.approx(1e3 * one.limit - 7)
    assert other.limit_high == pytest.approx(1e3 * one.limit_high - 7)


@pytest.mark.parametrize("constant", [0.0, -100.0])
def test_what_does_not_fall_has_no_exponent(constant):
    found = fit_limit(values(5.0, constant, 1.0, 0.1), SIZES, random_state=0)
    assert not found.determined
    assert found.limit == pytest.approx(values(5.0, constant, 1.0, 0.1).mean(), abs=0.2)


def test_few_replicates_have_no_interval():
    found = fit_limit(values(5.0, 500, 1.0, 0.1, replicates=3), SIZES)
    assert np.isnan([found.limit_low, found.limit_high, found.rate_low, found.rate_high]).all()
    assert not found.determined


def test_intervals_cover():
    """100 studies of 10 replicates: below 85 by chance once in 25 000, did each interval cover 95 %."""
    studies = [
        fit_limit(values(17.0, 600, 1.0, 0.4, seed=s), SIZES, n_resamples=200, random_state=s)
        for s in range(100)
    ]
    assert sum(f.limit_low <= 17 <= f.limit_high for f in studies) >= 85
    determined = [f for f in studies if f.determined]
    assert len(determined) >= 20
    assert sum(f.rate_low <= 1 <= f.rate_high for f in determined) >= 0.85 * len(determined)


@pytest.mark.parametrize(
    ("given", "sizes", "message"),
    [
        (np.ones((3, 4)), SIZES[:3], "at least 4 sample sizes"),
        (np.ones((4, 4)), SIZES, "of shape"),
        (np.full((5, 4), np.inf), SIZES, "finite"),
        (np.full((5, 4), np.nan), SIZES, "replicate without NaN"),
    ],
)
def test_bad_input_is_refused(given, sizes, message):
    with pytest.raises(ValueError, match=message):
        fit_limit(given, sizes)
