"""Comparison of a measured rate with the rate that theory predicts."""

import math

from genrates.rates.plateau import PlateauFit
from genrates.rates.regression import RateFit

#: largest distance from an interval to its reference at which the two still agree
TOLERANCE = 0.02


def judge(
    fit: RateFit,
    plateau: PlateauFit | None = None,
    *,
    exact: float | None = None,
    theory: float | None = None,
    tolerance: float = TOLERANCE,
) -> str | None:
    """Return the verdict on a measured rate: "agrees", "faster", "slower" or "plateau".

    A significant plateau comes first, since the slope of an error that has stopped falling has no meaning. An
    error that grows (:func:`grows`) never fell and has no plateau. Otherwise the measured rate agrees if its
    interval contains the reference or ends within `tolerance` of it; else it is faster or slower. The
    reference is the exact finite-n slope if known, else the asymptotic exponent. The exact slope is preferred
    because even the best kernel estimate is slower than its asymptotic rate at every feasible n.

    Parameters
    ----------
    fit : RateFit
        Without an interval (a single replicate) its rate alone is compared.
    plateau : PlateauFit, optional
        Fitted to the same errors.
    exact, theory : float or Fraction, optional
        Exact finite-n slope and asymptotic exponent, positive for convergence.
    tolerance : float, default=0.02
        Not negative.

    Returns
    -------
    str or None
        None where there is neither a plateau nor a reference.

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
    # Rounding must not decide a case that lies exactly on the edge.
    slack = tolerance + 1e-12
    if low - slack <= reference <= high + slack:
        return "agrees"
    return "faster" if low > reference else "slower"


def grows(fit: RateFit, tolerance: float = TOLERANCE) -> bool:
    """Return whether the error grows with n: the interval of its exponent lies below `-tolerance`.

    Parameters
    ----------
    fit : RateFit
    tolerance : float, default=0.02

    Returns
    -------
    bool
    """
    return bool(fit.rate_high < -tolerance)
