"""Exponents of the bandwidth and of the root MISE, from the order m of the bias and the dimension d."""

import math
from fractions import Fraction

from genrates.rates.smoothness.truth import Exponents, Power

#: the exponent of a mean of n independent terms
HALF = Fraction(1, 2)


def bandwidth_exponent(m: Power, d: int) -> Power:
    """Return x in h ~ n^(-x).

    Parameters
    ----------
    m : Fraction or inf
        The squared bias is of order h^(2m).
    d : int
        Dimension.

    Returns
    -------
    Fraction or 0
        0 where h falls more slowly than any power.
    """
    return 0 if m == math.inf else Fraction(1) / (2 * m + d)


def mise_rate(m: Power, d: int) -> Fraction:
    """Return the exponent of the root MISE, m / (2m + d).

    Parameters
    ----------
    m : Fraction or inf
        The squared bias is of order h^(2m).
    d : int
        Dimension.

    Returns
    -------
    Fraction
    """
    return HALF if m == math.inf else Fraction(m) / (2 * m + d)


def rate_with_log(m: Fraction, d: int) -> Exponents:
    """Return the root MISE where the squared bias is of order h^(2m) log(1/h).

    Parameters
    ----------
    m : Fraction
        The power of h in the bias.
    d : int
        Dimension.

    Returns
    -------
    dict
        The exponent, and its formula.
    """
    rate, log = mise_rate(m, d), Fraction(d) / (2 * (2 * m + d))
    return {"rate": rate, "formula": f"(log n)^({log}) n^({-rate})"}


def over(numerator: Power, m: Power) -> str:
    """Return numerator / (2m + d) as text in d.

    Parameters
    ----------
    numerator : Fraction or int
        The numerator.
    m : Fraction or inf
        The squared bias is of order h^(2m).

    Returns
    -------
    str
        "1/2" in the limit of large m.
    """
    if m == math.inf:
        return "1/2"
    top = f"({numerator})" if Fraction(numerator).denominator > 1 else numerator
    return f"{top}/({2 * m}+d)"
