"""Features that a small classifier has learned of the data's own pictures: nothing is downloaded."""

import warnings
from functools import lru_cache

import numpy as np

from genrates.metrics._patches import PatchFilters

_SEED = 784
_AT_MOST = 6000  # pictures, turned ones counted: more would cost each cell more seconds than they add


class Features:
    """The 32 hidden units of a network that classifies the data's training points.

    Its input are the pooled answers of local filters (:class:`genrates.metrics._patches.PatchFilters`): a
    network that saw the pixels themselves would hardly tell a drawing from a noisy one. The classes are the
    labels where the data have them; of unlabelled square pictures they are the four rotations by a right
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

        X, y, self.task = _task(data, data.points, data.labels)
        self._filters = PatchFilters(X, data.image_shape, np.random.default_rng(_SEED))
        self._net = MLPClassifier((32,), max_iter=20, batch_size=100, random_state=_SEED)
        with warnings.catch_warnings():  # so many epochs and no more
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._net.fit(self._filters(X), y)
        X, y, _ = _task(data, data.test_points, data.test_labels)
        self.accuracy = float(self._net.score(self._filters(X), y))

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Features of each row, shape (n, 32)."""
        return np.maximum(self._filters(X) @ self._net.coefs_[0] + self._net.intercepts_[0], 0)


@lru_cache(maxsize=2)
def features_of(data) -> Features:
    """The features of a data set of pictures, learned once."""
    return Features(data)


def pictured(data) -> bool:
    """Whether the data are pictures from which features can be learned."""
    return getattr(data, "image_shape", None) is not None


def _task(data, points, labels):
    order = np.random.default_rng(_SEED).permutation(len(points))
    if labels is not None:
        rows = order[:_AT_MOST]
        return np.asarray(points[rows], dtype=np.float64), np.asarray(labels)[rows], "labels"
    height, width = data.image_shape
    if height != width:
        raise ValueError(f"rotations need square pictures, these are {height} x {width}.")
    X = np.asarray(points[order[: _AT_MOST // 4]], dtype=np.float64).reshape(-1, height, width)
    turned = [np.rot90(X, k, axes=(1, 2)).reshape(len(X), -1) for k in range(4)]
    return np.concatenate(turned), np.repeat(np.arange(4), len(X)), "rotations"
