"""The integral of the absolute value of a function on a line, to a given accuracy."""

from collections.abc import Callable

import numpy as np

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
#: the cubic through the values at the nodes, at points between them: where it dips below zero a corner hides
_BETWEEN = np.vander(np.linspace(-0.96, 0.96, 15), 4) @ np.linalg.inv(np.vander(_NODES, 4))
_ROUNDING = 1e-13  # of values of order one: no panel is divided for less
_ROUNDS, _MOST_PANELS = 60, 1 << 17  # a function that is noise is not followed further


def area_between(difference: Callable[[np.ndarray], np.ndarray], edges: np.ndarray, rtol: float) -> float:
    """Return the integral of |difference| over the panels between edges.

    Each panel is integrated as a whole and in two parts, which are divided further where both differ, or
    where the difference seems to cross zero between nodes and to come back. They are cut where it changes its
    sign: there its absolute value has a corner.

    Parameters
    ----------
    difference : callable
        Maps points of shape (m,) to values of shape (m,); continuous.
    edges : ndarray of shape (p + 1,)
        Increasing; so many that every feature of the difference is seen.
    rtol : float
        Relative accuracy that is aimed at. Values are taken to be exact to 1e-13 and no better.

    Returns
    -------
    float

    Examples
    --------
    >>> round(area_between(lambda x: x - 0.3, np.linspace(0.0, 1.0, 5), 1e-9), 12)
    0.29
    """
    low, high = edges[:-1], edges[1:]
    whole, cut, _ = _on_panels(difference, low, high)
    share, total = rtol * np.sum(whole) / len(whole), 0.0
    for _ in range(_ROUNDS):
        ends = np.concatenate([low, cut]), np.concatenate([cut, high])
        inner, cuts, hidden = _on_panels(difference, *ends)
        parts, enough = inner.reshape(2, -1), np.maximum(share, _ROUNDING * (high - low))
        is_rough = np.abs(parts.sum(axis=0) - whole) > enough
        is_open = (is_rough | (hidden.reshape(2, -1) & (parts > enough))).ravel()
        total += float(np.sum(inner[~is_open]))
        if not is_open.any() or np.count_nonzero(is_open) > _MOST_PANELS:
            return total + float(np.sum(inner[is_open]))
        low, high = (end[is_open] for end in ends)
        whole, cut = inner[is_open], cuts[is_open]
    return total + float(np.sum(whole))


def _on_panels(
    difference: Callable, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the integral of |difference| on each panel, where to cut it, and whether it hides a corner."""
    half = (high - low)[:, None] / 2
    nodes = low[:, None] + half * (1 + _NODES)
    values = difference(nodes.ravel()).reshape(nodes.shape)
    integrals = (half * _WEIGHTS * np.abs(values)).sum(axis=1)
    one_sign = np.all(values > 0, axis=1) | np.all(values < 0, axis=1)
    hidden = one_sign & np.any(values[:, :1] * (values @ _BETWEEN.T) < 0, axis=1)
    return integrals, _first_zero(nodes, values, low, high), hidden


def _first_zero(nodes: np.ndarray, values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return where a line between nodes crosses zero first on each panel; its middle where none does."""
    cut, changes = (low + high) / 2, values[:, :-1] * values[:, 1:] < 0
    rows = np.flatnonzero(changes.any(axis=1))
    i = np.argmax(changes[rows], axis=1)
    before, after = values[rows, i], values[rows, i + 1]
    zero = nodes[rows, i] + (nodes[rows, i + 1] - nodes[rows, i]) * before / (before - after)
    inside = (zero > low[rows]) & (zero < high[rows])
    cut[rows[inside]] = zero[inside]
    return cut
