"""Boxes so small that the k-th distance hardly varies on each, in two or three dimensions.

From x to y the k-th distance changes by at most |x - y|. Let r be the k-th distance at a cell's center and s
half the cell's diagonal. Then the distance lies between r - s and r + s on the whole cell. Splitting until s
is a fraction of r gives sharp bounds of the density. They allow exact draws by rejection, and a quadrature of
the density's integral.
"""

from collections.abc import Callable

import numpy as np

#: largest half diagonal of a cell, as a fraction of the k-th distance at its center
COARSE, FINE = 0.7, 0.35
_MAX_CELLS = 20_000
_MOST_CELLS = 50 * _MAX_CELLS  # with those on which the distance may be 0
_MAX_SPLITS = 2200  # halvings of an axis: the range of doubles


def single_cell(kth: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray):
    """Return the box as one cell.

    Parameters
    ----------
    kth : callable
        Maps points (m, d) to their k-th distances (m,).
    low, high : ndarray of shape (d,)
        Ends of the box.

    Returns
    -------
    corner : ndarray of shape (1, d)
        Lowest corner of each cell.
    size : ndarray of shape (1, d)
        Edge lengths of each cell.
    distance : ndarray of shape (1,)
        The k-th distance at the center of each cell.
    """
    corner, size = low[None].copy(), (high - low)[None].copy()
    return corner, size, kth(corner + 0.5 * size)


def refine(kth, corner: np.ndarray, size: np.ndarray, distance: np.ndarray, fineness: float):
    """Split cells until half a diagonal is at most `fineness` times the k-th distance at the center.

    Each new cell takes one query.

    Parameters
    ----------
    kth : callable
        Maps points (m, d) to their k-th distances (m,).
    corner : ndarray of shape (m, d)
        Lowest corner of each cell.
    size : ndarray of shape (m, d)
        Edge lengths of each cell.
    distance : ndarray of shape (m,)
        The k-th distance at the center of each cell.
    fineness : float
        Largest half diagonal, as a fraction of the k-th distance at the center.

    Returns
    -------
    corner : ndarray of shape (n_cells, d)
        Lowest corner of each cell.
    size : ndarray of shape (n_cells, d)
        Edge lengths of each cell.
    distance : ndarray of shape (n_cells,)
        The k-th distance at the center of each cell.

    Raises
    ------
    ValueError
        If halving the region for ever would not do.
    """
    for _ in range(_MAX_SPLITS * corner.shape[1]):
        half_diagonal = 0.5 * np.sqrt((size**2).sum(axis=1))
        to_split = np.flatnonzero(half_diagonal > fineness * distance)
        # beyond the budget, split only cells on which the distance may be (almost) 0
        if len(corner) + len(to_split) > _MAX_CELLS:
            to_split = np.flatnonzero(half_diagonal > 0.9 * distance)
        if not len(to_split):
            return corner, size, distance
        if len(corner) > _MOST_CELLS:
            break
        rows, axis = np.arange(len(to_split)), np.argmax(size[to_split], axis=1)
        half = size[to_split]
        half[rows, axis] *= 0.5
        upper = corner[to_split]
        upper[rows, axis] += half[rows, axis]
        kept = np.ones(len(corner), dtype=bool)
        kept[to_split] = False
        new_corner = np.concatenate([corner[to_split], upper])
        new_size = np.concatenate([half, half])
        distance = np.concatenate([distance[kept], kth(new_corner + 0.5 * new_size)])
        corner, size = np.concatenate([corner[kept], new_corner]), np.concatenate([size[kept], new_size])
    raise ValueError(
        "NeighborDensity: the region cannot be divided finely enough: some points are too close to each "
        "other beside its size. Look for far values."
    )


def integral(kth, corner: np.ndarray, size: np.ndarray, distance: np.ndarray) -> tuple[float, float]:
    """Integrate distance^-d over the cells, with two Gauss points per axis and cell.

    Parameters
    ----------
    kth : callable
        Maps points (m, d) to their k-th distances (m,).
    corner : ndarray of shape (m, d)
        Lowest corner of each cell.
    size : ndarray of shape (m, d)
        Edge lengths of each cell.
    distance : ndarray of shape (m,)
        The k-th distance at the center of each cell.

    Returns
    -------
    total : float
        The integral.
    gap : float
        Its relative difference to the midpoint rule.
    """
    d = corner.shape[1]
    volume = size.prod(axis=1)
    nodes = 0.5 + 0.5 / np.sqrt(3) * (2.0 * np.indices((2,) * d).reshape(d, -1).T - 1)
    total = sum(volume @ kth(corner + size * node) ** -float(d) for node in nodes) / len(nodes)
    return float(total), float(abs(volume @ distance ** -float(d) - total) / total)
