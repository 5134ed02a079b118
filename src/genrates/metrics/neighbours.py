"""How far what a model draws lies from what it has learned from: copies, and what resembles nothing."""

import numpy as np

from genrates.metrics.base import FLOOR, Evaluation, Metric

_COPY = 1e-6  # of the distance between two different pictures: grey values differ by 1/255 at least


class NearestNeighbour(Metric):
    """Mean Euclidean distance of the draws to the nearest training point.

    Not an error: a model that copies scores 0, noise scores high. Beside it stand the "floor", the same for
    held-out points, which a perfect model would score; and "copies", the share of draws that are training
    points.
    """

    is_error = False

    def __call__(self, evaluation: Evaluation) -> float:
        return float(evaluation.draws_to_train.mean())

    def beside(self, evaluation: Evaluation) -> dict[str, float]:
        copies = evaluation.draws_to_train < _COPY
        return {"floor": float(evaluation.test_to_train.mean()), "copies": float(copies.mean())}


class SpuriousShare(Metric):
    """Share of draws further from their nearest training point than 99 % of held-out points are from theirs.

    What resembles nothing there is. A perfect model scores 1 - `level`, its "floor".

    Parameters
    ----------
    level : float, default=0.99
        Quantile of the held-out points' distances beyond which a draw is spurious.
    """

    ideal = FLOOR

    def __init__(self, level: float = 0.99):
        self.level = level

    def __call__(self, evaluation: Evaluation) -> float:
        return self._share(evaluation.draws_to_train, evaluation)

    def beside(self, evaluation: Evaluation) -> dict[str, float]:
        return {"floor": self._share(evaluation.test_to_train, evaluation)}

    def _share(self, distances: np.ndarray, evaluation: Evaluation) -> float:
        usual = np.quantile(evaluation.test_to_train, self.level)
        return float(np.mean(distances > usual))
