"""Nearest neighbors in many dimensions, by brute force."""

import numpy as np


def find_nearest(points: np.ndarray, candidates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest candidate of each point, by Euclidean distance.

    Costs O(m n d). Distances are computed in chunks, so that the full matrix is never stored.

    Parameters
    ----------
    points : ndarray of shape (m, d)
    candidates : ndarray of shape (n, d)

    Returns
    -------
    distance : ndarray of shape (m,)
        Distance to the nearest candidate.
    index : ndarray of shape (m,)
        Row number of that candidate.

    Examples
    --------
    >>> find_nearest(np.array([[0.0, 3.0]]), np.array([[0.0, 0.0], [4.0, 0.0]]))
    (array([3.]), array([0]))
    """
    from sklearn.metrics import pairwise_distances_argmin_min

    index, distance = pairwise_distances_argmin_min(points, candidates)
    return distance, index
