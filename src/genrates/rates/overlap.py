"""Exponents of the Hellinger distance and of total variation, where a bandwidth is best for the root MISE.

Both weigh places of low density more than a squared error does. Total variation is an integral of the error
itself: the spread at x is sqrt(p / (n h^d)), so that the exponent is that of the root MISE where sqrt(p)
has an integral (Devroye and Gyorfi 1985, chapter 5), which tails of index v have for v > d. Its bias at a
singularity, of order h^(a+1), is never the larger part.

The squared Hellinger distance is the integral of (p^ - p)^2 / 8p where the error is small beside p, and of
the mass where it is not. The spread is 1/(8 n h^d) times the volume in which p is above 1 / (n h^d), and
that grows without end: like a power of log n in light tails, like (n h^d)^(d/(v+d)) in tails of index v,
where the squared distance is therefore (n h^d)^(-v/(v+d)).

References
----------
Devroye and Gyorfi (1985), Nonparametric Density Estimation: The L1 View.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any


def total_variation(mise: Any, index: Fraction | float, d: int) -> Any:
    """Return the exponent of total variation of a kernel estimate or a histogram.

    Parameters
    ----------
    mise : str, Fraction or dict
        Exponent of the root MISE.
    index : Fraction or float
        Index of the tails; infinite for light ones.
    d : int
        Dimension.

    Returns
    -------
    str, Fraction, dict or None
        That of the root MISE; None in tails so heavy that the root of the density has no integral.

    Examples
    --------
    >>> total_variation("2/(4+d)", float("inf"), 1), total_variation("2/(4+d)", Fraction(1), 1)
    ('2/(4+d)', None)
    """
    return mise if index > d else None


def hellinger(rate: Fraction, ends: Iterable[Fraction], tail: str | Fraction, d: int) -> Any:
    """Return the exponent of the Hellinger distance of a kernel estimate or a histogram.

    Parameters
    ----------
    rate : Fraction
        Exponent of the root MISE.
    ends : iterable of Fraction
        Exponents that the ends of the support alone would have.
    tail : str or Fraction
        Tails: "bounded", "normal", "exponential" or their index.
    d : int
        Dimension.

    Returns
    -------
    Fraction or dict
        With a formula where there are logarithms.

    Examples
    --------
    >>> hellinger(Fraction(2, 5), [], Fraction(5), 1)
    Fraction(1, 3)
    >>> hellinger(Fraction(2, 5), [], "normal", 1)
    {'rate': Fraction(2, 5), 'formula': 'n^(-2/5) but for logarithms'}
    """
    ends = list(ends)
    spread = rate * tail / (tail + d) if isinstance(tail, Fraction) else rate
    least = min([spread, *ends])
    logarithms = tail in ("normal", "exponential") or rate in ends
    if least == rate and logarithms:
        return {"rate": least, "formula": f"n^({-least}) but for logarithms"}
    return least
