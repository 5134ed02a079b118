"""Features that a small classifier has learned of the data's own pictures: nothing is downloaded."""

import warnings
from functools import lru_cache

import numpy as np

_SEED = 784
_AT_MOST = 6000  # pictures: more would cost each cell more seconds than they add


class Features:
    """The hidden layers (128, 32 rectified units) of a network that classifies the data's training points.

    The classes are the labels where the data have them; of unlabelled square pictures they are the four
    rotations by a right angle (Gidaris, Singh and Komodakis 2018). A fixed seed: all cells share them.

    Attributes
    ----------
    task : "labels" or "rotations"
    accuracy : float
        On held-out points, so that a person can judge the features.
    """

    def __init__(self, data):
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        X, y, self.task = _task(data, data.points, data.labels)
        self._net = MLPClassifier((128, 32), max_iter=15, batch_size=100, random_state=_SEED)
        with warnings.catch_warnings():  # so many epochs and no more
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._net.fit(X, y)
        X, y, _ = _task(data, data.test_points, data.test_labels)
        self.accuracy = float(self._net.score(X, y))

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Features of each row, shape (n, 32)."""
        for weights, bias in zip(self._net.coefs_[:-1], self._net.intercepts_[:-1], strict=True):
            X = np.maximum(X @ weights + bias, 0)
        return X


@lru_cache(maxsize=2)
def features_of(data) -> Features:
    """The features of a data set of pictures, learned once."""
    return Features(data)


def pictured(data) -> bool:
    """Whether the data are pictures from which features can be learned."""
    return getattr(data, "image_shape", None) is not None


def _task(data, points, labels):
    rows = np.random.default_rng(_SEED).permutation(len(points))[:_AT_MOST]
    X = np.asarray(points[rows], dtype=np.float64)
    if labels is not None:
        return X, np.asarray(labels)[rows], "labels"
    height, width = data.image_shape
    if height != width:
        raise ValueError(f"rotations need square pictures, these are {height} x {width}.")
    turned = [np.rot90(X.reshape(-1, height, width), k, axes=(1, 2)).reshape(len(X), -1) for k in range(4)]
    return np.concatenate(turned), np.repeat(np.arange(4), len(X)), "rotations"
