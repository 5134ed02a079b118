"""Density and coverage (Naeem et al. 2020): whether the draws are where real points are, and everywhere."""

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics._features import features_of
from genrates.metrics.base import Evaluation, SampleMetric, has_images


class _BallMetric(SampleMetric):
    """Held-out points, each with the ball that reaches to its k-th nearest other held-out point.

    Images are compared by features of the data set's own classifier, because distances between black and
    white images are roots of integers and have many ties. Other data are compared as they are.

    Parameters
    ----------
    n_neighbors : int, default=5
        k, as in the paper.

    Raises
    ------
    ValueError
        If `n_neighbors` is not an integer or is below 1.
    """

    def __init__(self, n_neighbors: int = 5):
        super().__init__()
        check_counts(self, n_neighbors=n_neighbors)
        self.n_neighbors = n_neighbors

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        """Return the density or the coverage of points with respect to the held-out points.

        Parameters
        ----------
        points : ndarray of shape (m, n_features)
            Draws of the model, or real points.
        evaluation : Evaluation

        Returns
        -------
        float
        """
        real = evaluation.test
        if has_images(evaluation.data):
            features = features_of(evaluation.data)
            points, real = features(points), features(real)
        return density_and_coverage(real, points, self.n_neighbors)[self._index]


class Density(_BallMetric):
    """Mean number of balls of held-out points that a draw lies in, divided by k.

    The ball of a held-out point reaches to its k-th nearest other held-out point. A perfect model scores
    about 1. Above the floor, the draws favor regions where real points are dense.
    """

    _index = 0

    @staticmethod
    def excess(values, ideal):
        """Return the distance from the floor, signed so that its mean is not negative.

        Parameters
        ----------
        values : float or array
            Values of the metric; an array has one for each replicate.
        ideal : float or array
            The floor, in the same form or one number.

        Returns
        -------
        float or array
            Same shape as `values`.
        """
        difference = values - ideal
        return difference * np.sign(np.mean(difference))


class Coverage(_BallMetric):
    """Share of held-out points that have a draw in their ball, so how much of the data is generated.

    The ball of a held-out point reaches to its k-th nearest other held-out point. The largest value is 1. A
    perfect model scores the auxiliary "floor", which is 1 - 2^-k in expectation for as many draws as
    held-out points.
    """

    _index = 1

    @staticmethod
    def excess(values, ideal):
        """Return how much less is covered than by real points.

        Parameters
        ----------
        values : float or array
            Values of the metric; an array has one for each replicate.
        ideal : float or array
            The floor, in the same form or one number.

        Returns
        -------
        float or array
            Same shape as `values`.
        """
        return ideal - values


def density_and_coverage(real: np.ndarray, drawn: np.ndarray, k: int = 5) -> tuple[float, float]:
    """Return density and coverage of drawn points with respect to real points.

    Costs O(t (t + m) d). Distances are computed in chunks, so that the full matrix is never stored.

    Parameters
    ----------
    real : ndarray of shape (t, d)
    drawn : ndarray of shape (m, d)
    k : int, default=5
        A real point's ball reaches to its k-th nearest other real point.

    Returns
    -------
    density : float
    coverage : float

    Raises
    ------
    ValueError
        For fewer than k + 1 real points.

    Examples
    --------
    >>> real = np.arange(8.0)[:, None]
    >>> density_and_coverage(real, real + 0.25, k=1)
    (1.875, 1.0)
    """
    from sklearn.metrics import pairwise_distances_chunked

    if len(real) <= k:
        raise ValueError(f"density and coverage: k = {k} needs more than {len(real)} real points.")
    radius = np.concatenate(
        [
            # position 0 is the point itself
            np.partition(rows, k, axis=1)[:, k]
            for rows in pairwise_distances_chunked(real)
        ]
    )
    inside, covered, start = 0, 0, 0
    for rows in pairwise_distances_chunked(real, drawn):
        within = rows < radius[start : start + len(rows), None]
        inside += int(within.sum())
        covered += int(within.any(axis=1).sum())
        start += len(rows)
    return inside / (k * len(drawn)), covered / len(real)
