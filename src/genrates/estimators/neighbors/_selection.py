"""Choice of the number of neighbors: by the theoretical rate, or by the leave-one-out likelihood."""

from collections.abc import Callable

import numpy as np
from scipy.special import logsumexp

from genrates.estimators.neighbors._line import KthDistance
from genrates.estimators.neighbors._proposal import Proposal

_N_CANDIDATES = 32
_N_NODES = 1024
_MAX_LEFT_OUT = 1 << 15
_MAX_NEIGHBORS = 1 << 21  # distances held at a time


def rule(name: str, size: float, d: int) -> int:
    """Return k by the rule "rate" or "global_rate".

    Parameters
    ----------
    name : {"rate", "global_rate"}
        Name of the rule.
    size : float
        Effective number of points.
    d : int
        Number of dimensions.

    Returns
    -------
    int
        Number of neighbors.

    Examples
    --------
    >>> rule("rate", 1000, 1), rule("global_rate", 1000, 1)
    (126, 80)
    """
    if name == "global_rate" and d == 1:
        return round(0.8 * size ** (2 / 3))
    return round(0.5 * size ** (4 / (4 + d)))


def largest_tie(points: np.ndarray, weight: np.ndarray | None) -> float:
    """Return the largest total weight of equal rows.

    Parameters
    ----------
    points : ndarray of shape (n, d)
        Training set, sorted in one dimension.
    weight : ndarray of shape (n,) or None
        Weights; None gives all rows weight 1.

    Returns
    -------
    float
        The largest total weight.
    """
    if points.shape[1] > 1:
        inverse = np.unique(points, axis=0, return_inverse=True)[1].ravel()
        return float(np.bincount(inverse, weights=weight).max())
    start = np.flatnonzero(np.append(True, points[1:, 0] != points[:-1, 0]))
    return float(np.add.reduceat(np.ones(len(points)) if weight is None else weight, start).max())


def weighted_distances(tree, weight: np.ndarray, Z: np.ndarray, k: list[int]) -> np.ndarray:
    """Return the distances from each point within which given weights lie.

    Neighbors are asked for in growing numbers until their weights suffice.

    Parameters
    ----------
    tree : scipy.spatial.cKDTree
        Of n points.
    weight : ndarray of shape (n,)
        Their weights, all positive.
    Z : ndarray of shape (m, d)
        Where the distances are wanted.
    k : list of int
        Weights, ascending. More than there is gives the distance to the farthest point.

    Returns
    -------
    ndarray of shape (m, len(k))
        Distances.
    """
    # sums of weights that are not whole numbers have rounding errors
    wanted = np.asarray(k) * (1 - 1e-12)
    out = np.empty((len(Z), len(k)))
    rows, n_asked = np.arange(len(Z)), min(len(weight), int(k[-1]) + 1)
    while len(rows):
        short = []
        for block in np.array_split(rows, -(-len(rows) * n_asked // _MAX_NEIGHBORS)):
            distance, index = tree.query(Z[block], k=range(1, n_asked + 1))
            total = np.cumsum(weight[index], axis=1)
            for j, least in enumerate(wanted):
                rank = np.minimum((total < least).sum(axis=1), n_asked - 1)
                out[block, j] = np.take_along_axis(distance, rank[:, None], axis=1)[:, 0]
            short.append(block[total[:, -1] < wanted[-1]])
        rows = np.concatenate(short) if n_asked < len(weight) else rows[:0]
        n_asked = min(2 * n_asked, len(weight))
    return out


def candidates(least: int, most: int) -> list[int]:
    """Return a geometric grid of values of k.

    Parameters
    ----------
    least, most : int
        Ends of the grid.

    Returns
    -------
    list of int
        Distinct values in increasing order.
    """
    return np.unique(np.rint(np.geomspace(least, max(most, least), _N_CANDIDATES)).astype(int)).tolist()


def likelihood_choice_1d(
    line_for: Callable[[int], KthDistance], points, weight, least: int, size: int
) -> int:
    """Return the k that maximizes the mean of log p_{-i}(x_i), in one dimension.

    If a point is left out, the k-th distance there becomes the (k + 1)-th of all points, exactly. The
    integral Z of the density without the point is approximated by that of all points, which is off by a
    factor that hardly depends on k. At most 2^15 points are left out, evenly spaced among the order
    statistics.

    Parameters
    ----------
    line_for : callable
        Maps k to its :class:`KthDistance`.
    points : ndarray of shape (n, 1)
        Training set, sorted.
    weight : ndarray of shape (n,) or None
        Weights; None gives all rows weight 1.
    least : int
        Smallest k.
    size : int
        Effective number of points.

    Returns
    -------
    int
        Number of neighbors.
    """
    left_out = np.linspace(0, len(points) - 1, min(_MAX_LEFT_OUT, len(points))).astype(int)
    positions = points[left_out, 0]
    w = np.ones(len(left_out)) if weight is None else weight[left_out]
    w = w / w.sum()

    def score(k):
        return -float(w @ np.log(line_for(k + 1)(positions))) - np.log(line_for(k).total)

    return max(candidates(least, (size + 1) // 2), key=score) if least < size else least


def likelihood_choice(
    neighbor_distances, points: np.ndarray, weight: np.ndarray | None, least: int, size: int, low, high
) -> int:
    """Return the k that maximizes the mean of log p_{-i}(x_i), in several dimensions.

    At most 1024 points are left out, and importance sampling gives the integral Z.

    Parameters
    ----------
    neighbor_distances : callable
        Maps points (m, d) and a list of ranks to the distances to these neighbors, shape (m, n_ranks).
    points : ndarray of shape (n, d)
        Training set.
    weight : ndarray of shape (n,) or None
        Weights; None gives all rows weight 1.
    least : int
        Smallest k.
    size : int
        Effective number of points.
    low, high : ndarray of shape (d,)
        Ends of the box.

    Returns
    -------
    int
        Number of neighbors.
    """
    d = points.shape[1]
    if least >= size:
        return least
    ks = candidates(least, min((size + 1) // 2, 8 * rule("rate", size, d) + least))
    middle = ks[len(ks) // 2]
    nodes, log_q = Proposal(points, lambda z: neighbor_distances(z, [middle])[:, 0], low, high).draw(
        _N_NODES, np.random.default_rng(0)
    )
    log_total = logsumexp(-d * np.log(neighbor_distances(nodes, ks)) - log_q[:, None], axis=0)
    order = np.lexsort(points.T[::-1])[
        np.linspace(0, len(points) - 1, min(_N_NODES, len(points))).astype(int)
    ]
    left_out = np.log(neighbor_distances(points[order], [k + 1 for k in ks]))
    left_out = np.average(left_out, axis=0, weights=None if weight is None else weight[order])
    return ks[int(np.argmax(-d * left_out - log_total))]
