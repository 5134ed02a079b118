"""Verdicts, and exponents read from cards."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrates.rates import PlateauFit, fit_rate, format_rate, judge, parse_exponent, theory_of

NO_PLATEAU = PlateauFit(0.0, 0.0, 0.1, 0.4, 1.0, 0.0, 0.0, False)


@pytest.fixture
def fit():
    sizes = np.array([100, 1000, 10_000])
    measured = fit_rate(np.outer(sizes**-0.4, np.ones(10)), sizes, random_state=0)
    return replace(measured, rate=0.4, rate_low=0.38, rate_high=0.42)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (0.4, "agrees"),
        (0.43, "agrees"),
        (0.44, "agrees"),
        (0.441, "slower"),
        (0.36, "agrees"),
        (0.359, "faster"),
    ],
)
def test_interval_and_tolerance(fit, reference, expected):
    assert judge(fit, NO_PLATEAU, exact=reference) == expected


def test_exact_comes_before_theory(fit):
    assert judge(fit, exact=0.4, theory=0.5) == "agrees"
    assert judge(fit, theory=Fraction(1, 2)) == "slower"
    assert judge(fit, exact=0.0, theory=0.4) == "faster"


def test_plateau_comes_before_all(fit):
    assert judge(fit, replace(NO_PLATEAU, significant=True), exact=0.4) == "plateau"
    assert judge(fit, replace(NO_PLATEAU, significant=True)) == "plateau"


def test_an_error_that_grows_is_on_no_plateau():
    sizes = np.array([100, 1000, 10_000])
    grown = fit_rate(np.outer(sizes**0.3, [0.9, 1.0, 1.1]), sizes)
    assert judge(grown, replace(NO_PLATEAU, significant=True)) is None
    assert judge(grown, replace(NO_PLATEAU, significant=True), theory=0.5) == "slower"


def test_nothing_to_judge_by(fit):
    assert judge(fit, NO_PLATEAU) is None
    with pytest.raises(ValueError, match="finite"):
        judge(fit, exact=float("nan"))
    with pytest.raises(ValueError, match="tolerance"):
        judge(fit, exact=0.4, tolerance=-1)


def test_without_an_interval_the_rate_speaks(fit):
    single = replace(fit, rate_low=float("nan"), rate_high=float("nan"))
    assert judge(single, exact=0.42) == "agrees"
    assert judge(single, exact=0.43) == "slower"


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
