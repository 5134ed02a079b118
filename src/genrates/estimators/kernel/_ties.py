"""Ties in a training set: repeats of a value."""

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
