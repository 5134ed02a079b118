"""A measured rate set beside the one it should be."""

import math

from genrates.rates.plateau import PlateauFit
from genrates.rates.regression import RateFit

#: how far an interval may lie from its reference before the two disagree
TOLERANCE = 0.02


def judge(
    fit: RateFit,
    plateau: PlateauFit | None = None,
    *,
    exact: float | None = None,
    theory: float | None = None,
    tolerance: float = TOLERANCE,
) -> str | None:
    """Verdict on a measured rate: "agrees", "faster", "slower" or "plateau".

    A significant plateau comes first: a slope through an error that has stopped falling means nothing. An
    error that grows (:func:`grows`) has none: it never fell. Otherwise the measured rate agrees if its
    interval contains the reference or ends within `tolerance` of it, and else is faster or slower. The
    reference is the exact finite-n slope where there is one, and the asymptotic exponent where not: the best
    kernel estimate falls short of its own asymptotics at every n that can be run.

    Parameters
    ----------
    fit : RateFit
        One without an interval (a single replicate) is judged by its rate alone.
    plateau : PlateauFit, optional
        Of the same errors.
    exact, theory : float or Fraction, optional
        Exponents, positive for convergence.
    tolerance : float, default=0.02
        Not negative.

    Returns
    -------
    str or None
        None where there is nothing to judge by: no plateau and no reference.

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
    >>> judge(fit, exact=0.375, theory=0.4), judge(fit, theory=0.4), judge(fit, theory=1 / 3)
    ('agrees', 'slower', 'faster')
    """
    if not tolerance >= 0:
        raise ValueError(f"judge: tolerance must not be negative, got {tolerance!r}.")
    if plateau is not None and plateau.significant and not grows(fit, tolerance):
        return "plateau"
    reference = exact if exact is not None else theory
    if reference is None:
        return None
    reference = float(reference)
    if not math.isfinite(reference):
        raise ValueError(f"judge: the reference exponent must be finite, got {reference!r}.")
    low, high = fit.rate_low, fit.rate_high
    if not (math.isfinite(low) and math.isfinite(high)):
        low = high = fit.rate
    # rounding must not decide a case that lies exactly on the edge
    slack = tolerance + 1e-12
    if low - slack <= reference <= high + slack:
        return "agrees"
    return "faster" if low > reference else "slower"


def grows(fit: RateFit, tolerance: float = TOLERANCE) -> bool:
    """Whether the error grows with n: its exponent's interval lies below `-tolerance`."""
    return bool(fit.rate_high < -tolerance)
