"""Boxes so small that the k-th distance hardly varies on each, in two or three dimensions.

The k-th distance changes by at most |x - y| from x to y: with r at a cell's center and half a diagonal s,
it lies between r - s and r + s on the whole cell. Splitting until s is a fraction of r gives sharp bounds of
the density, hence exact draws by rejection, and a quadrature of its integral.
"""

from collections.abc import Callable

import numpy as np

#: half a diagonal over the k-th distance, at most: for the integral, and for draws
SMOOTH, TIGHT = 0.7, 0.35
_MOST = 20_000


def whole(kth: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray):
    """The box as one cell: corner (1, d), edges (1, d), k-th distance at the center (1,)."""
    corner, size = low[None].copy(), (high - low)[None].copy()
    return corner, size, kth(corner + 0.5 * size)


def refine(kth, corner: np.ndarray, size: np.ndarray, distance: np.ndarray, fineness: float):
    """Split cells until half a diagonal is at most `fineness` of the k-th distance at the center.

    Returns corners (m, d), edges (m, d) and distances (m,). One query for each new cell.
    """
    while True:
        reach = 0.5 * np.sqrt((size**2).sum(axis=1))
        coarse = np.flatnonzero(reach > fineness * distance)
        # past the budget only bounds that are not there yet (reach >= distance) are worth more cells
        if len(corner) + len(coarse) > _MOST:
            coarse = np.flatnonzero(reach > 0.9 * distance)
        if not len(coarse):
            return corner, size, distance
        rows, axis = np.arange(len(coarse)), np.argmax(size[coarse], axis=1)
        half = size[coarse]
        half[rows, axis] *= 0.5
        upper = corner[coarse]
        upper[rows, axis] += half[rows, axis]
        keep = np.ones(len(corner), dtype=bool)
        keep[coarse] = False
        new = np.concatenate([corner[coarse], upper])
        both = np.concatenate([half, half])
        distance = np.concatenate([distance[keep], kth(new + 0.5 * both)])
        corner, size = np.concatenate([corner[keep], new]), np.concatenate([size[keep], both])


def integral(kth, corner: np.ndarray, size: np.ndarray, distance: np.ndarray) -> tuple[float, float]:
    """Integral of distance^-d by two Gauss points per axis and cell, and the relative gap to midpoints."""
    d = corner.shape[1]
    volume = size.prod(axis=1)
    nodes = 0.5 + 0.5 / np.sqrt(3) * (2.0 * np.indices((2,) * d).reshape(d, -1).T - 1)
    total = sum(volume @ kth(corner + size * node) ** -float(d) for node in nodes) / len(nodes)
    return float(total), float(abs(volume @ distance ** -float(d) - total) / total)
