"""Frechet distance between normal laws fitted to features of drawn and of held-out pictures."""

import numpy as np

from genrates.metrics._features import features_of
from genrates.metrics.base import Evaluation, SampleMetric, Skip, has_images


class Frechet(SampleMetric):
    r"""Squared Frechet distance, as the "Frechet inception distance" but of the data set's own features.

    .. math:: |\mu_1 - \mu_2|^2 + \operatorname{tr}(S_1 + S_2 - 2 (S_1 S_2)^{1/2})

    of means and covariances of 32 features (:class:`genrates.metrics._features.Features`). Its unit is
    the features' own, and it is biased upwards in small samples: only the "floor" beside it, real against
    as many real, says what a value means (Heusel et al. 2017).
    """

    quadratic = True

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        if not has_images(evaluation.data):
            raise Skip("features are learned of pictures")
        features = features_of(evaluation.data)
        return frechet_distance(features(points), features(evaluation.test))


def frechet_distance(A: np.ndarray, B: np.ndarray) -> float:
    """Squared Frechet distance of the normal laws fitted to the rows of A and B; O((m + t) d^2 + d^3).

    >>> A = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    >>> round(frechet_distance(A, A + [3.0, 4.0]), 9)
    25.0
    """
    one, two = np.cov(A, rowvar=False), np.cov(B, rowvar=False)
    values, vectors = np.linalg.eigh(one)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    # tr (S1 S2)^(1/2) is that of the symmetric S1^(1/2) S2 S1^(1/2), whose eigenvalues are not negative
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ two @ root), 0)).sum()
    return float(np.sum((A.mean(axis=0) - B.mean(axis=0)) ** 2) + np.trace(one) + np.trace(two) - 2 * shared)
