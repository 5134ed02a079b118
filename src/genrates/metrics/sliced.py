"""Sliced Wasserstein distance: one-dimensional distances along many directions."""

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics.base import Evaluation, SampleMetric

_SEED = 1917


class SlicedWasserstein(SampleMetric):
    r"""Mean Wasserstein-1 distance of draws and real points along directions drawn uniformly on the sphere.

    .. math:: SW_1 = E_\theta \, W_1(\theta^T X, \theta^T Y)

    Real points are the held-out ones, as many as draws, or, where the truth is known, fresh draws of it (at
    least `n_reference`: little noise of their own). The "floor" beside it is that of as many real points,
    about m^(-1/2) in every dimension. O(D (m d + m log m)); in one dimension W_1 itself. The directions are
    always the same.

    Parameters
    ----------
    n_directions : int, default=200
        D.
    n_reference : int, default=10000
        Least number of fresh draws of a known truth.

    Raises
    ------
    ValueError
        For anything but whole numbers from 1 on.
    """

    quadratic = True
    in_squares = True

    @staticmethod
    def excess(values, ideal):
        """Of squares: a bias and the scatter of the floor are nearly at right angles, in many directions."""
        return values**2 - ideal**2

    def __init__(self, n_directions: int = 200, n_reference: int = 10_000):
        super().__init__()
        check_counts(self, n_directions=n_directions, n_reference=n_reference)
        self.n_directions, self.n_reference = n_directions, n_reference

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        if getattr(evaluation.data, "test_points", None) is None and hasattr(evaluation.data, "logpdf"):
            times = -(-self.n_reference // len(points))
            rng = evaluation.generator("truth")
            reference = evaluation.data.sample(times * len(points), rng)
        else:
            times, reference = 1, evaluation.held_out(len(points))
            points = points[: len(reference)]
        directions = unit_vectors(self.n_directions, points.shape[1])
        return sliced_distance(points, reference, directions, times)


def unit_vectors(n: int, d: int) -> np.ndarray:
    """n directions in d dimensions, shape (d, n), always the same; one is enough on a line."""
    if d == 1:
        return np.ones((1, 1))
    found = np.random.default_rng(_SEED).standard_normal((d, n))
    return found / np.linalg.norm(found, axis=0)


def sliced_distance(
    points: np.ndarray, reference: np.ndarray, directions: np.ndarray, times: int = 1
) -> float:
    """Mean of W_1 along the columns of `directions`, for `times` as many reference points as points.

    >>> line = np.ones((1, 1))
    >>> sliced_distance(np.array([[0.0], [1.0]]), np.array([[3.0], [2.0]]), line)
    2.0
    """
    one = np.repeat(np.sort(points @ directions, axis=0), times, axis=0)
    return float(np.mean(np.abs(one - np.sort(reference @ directions, axis=0))))
