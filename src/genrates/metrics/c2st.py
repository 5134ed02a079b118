"""Classifier two-sample test: can a forest tell what a model has drawn from what is real?"""

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics.base import Evaluation, SampleMetric

_FOLDS = 5


class C2ST(SampleMetric):
    """Cross-validated accuracy of a random forest that tells draws from held-out points.

    One half for a perfect model, 1 for one whose draws are always seen through (Lopez-Paz and Oquab 2017).
    As many draws as held-out points, five folds; a linear classifier would not even tell independent pixels
    from pictures.

    Parameters
    ----------
    n_estimators : int, default=100
        Trees.
    max_points : int, default=1000
        Draws, and held-out points, that are compared; at least one for each fold.

    Raises
    ------
    ValueError
        For anything but whole numbers, at least 1 and 5.
    """

    ideal = 0.5

    def __init__(self, n_estimators: int = 100, max_points: int = 1000):
        super().__init__()
        check_counts(self, n_estimators=n_estimators)
        check_counts(self, least=_FOLDS, max_points=max_points)
        self.n_estimators, self.max_points = n_estimators, max_points

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.model_selection import StratifiedKFold, cross_val_score

        m = min(len(points), len(evaluation.test), self.max_points)
        X = np.concatenate([points[:m], evaluation.held_out(m)])
        forest = RandomForestClassifier(self.n_estimators, random_state=0)
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
        return float(cross_val_score(forest, X, np.repeat([0, 1], m), cv=folds).mean())
