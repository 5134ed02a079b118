"""Frechet distance between normal distributions fitted to features of drawn and held-out images."""

import numpy as np

from genrates.metrics._features import features_of
from genrates.metrics.base import Evaluation, SampleMetric, Skip, has_images


class Frechet(SampleMetric):
    r"""Squared Frechet distance between image features of draws and of held-out images.

    .. math:: |\mu_1 - \mu_2|^2 + \operatorname{tr}(S_1 + S_2 - 2 (S_1 S_2)^{1/2})

    The means and covariances are those of 32 features (`genrates.metrics._features.Features`). It is
    the "Frechet inception distance" (Heusel et al. 2017) with the data set's own features, and its unit is
    theirs. It is biased upwards in small samples, so a value means something only in comparison with the
    auxiliary "floor".
    """

    quadratic = True

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        """Return the squared distance between images and the held-out images.

        Parameters
        ----------
        points : ndarray of shape (m, n_features)
            Draws of the model, or real images.
        evaluation : Evaluation

        Returns
        -------
        float

        Raises
        ------
        Skip
            If the data are not images.
        """
        if not has_images(evaluation.data):
            raise Skip("features are learned of pictures")
        features = features_of(evaluation.data)
        return frechet_distance(features(points), features(evaluation.test))


def frechet_distance(A: np.ndarray, B: np.ndarray) -> float:
    """Return the squared Frechet distance between normal distributions fitted to the rows of A and B.

    Costs O((m + t) d^2 + d^3).

    Parameters
    ----------
    A : ndarray of shape (m, d)
    B : ndarray of shape (t, d)

    Returns
    -------
    float

    Examples
    --------
    >>> A = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    >>> round(frechet_distance(A, A + [3.0, 4.0]), 9)
    25.0
    """
    cov_A, cov_B = np.cov(A, rowvar=False), np.cov(B, rowvar=False)
    values, vectors = np.linalg.eigh(cov_A)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    # tr (S1 S2)^(1/2) equals the trace of the root of S1^(1/2) S2 S1^(1/2), which is symmetric with
    # nonnegative eigenvalues.
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_B @ root), 0)).sum()
    return float(
        np.sum((A.mean(axis=0) - B.mean(axis=0)) ** 2) + np.trace(cov_A) + np.trace(cov_B) - 2 * cross
    )
