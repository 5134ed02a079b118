"""Integrals of exp of a straight line over a panel of length 1, stable where the line is level."""

import math

import numpy as np

_SMALL, _TERMS = 1.0, 18


def remainder(z: np.ndarray, order: int) -> np.ndarray:
    """Return (exp(z) less its first `order` Taylor terms) / z^order.

    For order 1 it is the integral of exp(t z) over t in [0, 1]; for order 2 that of (1 - t) exp(t z), and for
    order 3 half of that of (1 - t)^2 exp(t z).

    Parameters
    ----------
    z : ndarray
        Any numbers; above 700 the result overflows.
    order : {1, 2, 3}
        Number of terms.

    Returns
    -------
    ndarray of the shape of z

    Examples
    --------
    >>> remainder(np.array([0.0, 1.0]), 1), remainder(np.array([0.0]), 2)
    (array([1.        , 1.71828183]), array([0.5]))
    """
    small = np.abs(z) < _SMALL
    near, far = np.where(small, z, 0.0), np.where(small, _SMALL, z)
    series = np.full(np.shape(z), 1 / math.factorial(order + _TERMS))
    for term in range(_TERMS - 1, -1, -1):
        series = series * near + 1 / math.factorial(order + term)
    value = np.expm1(far)
    for term in range(1, order):
        value = value - far**term / math.factorial(term)
    for _ in range(order):
        value = value / far
    return np.where(small, series, value)
