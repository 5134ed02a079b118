"""Ties in a sample: repeats of a value, or the grid that rounding has left."""

import numpy as np


def distinct(x, weight):
    """Distinct values ascending, their weights (None: all 1), and whether there were ties."""
    if weight is None:
        v, w = np.sort(x), None
    else:
        order = np.argsort(x, kind="stable")
        v, w = x[order], weight[order]
    new = v[1:] > v[:-1]
    if new.all():
        return v, w, False
    first = np.flatnonzero(np.concatenate([[True], new]))
    w = np.add.reduceat(np.ones(len(v)) if w is None else w, first)
    return v[first], w, True


def resolution_of(v) -> float:
    """The step of which all distances are multiples, 0 if there is none."""
    gap = np.diff(v)
    step = float(gap.min())
    multiple = gap / step
    rounding = 1e-6 + 8 * np.finfo(float).eps * np.abs(v[[0, -1]]).max() / step
    off = np.abs(multiple - np.rint(multiple)) / np.maximum(multiple, 1)
    return step if rounding < 0.1 and np.all(off < rounding) else 0.0
