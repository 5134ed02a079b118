"""Rounded data: the step that all differences of a column are multiples of."""

import numpy as np

from genrates.estimators._numerics.effective_size import effective_size

#: smallest differences that are up to this many steps are recognized
_MOST_STEPS = 10


def resolution_of(v: np.ndarray) -> float:
    """Return the step that all differences are multiples of, if it is not far below the smallest of them.

    It is the largest such step among the smallest difference, its half, its third, ... and its tenth. So 3, 5
    and 8 are whole numbers. A difference counts as a multiple if it is one to within 1e-6 of itself and the
    rounding of the values.

    Parameters
    ----------
    v : ndarray of shape (m,)
        Distinct values, ascending; at least 2.

    Returns
    -------
    float
        0 if there is none.

    Examples
    --------
    >>> resolution_of(np.array([3.0, 5.0, 8.0])), resolution_of(np.array([0.5, 0.75, 1.5]))
    (1.0, 0.25)
    >>> resolution_of(np.array([0.0, 1.0, np.pi]))
    0.0
    """
    gap = np.diff(v)
    smallest, largest = float(gap.min()), float(np.abs(v[[0, -1]]).max())
    for steps in range(1, _MOST_STEPS + 1):
        step = smallest / steps
        multiple = gap / step
        rounding = 1e-6 + 8 * np.finfo(float).eps * largest / step
        if not rounding < 0.1:
            return 0.0
        deviation = np.abs(multiple - np.rint(multiple)) / np.maximum(multiple, 1)
        if np.all(deviation < rounding):
            # the whole range has more digits of the step than the smallest difference
            return float((v[-1] - v[0]) / np.rint((v[-1] - v[0]) / step))
    return 0.0


def rounding_of(x: np.ndarray, weight: np.ndarray | None) -> float:
    """Return the step to which a column has been rounded.

    Only values that repeat show that they are rounded: there are fewer of them than points, and
    :func:`resolution_of` finds their step.

    Parameters
    ----------
    x : ndarray of shape (n,)
    weight : ndarray of shape (n,) or None
        Non-negative weights; None gives every point the weight 1.

    Returns
    -------
    float
        0 if the column is not rounded, or constant.

    Examples
    --------
    >>> rounding_of(np.array([3.0, 5.0, 4.0, 4.0]), None), rounding_of(np.array([3.0, 5.0, 4.0]), None)
    (1.0, 0.0)
    """
    v = np.unique(x)
    if len(v) < 2 or not effective_size(len(x), weight) > len(v):
        return 0.0
    return resolution_of(v)
