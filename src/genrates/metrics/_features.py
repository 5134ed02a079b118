"""Features that a small classifier has learned of the data's own pictures: nothing is downloaded."""

import warnings
from functools import lru_cache

import numpy as np

from genrates.metrics._patches import PatchFilters
from genrates.metrics.base import apart

_SEED = 784
_BATCH, _STEPS = 100, 1200  # rows of a step, and steps: 20 epochs of 6000 pictures
_TURNED = 1500  # pictures that are turned: four times as many to learn from


class Features:
    """The 32 hidden units of a network that classifies some of the data's training points.

    Others stand for real points where a floor is measured (:func:`genrates.metrics.base.apart`).

    Its input are the pooled answers of local filters (:class:`genrates.metrics._patches.PatchFilters`): a
    network that saw the pixels themselves would hardly tell a drawing from a noisy one. The classes are the
    labels where the data have them; of unlabeled square pictures they are the four rotations by a right
    angle (Gidaris, Singh and Komodakis 2018). A fixed seed: all cells share them.

    Attributes
    ----------
    task : "labels" or "rotations"
    accuracy : float
        On held-out points, so that a person can judge the features.
    """

    def __init__(self, data):
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        X, y, self.task = _task(data, data.points, data.labels, apart(len(data.points))[0])
        self._filters = PatchFilters(X, data.image_shape, np.random.default_rng(_SEED))
        epochs = -(-_STEPS * _BATCH // len(X))
        self._net = MLPClassifier((32,), max_iter=epochs, batch_size=_BATCH, random_state=_SEED)
        with warnings.catch_warnings():  # so many epochs and no more
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._net.fit(self._filters(X), y)
        some = np.random.default_rng(_SEED).permutation(len(data.test_points))
        X, y, _ = _task(data, data.test_points, data.test_labels, some)
        self.accuracy = float(self._net.score(self._filters(X), y))

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Features of each row, shape (n, 32)."""
        return np.maximum(self._filters(X) @ self._net.coefs_[0] + self._net.intercepts_[0], 0)


@lru_cache(maxsize=2)
def features_of(data) -> Features:
    """The features of a data set of pictures, learned once."""
    return Features(data)


def _task(data, points, labels, order):
    if labels is not None:
        return np.asarray(points[order], dtype=np.float64), np.asarray(labels)[order], "labels"
    height, width = data.image_shape
    if height != width:
        raise ValueError(f"rotations need square pictures, these are {height} x {width}.")
    some = order[:_TURNED]
    X = np.asarray(points[some], dtype=np.float64).reshape(-1, height, width)
    turned = [np.rot90(X, k, axes=(1, 2)).reshape(len(X), -1) for k in range(4)]
    return np.concatenate(turned), np.repeat(np.arange(4), len(X)), "rotations"
