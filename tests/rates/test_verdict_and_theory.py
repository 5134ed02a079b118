"""Verdicts, and exponents read from cards."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from genrates.rates import PlateauFit, fit_rate, format_rate, judge, parse_exponent, power, theory_of

NO_PLATEAU = PlateauFit(0.0, 0.0, 0.1, 0.4, 1.0, 0.0, 0.0, False)


@pytest.fixture
def fit():
    sizes = np.array([100, 1000, 10_000])
    measured = fit_rate(np.outer(sizes**-0.4, np.ones(10)), sizes, random_state=0)
    return replace(measured, rate=0.4, rate_low=0.38, rate_high=0.42)


@pytest.mark.parametrize(
    ("low", "high", "reference", "expected"),
    [
        (0.38, 0.42, 0.40, "agrees"),
        (0.38, 0.42, 0.39, "agrees"),  # both ends within .03 of it
        (0.38, 0.42, 0.41, "agrees"),
        (0.38, 0.42, 0.389, "undecided"),  # .42 is .031 away, and the interval holds it
        (0.38, 0.42, 0.411, "undecided"),
        (0.36, 0.44, 0.40, "undecided"),  # too wide to agree with anything
        (0.38, 0.42, 0.379, "faster"),
        (0.38, 0.42, 0.421, "slower"),
        (0.38, 0.39, 0.37, "agrees"),  # excluded by the interval, and all of it is close
        (0.38, 0.39, 0.40, "agrees"),
        (0.10, 0.90, 0.40, "undecided"),
    ],
)
def test_the_whole_interval_must_be_close(fit, low, high, reference, expected):
    assert (
        judge(replace(fit, rate_low=low, rate_high=high), NO_PLATEAU, reference=reference, own=0.4)
        == expected
    )


@pytest.mark.parametrize(
    ("low", "high", "reference", "own", "expected"),
    [
        (0.33, 0.37, 0.35, 0.4, "undecided"),  # holds 1/3
        (0.33, 0.37, 0.35, 1 / 3, "agrees"),  # its own
        (0.334, 0.37, 0.35, 0.4, "agrees"),
        (0.39, 0.41, 0.40, Fraction(2, 5), "agrees"),
        (0.39, 0.41, 0.40, None, "undecided"),  # without an exponent of its own all three are rivals
        (0.48, 0.50, 0.49, 1.0, "undecided"),
        (0.41, 0.43, 0.427, 0.5, "agrees"),
        (0.39, 0.43, 0.42, 0.5, "undecided"),  # holds 2/5
    ],
)
def test_what_would_agree_with_another_row_too_is_undecided(fit, low, high, reference, own, expected):
    assert judge(replace(fit, rate_low=low, rate_high=high), reference=reference, own=own) == expected


def test_a_plateau_comes_before_all(fit):
    flat = replace(NO_PLATEAU, significant=True)
    assert judge(fit, flat, reference=0.4, own=0.4) == "plateau"
    assert judge(fit, flat) == "plateau"


def test_a_plateau_never_overrides_an_exact_error_that_still_falls(fit):
    flat = replace(NO_PLATEAU, significant=True)
    assert judge(fit, flat, reference=0.4, own=0.4, falls=True) == "agrees"
    assert judge(fit, flat, reference=0.5, own=0.4, falls=True) == "slower"


def test_an_error_that_grows_is_on_no_plateau():
    sizes = np.array([100, 1000, 10_000])
    grown = fit_rate(np.outer(sizes**0.3, [0.9, 1.0, 1.1]), sizes)
    assert judge(grown, replace(NO_PLATEAU, significant=True)) == "undecided"
    assert judge(grown, replace(NO_PLATEAU, significant=True), reference=0.5) == "slower"


def test_nothing_to_judge_by(fit):
    assert judge(fit, NO_PLATEAU) == "undecided"
    with pytest.raises(ValueError, match="finite"):
        judge(fit, reference=float("nan"))
    with pytest.raises(ValueError, match="tolerance"):
        judge(fit, reference=0.4, tolerance=-1)


def test_without_an_interval_nothing_is_decided(fit):
    single = replace(fit, rate_low=float("nan"), rate_high=float("nan"))
    assert judge(single, reference=0.4) == judge(single, reference=0.9) == "undecided"
    assert np.isnan(power(single))


@pytest.mark.parametrize(("standard_error", "expected"), [(0.004, 1.0), (0.008, 0.926), (0.0154, 0.0)])
def test_the_power_of_an_interval_of_1_96_standard_errors(fit, standard_error, expected):
    # P(|Z| < .03 / se - 1.96); by hand for .008: 2 Phi(1.79) - 1 = 2 * .9633 - 1
    ends = {"rate_low": 0.4 - 1.96 * standard_error, "rate_high": 0.4 + 1.96 * standard_error}
    precise = replace(fit, standard_error=standard_error, **ends)
    assert power(precise) == pytest.approx(
        2 * ndtr(0.03 / standard_error - 1.96) - 1 if expected else 0, abs=1e-9
    )
    assert power(precise) == pytest.approx(expected, abs=0.01)


def test_the_power_is_what_simulated_studies_have():
    """The normal approximation is what a study may expect."""
    rng = np.random.default_rng(11)
    sizes = np.array([100, 316, 1000, 3162, 10_000])
    agreed, powers = [], []
    for _ in range(500):
        errors = sizes[:, None] ** -0.4 * np.sqrt(rng.gamma(4, 0.25, (5, 60)))
        fit = fit_rate(errors, sizes, n_resamples=400, random_state=0)
        agreed.append(judge(fit, reference=0.4, own=0.4) == "agrees")
        powers.append(power(fit))
    # 500 studies of a power near 0.9: four standard errors are 0.055 (6e-5)
    assert np.mean(agreed) == pytest.approx(np.mean(powers), abs=0.055)
    assert 0.6 < np.mean(powers) < 0.99


@pytest.mark.parametrize(
    ("text", "d", "value"),
    [
        ("2/(4+d)", 1, Fraction(2, 5)),
        ("2 / (4 + d)", 6, Fraction(1, 5)),
        ("1/(2+d)", 2, Fraction(1, 4)),
        ("4/(4+d)", 3, Fraction(4, 7)),
        ("1/2", 1, Fraction(1, 2)),
        ("0.375", 1, Fraction(3, 8)),
        ("1 - 1/2/2", 1, Fraction(3, 4)),
        ("-(d-2)*3", 1, Fraction(3)),
        ("d", 7, Fraction(7)),
        (0, 1, Fraction(0)),
        (1, 3, Fraction(1)),
        (0.4, 1, Fraction(2, 5)),
        (np.float64(1 / 3), 1, Fraction(1, 3)),
        (Fraction(7, 16), 1, Fraction(7, 16)),
    ],
)
def test_exponents(text, d, value):
    assert parse_exponent(text, d) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2/(4+d",
        "2//3",
        "2**9",
        "d d",
        "2d",
        "x",
        "__import__('os')",
        "1e5",
        "1/0",
        "1/(d-1)",
        ")",
        "(" * 99,
        "9" * 999,
        "min",
        "min(d",
        "1, 2",
    ],
)
def test_what_is_no_exponent_is_refused(text):
    with pytest.raises(ValueError, match="parse_exponent"):
        parse_exponent(text)


@pytest.mark.parametrize("value", [None, True, [1], float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="parse_exponent"):
        parse_exponent(value)


@given(st.fractions(min_value=Fraction(1, 50), max_value=3, max_denominator=60))
def test_formulas_read_back(exponent):
    text = format_rate(exponent)
    assert text.startswith("n^(-")
    assert parse_exponent(text[len("n^(-") : -1]) == exponent


def test_cards():
    assert theory_of("2/(4+d)", 2) == (Fraction(1, 3), "n^(-1/3)")
    assert theory_of(0) == (Fraction(0), "plateau")
    assert theory_of({"rate": None, "formula": "none known"}) == (None, "none known")
    assert theory_of({"rate": "3/8"}) == (Fraction(3, 8), "n^(-3/8)")
    with pytest.raises(ValueError, match="unknown keys"):
        theory_of({"rat": 1})
