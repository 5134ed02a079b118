"""How far what a model draws lies from what it has learned from: copies, and what resembles nothing."""

import numpy as np

from genrates.metrics._nearest import to_nearest
from genrates.metrics.base import FLOOR, Evaluation, Metric


class NearestNeighbour(Metric):
    """Mean Euclidean distance of the draws to the nearest training point.

    Not an error: a model that copies scores 0, noise scores high. Beside it stand the "floor", the same for
    held-out points, which a perfect model would score; and "copies", which share of the draws are copies of
    training points, exact or noisy (:func:`share_of_copies`).
    """

    is_error = False

    def __call__(self, evaluation: Evaluation) -> float:
        return float(evaluation.draws_to_train.mean())

    def beside(self, evaluation: Evaluation) -> dict[str, float]:
        rng = evaluation.generator("copies")
        copies = share_of_copies(evaluation.draws, evaluation.train, evaluation.test, rng)
        return {"floor": float(evaluation.test_to_train.mean()), "copies": copies}


def share_of_copies(
    draws: np.ndarray, train: np.ndarray, held_out: np.ndarray, rng: np.random.Generator
) -> float:
    r"""Estimate of the share of draws that are copies: nearer to training points than to held-out ones.

    The n training and the m held-out points are pooled, and s is the share of draws whose nearest point of
    the pool is a training point. A copy's nearest, of a noisy copy too, is the point that it copies. Training
    and held-out points are exchangeable, so to a draw that owes nothing to any one of them the nearest is a
    training point with probability :math:`e = n / (n + m)`. If a share c of the draws are copies, then
    :math:`E s = c + (1 - c) e`, and so the estimate, without bias, is

    .. math:: \hat c = \frac{s - e}{1 - e}

    1 for a model that copies, 0 on average for one that copies nothing (by chance below 0). There its
    standard error is :math:`\sqrt{e / (1 - e) / D}` for D draws whose nearest points are all different, and
    :math:`\sqrt{e / (1 - e) \sum_j w_j^2}` where point j is the nearest of a share :math:`w_j` of the draws.
    It is the chance of the split into training and held-out points: a table is split once for all replicates,
    and so their mean has no less of it. The pool is shuffled: chance decides between points equally near.

    Parameters
    ----------
    draws, train, held_out : ndarrays of shape (D, d), (n, d), (m, d)
    rng : Generator
        Of the shuffle.

    Returns
    -------
    float, at most 1

    >>> points = np.arange(10.0)[:, None]
    >>> share_of_copies(points[:5] + 0.1, points[:5], points[5:], np.random.default_rng(0))
    1.0
    """
    pool, n = np.concatenate([train, held_out]), len(train)
    order = rng.permutation(len(pool))
    nearest = order[to_nearest(draws, pool[order])[1]]
    by_chance = n / len(pool)
    return float((np.mean(nearest < n) - by_chance) / (1 - by_chance))


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

    def beside(self, evaluation: Evaluation) -> dict[str, float]:
        return {"floor": self._share(evaluation.test_to_train, evaluation)}

    def _share(self, distances: np.ndarray, evaluation: Evaluation) -> float:
        usual = np.quantile(evaluation.test_to_train, self.level)
        return float(np.mean(distances > usual))
