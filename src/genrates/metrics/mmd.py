"""Maximum mean discrepancy between draws and held-out points, and whether it could be chance."""

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics.base import Evaluation, SampleMetric

_PERMUTATIONS = 200


class MMD(SampleMetric):
    r"""Unbiased squared maximum mean discrepancy (Gretton et al. 2012), Gaussian kernel.

    .. math:: \frac{1}{m(m-1)} \sum_{i \ne j} k(x_i, x_j) + \frac{1}{t(t-1)} \sum_{i \ne j} k(y_i, y_j)
              - \frac{2}{mt} \sum_{i, j} k(x_i, y_j), \qquad k(x, y) = e^{-|x - y|^2 / 2 \sigma^2}

    with sigma the median distance between held-out points, so that all models meet one kernel. Its
    expectation is 0 for a perfect model, and a value may be negative; the "p_value" beside it is that of
    a permutation test with 200 permutations. O((m + t)^2 d) on at most `max_points` of either.

    Parameters
    ----------
    max_points : int, default=1000
        Draws, and held-out points, that are compared.

    Raises
    ------
    ValueError
        For anything but whole numbers from 2 on.
    """

    ideal = 0.0  # without bias
    quadratic = True

    def __init__(self, max_points: int = 1000):
        super().__init__()
        check_counts(self, least=2, max_points=max_points)
        self.max_points = max_points

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        kernel, m = self._kernel(points, evaluation)
        return mmd_squared(kernel, np.arange(len(kernel)) < m)[0]

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        kernel, m = self._kernel(evaluation.draws, evaluation)
        rng = evaluation.generator("mmd")
        return super().auxiliary(evaluation) | {"p_value": permutation_p_value(kernel, m, rng)}

    def _kernel(self, points: np.ndarray, evaluation: Evaluation) -> tuple[np.ndarray, int]:
        """Kernel of the rows of both samples, the draws first, and how many draws there are."""
        from sklearn.metrics.pairwise import euclidean_distances

        drawn, real = points[: self.max_points], evaluation.held_out(self.max_points)
        squared = euclidean_distances(np.concatenate([drawn, real]), squared=True)
        m = len(drawn)
        among_real = squared[m:, m:][np.triu_indices(len(real), 1)]
        return np.exp(-0.5 * squared / np.median(among_real)), m


def mmd_squared(kernel: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Unbiased squared discrepancies, shape (s,), of s ways to divide the kernel's points in two.

    Parameters
    ----------
    kernel : ndarray of shape (N, N), ones on the diagonal
    first : bool ndarray of shape (N,) or (N, s)
        Which points belong to the first sample.

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
    """Share of divisions by chance (the given one among them) whose discrepancy is at least as large."""
    order = np.arange(len(kernel))
    first = np.stack([order < m, *(rng.permutation(order) < m for _ in range(_PERMUTATIONS))], axis=1)
    found = mmd_squared(kernel, first)
    return float(np.mean(found >= found[0] - 1e-15))
