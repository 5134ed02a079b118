"""Comparison of a measured rate with the rate that it should have."""

import math
from fractions import Fraction

from scipy.special import ndtr

from genrates.rates.plateau import PlateauFit
from genrates.rates.regression import RateFit

#: how far from its reference the whole interval of a rate that agrees may reach
TOLERANCE = 0.03
#: asymptotic exponents of the lecture's table: to agree with one is to differ from the others
RIVALS = (Fraction(1, 3), Fraction(2, 5), Fraction(1, 2))
# Rounding must not decide a case that lies exactly on the edge.
_ROUNDING = 1e-12


def judge(
    fit: RateFit,
    plateau: PlateauFit | None = None,
    *,
    reference: float | None = None,
    own: float | None = None,
    falls: bool = False,
    tolerance: float = TOLERANCE,
) -> str:
    """Return the verdict on a measured rate.

    Parameters
    ----------
    fit : RateFit
        The measured rate. Without an interval (a single replicate) nothing is decided.
    plateau : PlateauFit, optional
        Fitted to the same errors.
    reference : float or Fraction, optional
        The rate that these errors should have, positive for convergence.
    own : float or Fraction, optional
        The asymptotic exponent of the row, which is no rival of itself.
    falls : bool, default=False
        Whether exact theory says that the error falls on beyond these sizes. Then no plateau is one.
    tolerance : float, default=0.03
        How far from the reference a rate that agrees may lie. Not negative.

    Returns
    -------
    str
        "plateau": the error has stopped falling, so that its slope has no meaning. An error that grows
        (:func:`grows`) never fell.

        "agrees": the whole interval lies within `tolerance` of the reference, and holds no rival
        (:func:`rivals_in`). A wide interval cannot agree.

        "faster", "slower": the interval does not lie within the tolerance, and excludes the reference.

        "undecided": all the rest.

    Raises
    ------
    ValueError
        For a negative tolerance or a reference that is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from genrates.rates import fit_rate
    >>> sizes = np.array([100, 1000, 10_000])
    >>> fit = fit_rate(np.outer(sizes**-0.376, [0.9, 1.0, 1.1]), sizes)
    >>> [judge(fit, reference=a, own=0.4) for a in (0.37, 0.5, 1 / 3)]
    ['agrees', 'slower', 'faster']
    """
    if not tolerance >= 0:
        raise ValueError(f"judge: tolerance must not be negative, got {tolerance!r}.")
    if plateau is not None and plateau.significant and not falls and not grows(fit, tolerance):
        return "plateau"
    if reference is None:
        return "undecided"
    reference = float(reference)
    if not math.isfinite(reference):
        raise ValueError(f"judge: the reference exponent must be finite, got {reference!r}.")
    low, high = fit.rate_low, fit.rate_high
    if not (math.isfinite(low) and math.isfinite(high)):
        return "undecided"
    slack = tolerance + _ROUNDING
    if reference - slack <= low and high <= reference + slack:
        return "undecided" if rivals_in(low, high, own) else "agrees"
    if low - _ROUNDING <= reference <= high + _ROUNDING:
        return "undecided"
    return "faster" if low > reference else "slower"


def rivals_in(low: float, high: float, own: float | None) -> list[Fraction]:
    """Return the exponents of other rows of the lecture's table that lie in an interval.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    own : float or Fraction or None
        The row's own asymptotic exponent; None where it has none.

    Returns
    -------
    list of Fraction
        Those of 1/3, 2/5 and 1/2 that the interval holds and that are not the row's own.

    Examples
    --------
    >>> rivals_in(0.32, 0.41, own=0.4)
    [Fraction(1, 3)]
    """
    others = (rival for rival in RIVALS if own is None or abs(rival - float(own)) > _ROUNDING)
    return [rival for rival in others if low - _ROUNDING <= rival <= high + _ROUNDING]


def power(fit: RateFit, tolerance: float = TOLERANCE) -> float:
    """Return the chance that a row agrees whose true rate is its reference, as precise as this one is.

    Parameters
    ----------
    fit : RateFit
        The measured rate, with its standard error and interval.
    tolerance : float, default=0.03
        As in :func:`judge`.

    Returns
    -------
    float
        From 0 to 1, for a normal estimate whose interval always has this width; NaN without an interval.

    Examples
    --------
    >>> import numpy as np
    >>> from genrates.rates import fit_rate
    >>> sizes = np.array([100, 1000, 10_000])
    >>> errors = sizes[:, None] ** -0.4 * np.random.default_rng(0).gamma(9, 1 / 9, (3, 100))
    >>> round(power(fit_rate(errors, sizes, random_state=0)), 2)
    0.76
    """
    room = tolerance - (fit.rate_high - fit.rate_low) / 2
    if not math.isfinite(room):
        return math.nan
    if room <= 0 or fit.standard_error == 0:
        return float(room > 0)
    return float(2 * ndtr(room / fit.standard_error) - 1)


def grows(fit: RateFit, tolerance: float = TOLERANCE) -> bool:
    """Return whether the error grows with n: the interval of its exponent lies below `-tolerance`.

    Parameters
    ----------
    fit : RateFit
    tolerance : float, default=0.03

    Returns
    -------
    bool
    """
    return bool(fit.rate_high < -tolerance)
