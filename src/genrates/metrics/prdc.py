"""Density and coverage (Naeem et al. 2020): are the draws where real points are, and everywhere?"""

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics._features import features_of
from genrates.metrics.base import Evaluation, SampleMetric, has_images


class _Balls(SampleMetric):
    """Held-out points, each in the ball that reaches to its k-th nearest other held-out point.

    Pictures are compared by features of the data set's own classifier (distances between black and white
    pictures are roots of whole numbers, full of ties), other data as they are.

    Parameters
    ----------
    n_neighbors : int, default=5
        k, as in the paper.

    Raises
    ------
    ValueError
        For anything but whole numbers from 1 on.
    """

    def __init__(self, n_neighbors: int = 5):
        super().__init__()
        check_counts(self, n_neighbors=n_neighbors)
        self.n_neighbors = n_neighbors

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        real = evaluation.test
        if has_images(evaluation.data):
            features = features_of(evaluation.data)
            points, real = features(points), features(real)
        return density_and_coverage(real, points, self.n_neighbors)[self._which]


class Density(_Balls):
    """Mean number of held-out points' balls that a draw lies in, over k: of a perfect model about 1.

    Above its floor the draws keep to where real points are dense. See :class:`Coverage` for the balls.
    """

    _which = 0

    @staticmethod
    def excess(values, ideal):
        """How far from the floor, above or below, on average."""
        apart = values - ideal
        return apart * np.sign(np.mean(apart))


class Coverage(_Balls):
    """Share of held-out points in whose ball lies a draw: how much of the real world is generated.

    1 at best; a perfect model scores the "floor" beside it, (1 - 2^-k) in expectation for as many draws as
    held-out points. The ball of a held-out point reaches to its k-th nearest other held-out point.
    """

    _which = 1

    @staticmethod
    def excess(values, ideal):
        """What is covered less than by real points."""
        return ideal - values


def density_and_coverage(real: np.ndarray, drawn: np.ndarray, k: int = 5) -> tuple[float, float]:
    """Density and coverage of the rows of `drawn` with respect to those of `real`; O(t (t + m) d), in chunks.

    Raises
    ------
    ValueError
        For fewer than k + 1 real rows.

    >>> real = np.arange(8.0)[:, None]
    >>> density_and_coverage(real, real + 0.25, k=1)
    (1.875, 1.0)
    """
    from sklearn.metrics import pairwise_distances_chunked

    if len(real) <= k:
        raise ValueError(f"density and coverage: k = {k} needs more than {len(real)} real points.")
    radius = np.concatenate(
        [
            np.partition(rows, k, axis=1)[:, k] for rows in pairwise_distances_chunked(real)
        ]  # itself is the 0-th
    )
    inside, covered, start = 0, 0, 0
    for rows in pairwise_distances_chunked(real, drawn):
        within = rows < radius[start : start + len(rows), None]
        inside += int(within.sum())
        covered += int(within.any(axis=1).sum())
        start += len(rows)
    return inside / (k * len(drawn)), covered / len(real)
