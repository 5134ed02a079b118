"""Sliced Wasserstein distance: one-dimensional distances along many directions."""

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics.base import Evaluation, SampleMetric

_SEED = 1917


class SlicedWasserstein(SampleMetric):
    r"""Mean Wasserstein-1 distance of draws and real points along directions uniform on the sphere.

    .. math:: SW_1 = E_\theta \, W_1(\theta^T X, \theta^T Y)

    The real points are held-out points, as many as draws. If there are none but the density is known, they
    are fresh draws of it, at least `n_reference`, which add little noise of their own. The auxiliary
    "floor" is about m^(-1/2) in every dimension. The directions are always the same. In one dimension the
    value is W_1 itself. Costs O(D (m d + m log m)) for D directions.

    Parameters
    ----------
    n_directions : int, default=200
        Number of directions D.
    n_reference : int, default=10000
        Least number of fresh draws from a known density.

    Raises
    ------
    ValueError
        If an option is not an integer or is below 1.
    """

    quadratic = True
    in_squares = True

    @staticmethod
    def excess(values, ideal):
        """Return the difference of squares.

        In many directions, a bias and the scatter of the floor are nearly orthogonal, so their squares add
        up.

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
        return values**2 - ideal**2

    def __init__(self, n_directions: int = 200, n_reference: int = 10_000):
        super().__init__()
        check_counts(self, n_directions=n_directions, n_reference=n_reference)
        self.n_directions, self.n_reference = n_directions, n_reference

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        """Return the mean distance between points and real points along the directions.

        Parameters
        ----------
        points : ndarray of shape (m, n_features)
            Draws of the model, or real points.
        evaluation : Evaluation

        Returns
        -------
        float
            In the unit of the data.
        """
        if getattr(evaluation.data, "test_points", None) is None and hasattr(evaluation.data, "logpdf"):
            times = -(-self.n_reference // len(points))
            rng = evaluation.generator("truth")
            reference = evaluation.data.sample(times * len(points), rng)
        else:
            times, reference = 1, evaluation.test_subset(len(points))
            points = points[: len(reference)]
        directions = unit_vectors(self.n_directions, points.shape[1])
        return sliced_distance(points, reference, directions, times)


def unit_vectors(n: int, d: int) -> np.ndarray:
    """Draw n directions in d dimensions, the same at each call.

    Parameters
    ----------
    n : int
        Number of directions. In one dimension a single one is returned.
    d : int
        Dimension.

    Returns
    -------
    ndarray of shape (d, n), or (1, 1) if d = 1
        Columns of length 1.
    """
    if d == 1:
        return np.ones((1, 1))
    vectors = np.random.default_rng(_SEED).standard_normal((d, n))
    return vectors / np.linalg.norm(vectors, axis=0)


def sliced_distance(
    points: np.ndarray, reference: np.ndarray, directions: np.ndarray, times: int = 1
) -> float:
    """Return the mean of the W_1 distances of two samples along given directions.

    Parameters
    ----------
    points : ndarray of shape (m, d)
    reference : ndarray of shape (times * m, d)
    directions : ndarray of shape (d, D)
        Columns of length 1.
    times : int, default=1
        Number of reference points for each point.

    Returns
    -------
    float

    Examples
    --------
    >>> line = np.ones((1, 1))
    >>> sliced_distance(np.array([[0.0], [1.0]]), np.array([[3.0], [2.0]]), line)
    2.0
    """
    quantiles = np.repeat(np.sort(points @ directions, axis=0), times, axis=0)
    return float(np.mean(np.abs(quantiles - np.sort(reference @ directions, axis=0))))
