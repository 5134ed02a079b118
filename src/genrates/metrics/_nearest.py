"""Nearest neighbors of points of many dimensions, by brute force."""

import numpy as np


def to_nearest(points: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Euclidean distance of each row to the nearest of `others`, and which that is; O(m n d), in chunks.

    >>> to_nearest(np.array([[0.0, 3.0]]), np.array([[0.0, 0.0], [4.0, 0.0]]))
    (array([3.]), array([0]))
    """
    from sklearn.metrics import pairwise_distances_argmin_min

    index, distance = pairwise_distances_argmin_min(points, others)
    return distance, index
