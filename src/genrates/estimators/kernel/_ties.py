"""Ties in a training set: repeats of a value, or the grid that rounding has left."""

import numpy as np


def distinct(x, weight):
    """Return the distinct values and their weights.

    Parameters
    ----------
    x : ndarray of shape (n,)
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.

    Returns
    -------
    values : ndarray of shape (m,)
        Ascending.
    weight : ndarray of shape (m,) or None
        None: all 1.
    tied : bool
        Whether there were ties.
    """
    if weight is None:
        v, w = np.sort(x), None
    else:
        order = np.argsort(x, kind="stable")
        v, w = x[order], weight[order]
    is_new = v[1:] > v[:-1]
    if is_new.all():
        return v, w, False
    first = np.flatnonzero(np.concatenate([[True], is_new]))
    w = np.add.reduceat(np.ones(len(v)) if w is None else w, first)
    return v[first], w, True


def resolution_of(v) -> float:
    """Return the step of which all distances are multiples.

    Parameters
    ----------
    v : ndarray of shape (m,)
        Distinct values, ascending.

    Returns
    -------
    float
        0 if there is none.
    """
    gap = np.diff(v)
    step = float(gap.min())
    multiple = gap / step
    rounding = 1e-6 + 8 * np.finfo(float).eps * np.abs(v[[0, -1]]).max() / step
    deviation = np.abs(multiple - np.rint(multiple)) / np.maximum(multiple, 1)
    return step if rounding < 0.1 and np.all(deviation < rounding) else 0.0
