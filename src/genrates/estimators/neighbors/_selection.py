"""How many neighbors: by theory's rate, or by the likelihood of points left out."""

from collections.abc import Callable

import numpy as np

from genrates.estimators.neighbors._line import KthDistance
from genrates.estimators.neighbors._proposal import Proposal

_CANDIDATES = 32
_NODES = 1024
_LEFT_OUT = 1 << 15


def rule(name: str, size: float, d: int) -> int:
    """k of the rules "rate" and "global_rate" for a sample worth `size` points in d dimensions.

    >>> rule("rate", 1000, 1), rule("global_rate", 1000, 1)
    (126, 80)
    """
    if name == "global_rate" and d == 1:
        return round(0.8 * size ** (2 / 3))
    return round(0.5 * size ** (4 / (4 + d)))


def largest_tie(points: np.ndarray, weight: np.ndarray | None) -> float:
    """Largest total weight of equal rows; rows in one dimension are sorted."""
    if points.shape[1] > 1:
        return float(np.unique(points, axis=0, return_counts=True)[1].max())
    start = np.flatnonzero(np.append(True, points[1:, 0] != points[:-1, 0]))
    return float(np.add.reduceat(np.ones(len(points)) if weight is None else weight, start).max())


def candidates(least: int, most: int) -> list[int]:
    """Geometric grid of values of k."""
    return np.unique(np.rint(np.geomspace(least, max(most, least), _CANDIDATES)).astype(int)).tolist()


def likelihood_choice_1d(line_of: Callable[[int], KthDistance], points, weight, least: int, size: int) -> int:
    """k that maximizes the mean of log p_{-i}(x_i).

    Leaving a point out moves the k-th distance there to the (k + 1)-th of all points, exactly; the integral Z
    of the rest is taken to be that of all points, which is off by a factor that hardly depends on k. At most
    2^15 points are left out, evenly spaced among the order statistics.
    """
    some = np.linspace(0, len(points) - 1, min(_LEFT_OUT, len(points))).astype(int)  # evenly, in order
    places = points[some, 0]
    w = np.ones(len(some)) if weight is None else weight[some]
    w = w / w.sum()

    def score(k):
        return -float(w @ np.log(line_of(k + 1)(places))) - np.log(line_of(k).total)

    return max(candidates(least, (size + 1) // 2), key=score) if least < size else least


def likelihood_choice(kth_of, points: np.ndarray, least: int, size: int, low, high) -> int:
    """The same in several dimensions, on at most 1024 points left out, Z by importance sampling."""
    d = points.shape[1]
    if least >= size:
        return least
    ks = candidates(least, min((size + 1) // 2, 8 * rule("rate", size, d) + least))
    middle = ks[len(ks) // 2]
    nodes, log_q = Proposal(points, lambda z: kth_of(z, [middle])[:, 0], low, high).draw(
        _NODES, np.random.default_rng(0)
    )
    total = np.mean(np.exp(-d * np.log(kth_of(nodes, ks)) - log_q[:, None]), axis=0)
    order = np.lexsort(points.T[::-1])[np.linspace(0, len(points) - 1, min(_NODES, len(points))).astype(int)]
    left_out = np.log(kth_of(points[order], [k + 1 for k in ks])).mean(axis=0)
    return ks[int(np.argmax(-d * left_out - np.log(total)))]
