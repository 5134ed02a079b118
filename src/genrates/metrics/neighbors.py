"""Distances of draws to the training set: they reveal copies, and draws that resemble nothing."""

import numpy as np

from genrates.errors import is_number, shown
from genrates.metrics.base import FLOOR, Evaluation, Metric


class NearestNeighbor(Metric):
    """Mean Euclidean distance of the draws to the nearest training point.

    This is not an error: a model that copies its training set scores 0, and noise scores high. The auxiliary
    "floor" is the same distance for held-out points, which a perfect model would score. The auxiliary
    "copies" is the share of draws that are copies (`share_of_copies`), 1 % for a perfect model.
    """

    is_error = False

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the mean distance, in the unit of the data."""
        return float(evaluation.draws_to_train.mean())

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        """Return the mean distance of held-out points and the share of copies.

        Parameters
        ----------
        evaluation : Evaluation

        Returns
        -------
        dict of str to float
            "floor", and "copies" if there are at least two training points.
        """
        numbers = {"floor": float(evaluation.test_to_train.mean())}
        if len(evaluation.train) > 1:
            numbers["copies"] = share_of_copies(evaluation.draws, evaluation.train, evaluation.test)
        return numbers


def share_of_copies(draws: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> float:
    """Return the share of draws that are copies of a training point.

    Each point has a ratio: its distance to the nearest training point over the distance to the second
    nearest. A draw counts as a copy if its ratio is at most the 1 % quantile of the ratios of held-out
    points. By chance this holds for 1 % of the draws of a perfect model.

    The ratio is small for a copy, even one with a few wrong pixels. It is not small for a faint fragment,
    which is equally close to many faint drawings. A copy is missed if its noise is as large as the distance
    between drawings.

    Parameters
    ----------
    draws : ndarray of shape (m, d)
    train : ndarray of shape (n, d)
        At least 2 rows.
    held_out : ndarray of shape (t, d)

    Returns
    -------
    float

    Examples
    --------
    >>> line = np.arange(10.0)[:, None]
    >>> share_of_copies(line + 0.01, line, line + 0.4)
    1.0
    """
    threshold = np.quantile(_distance_ratio(held_out, train), 0.01)
    return float(np.mean(_distance_ratio(draws, train) <= threshold))


def _distance_ratio(points: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Return the distance to the nearest training point over that to the second nearest; 0 for 0 / 0."""
    from sklearn.neighbors import NearestNeighbors

    first, second = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(train).kneighbors(points)[0].T
    return np.divide(first, second, out=np.zeros(len(points)), where=second > 0)


class SpuriousShare(Metric):
    """Share of draws that are farther from the training set than 99 % of held-out points are.

    Such draws resemble nothing in the data. A perfect model scores 1 - `level`, its "floor".

    Parameters
    ----------
    level : float in (0, 1), default=0.99
        A draw is spurious beyond this quantile of the distances of held-out points.

    Raises
    ------
    ValueError
        For any other level.
    """

    ideal = FLOOR

    def __init__(self, level: float = 0.99):
        if not is_number(level) or not 0 < level < 1:
            raise ValueError(f"SpuriousShare: level must lie between 0 and 1, got {shown(level)}.")
        self.level = level

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the share of spurious draws."""
        return self._share(evaluation.draws_to_train, evaluation)

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        """Return the share of held-out points beyond the same quantile.

        Parameters
        ----------
        evaluation : Evaluation

        Returns
        -------
        dict of str to float
            "floor".
        """
        return {"floor": self._share(evaluation.test_to_train, evaluation)}

    def _share(self, distances: np.ndarray, evaluation: Evaluation) -> float:
        """Return the share of distances beyond the quantile of held-out points."""
        threshold = np.quantile(evaluation.test_to_train, self.level)
        return float(np.mean(distances > threshold))
