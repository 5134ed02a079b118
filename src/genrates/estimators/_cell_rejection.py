"""Exact draws from a density that is bounded below and above on each cell of a partition into boxes."""

from collections.abc import Callable

import numpy as np


def draw_from_cells(
    density: Callable[[np.ndarray], np.ndarray],
    corner: np.ndarray,
    size: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    n_samples: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Rejection from the piecewise constant envelope, with a squeeze that spares most evaluations.

    Parameters
    ----------
    density : callable
        Maps points (m, d) to unnormalised densities (m,), within `lower` and `upper` of their cell.
    corner, size : ndarray of shape (n_cells, d)
        Lowest corner and edge lengths of each cell.
    lower, upper : ndarray of shape (n_cells,)

    Returns
    -------
    ndarray of shape (n_samples, d), in random order.
    """
    mass = upper * size.prod(axis=1)
    probability = mass / mass.sum()
    kept, missing, accepted, asked = [], n_samples, 0, 0
    while missing > 0:
        # the acceptance seen so far says how many proposals the rest needs
        wanted = min(int(1.05 * missing * (asked + 1) / (accepted + 1)) + 16, 1 << 20)
        cell = np.repeat(np.arange(len(mass)), rng.multinomial(wanted, probability))
        points = corner[cell] + size[cell] * rng.random((wanted, corner.shape[1]))
        height = upper[cell] * rng.random(wanted)
        accept = height < lower[cell]
        unsure = np.flatnonzero(~accept)
        accept[unsure] = height[unsure] < density(points[unsure])
        found = points[rng.permutation(np.flatnonzero(accept))]  # the proposals came cell by cell
        kept.append(found[:missing])
        asked, accepted, missing = asked + wanted, accepted + len(found), missing - len(kept[-1])
    return np.concatenate(kept)
