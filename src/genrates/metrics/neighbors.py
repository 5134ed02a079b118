"""How far what a model draws lies from what it has learned from: copies, and what resembles nothing."""

import numpy as np

from genrates.metrics.base import FLOOR, Evaluation, Metric


class NearestNeighbor(Metric):
    """Mean Euclidean distance of the draws to the nearest training point.

    Not an error: a model that copies scores 0, noise scores high. Beside it stand the "floor", the same for
    held-out points, which a perfect model would score; and "copies", the share of draws that lie at one
    training point (:func:`share_of_copies`), 1 % for a perfect model.
    """

    is_error = False

    def __call__(self, evaluation: Evaluation) -> float:
        return float(evaluation.draws_to_train.mean())

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        found = {"floor": float(evaluation.test_to_train.mean())}
        if len(evaluation.train) > 1:
            found["copies"] = share_of_copies(evaluation.draws, evaluation.train, evaluation.test)
        return found


def share_of_copies(draws: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> float:
    """Share of draws that lie at one training point, more than 99 % of held-out points lie at any.

    That is: the distance to the nearest training point is a smaller part of the distance to the second
    nearest. A copy's is, of a speckled copy too; a thin fragment, near to many thin drawings, has a small
    distance to all of them. 1 % of the draws of a perfect model are such by chance. A copy goes unseen where
    its noise is as large as the distance between drawings.

    Parameters
    ----------
    draws, train, held_out : ndarrays of shape (D, d), (n, d), (m, d)
        n of at least 2.

    >>> line = np.arange(10.0)[:, None]
    >>> share_of_copies(line + 0.01, line, line + 0.4)
    1.0
    """
    usual = np.quantile(_first_over_second(held_out, train), 0.01)
    return float(np.mean(_first_over_second(draws, train) <= usual))


def _first_over_second(points: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Distance to the nearest training point over that to the second nearest; 0 at a point itself."""
    from sklearn.neighbors import NearestNeighbors

    first, second = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(train).kneighbors(points)[0].T
    return np.divide(first, second, out=np.zeros(len(points)), where=second > 0)


class SpuriousShare(Metric):
    """Share of draws further from their nearest training point than 99 % of held-out points are from theirs.

    What resembles nothing there is. A perfect model scores 1 - `level`, its "floor".

    Parameters
    ----------
    level : float in (0, 1), default=0.99
        Quantile of the held-out points' distances beyond which a draw is spurious.

    Raises
    ------
    ValueError
        For any other level.
    """

    ideal = FLOOR

    def __init__(self, level: float = 0.99):
        if not 0 < level < 1:
            raise ValueError(f"SpuriousShare: level must lie between 0 and 1, got {level!r}.")
        self.level = level

    def __call__(self, evaluation: Evaluation) -> float:
        return self._share(evaluation.draws_to_train, evaluation)

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        return {"floor": self._share(evaluation.test_to_train, evaluation)}

    def _share(self, distances: np.ndarray, evaluation: Evaluation) -> float:
        usual = np.quantile(evaluation.test_to_train, self.level)
        return float(np.mean(distances > usual))
