"""Maximum mean discrepancy between draws and held-out points, with a permutation test."""

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics.base import Evaluation, SampleMetric

_PERMUTATIONS = 200


class MMD(SampleMetric):
    r"""Unbiased squared maximum mean discrepancy (Gretton et al. 2012) with a Gaussian kernel.

    .. math:: \frac{1}{m(m-1)} \sum_{i \ne j} k(x_i, x_j) + \frac{1}{t(t-1)} \sum_{i \ne j} k(y_i, y_j)
              - \frac{2}{mt} \sum_{i, j} k(x_i, y_j), \qquad k(x, y) = e^{-|x - y|^2 / 2 \sigma^2}

    The draws are x, the held-out points y. The scale sigma is the median distance between held-out points,
    so that all models are measured with one kernel. A perfect model scores 0 in expectation, and a value may
    be negative. The auxiliary "p_value" is that of a permutation test with 200 permutations. Costs
    O((m + t)^2 d).

    Parameters
    ----------
    max_points : int, default=1000
        Largest number of draws, and of held-out points.

    Raises
    ------
    ValueError
        If `max_points` is not an integer or is below 2.
    """

    ideal = 0.0  # the estimate is unbiased
    quadratic = True

    def __init__(self, max_points: int = 1000):
        super().__init__()
        check_counts(self, least=2, max_points=max_points)
        self.max_points = max_points

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        """Return the squared discrepancy between points and held-out points.

        Parameters
        ----------
        points : ndarray of shape (m, n_features)
            Draws of the model, or real points.
        evaluation : Evaluation

        Returns
        -------
        float
        """
        kernel, m = self._kernel(points, evaluation)
        return mmd_squared(kernel, np.arange(len(kernel)) < m)[0]

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        """Return the floor and the p-value of a permutation test.

        Parameters
        ----------
        evaluation : Evaluation

        Returns
        -------
        dict of str to float
            "floor" and "p_value".
        """
        kernel, m = self._kernel(evaluation.draws, evaluation)
        rng = evaluation.generator("mmd")
        return super().auxiliary(evaluation) | {"p_value": permutation_p_value(kernel, m, rng)}

    def _kernel(self, points: np.ndarray, evaluation: Evaluation) -> tuple[np.ndarray, int]:
        """Return the kernel matrix of points followed by held-out points, and the number of points."""
        from sklearn.metrics.pairwise import euclidean_distances

        drawn, real = points[: self.max_points], evaluation.test_subset(self.max_points)
        squared = euclidean_distances(np.concatenate([drawn, real]), squared=True)
        m = len(drawn)
        among_real = squared[m:, m:][np.triu_indices(len(real), 1)]
        return np.exp(-0.5 * squared / np.median(among_real)), m


def mmd_squared(kernel: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return unbiased squared discrepancies for s ways to split the points of a kernel matrix in two.

    Parameters
    ----------
    kernel : ndarray of shape (N, N)
        Kernel matrix, with ones on the diagonal.
    first : ndarray of bool, shape (N,) or (N, s)
        Which points belong to the first sample.

    Returns
    -------
    ndarray of shape (s,)
        s = 1 if `first` has one dimension.

    Examples
    --------
    >>> mmd_squared(np.eye(4), np.array([True, True, False, False]))
    array([0.])
    """
    a = np.atleast_2d(first.T).T.astype(np.float64)
    b = 1 - a
    m, t = a.sum(axis=0), b.sum(axis=0)
    with_a = kernel @ a
    within_a, across = np.sum(a * with_a, axis=0), np.sum(b * with_a, axis=0)
    within_b = kernel.sum() - within_a - 2 * across
    return (within_a - m) / (m * (m - 1)) + (within_b - t) / (t * (t - 1)) - 2 * across / (m * t)


def permutation_p_value(kernel: np.ndarray, m: int, rng: np.random.Generator) -> float:
    """Return the p-value of a permutation test for the first m points against the others.

    It is the share of splits, the given one and 200 random ones, whose discrepancy is at least as large as
    that of the given split.

    Parameters
    ----------
    kernel : ndarray of shape (N, N)
        Kernel matrix, with ones on the diagonal.
    m : int
        Size of the first sample.
    rng : numpy.random.Generator

    Returns
    -------
    float
        Between 1/201 and 1.
    """
    order = np.arange(len(kernel))
    first = np.stack([order < m, *(rng.permutation(order) < m for _ in range(_PERMUTATIONS))], axis=1)
    discrepancies = mmd_squared(kernel, first)
    return float(np.mean(discrepancies >= discrepancies[0] - 1e-15))
