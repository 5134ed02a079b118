"""Classifier two-sample test: a forest tries to tell the draws of a model from real points."""

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics.base import Evaluation, SampleMetric

_FOLDS = 5


class C2ST(SampleMetric):
    """Cross-validated accuracy of a random forest that tells draws from held-out points.

    A perfect model scores one half. A model whose draws are always recognized scores 1 (Lopez-Paz and Oquab
    2017). The two sets have equal size, and there are five folds. A linear classifier would not even tell
    independent pixels from images.

    Parameters
    ----------
    n_estimators : int, default=100
        Number of trees.
    max_points : int, default=1000
        Largest number of draws, and of held-out points; at least 5, one for each fold.

    Raises
    ------
    ValueError
        If an option is not an integer, or is below 1 (`n_estimators`) or 5 (`max_points`).
    """

    ideal = 0.5

    def __init__(self, n_estimators: int = 100, max_points: int = 1000):
        super().__init__()
        check_counts(self, n_estimators=n_estimators)
        check_counts(self, least=_FOLDS, max_points=max_points)
        self.n_estimators, self.max_points = n_estimators, max_points

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        """Return the accuracy of telling points from held-out points.

        Parameters
        ----------
        points : ndarray of shape (m, n_features)
            Draws of the model, or real points.
        evaluation : Evaluation

        Returns
        -------
        float
            A share of correct classifications.
        """
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.model_selection import StratifiedKFold, cross_val_score

        m = min(len(points), len(evaluation.test), self.max_points)
        X = np.concatenate([points[:m], evaluation.test_subset(m)])
        forest = RandomForestClassifier(self.n_estimators, random_state=0)
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
        return float(cross_val_score(forest, X, np.repeat([0, 1], m), cv=folds).mean())
