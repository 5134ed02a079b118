"""Image features from a small classifier, learned on the data set itself; nothing is downloaded."""

import warnings
from functools import lru_cache

import numpy as np

from genrates.metrics._patches import PatchFilters
from genrates.metrics.base import split_for_features

_SEED = 784
_BATCH, _STEPS = 100, 1200  # rows in a step, and number of steps: 20 epochs of 6000 images
_N_ROTATED = 1500  # images that are rotated, which gives four times as many to learn from


class Features:
    """The 32 hidden units of a network that classifies images of the data set.

    The network learns from some rows of the data set; the other rows serve as real points for floors
    (:func:`genrates.metrics.base.split_for_features`). Its input is the output of local filters
    (:class:`genrates.metrics._patches.PatchFilters`), because a network on raw pixels hardly tells a
    drawing from a noisy one. The classes are the labels of the data. Square images without labels are
    classified by rotation instead, in four multiples of a right angle (Gidaris, Singh and Komodakis 2018).
    The seed is fixed, so that all models are measured by the same features.

    Parameters
    ----------
    data : FiniteData
        A data set of images.

    Attributes
    ----------
    task : {"labels", "rotations"}
        What the network classifies.
    accuracy : float
        Share of held-out images classified correctly, to judge the features by.
    """

    def __init__(self, data):
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        X, y, self.task = _classification_task(
            data, data.points, data.labels, split_for_features(len(data.points))[0]
        )
        self._filters = PatchFilters(X, data.image_shape, np.random.default_rng(_SEED))
        epochs = -(-_STEPS * _BATCH // len(X))
        self._net = MLPClassifier((32,), max_iter=epochs, batch_size=_BATCH, random_state=_SEED)
        with warnings.catch_warnings():  # the number of epochs is fixed: no convergence is expected
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._net.fit(self._filters(X), y)
        order = np.random.default_rng(_SEED).permutation(len(data.test_points))
        X, y, _ = _classification_task(data, data.test_points, data.test_labels, order)
        self.accuracy = float(self._net.score(self._filters(X), y))

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Return the features of each row, shape (n, 32)."""
        return np.maximum(self._filters(X) @ self._net.coefs_[0] + self._net.intercepts_[0], 0)


@lru_cache(maxsize=2)
def features_of(data) -> Features:
    """Return the features of an image data set. They are learned at the first call and kept.

    Parameters
    ----------
    data : FiniteData
        A data set of images.

    Returns
    -------
    Features
    """
    return Features(data)


def _classification_task(data, points, labels, order):
    """Return float64 images, their classes, and the name of the task."""
    if labels is not None:
        return np.asarray(points[order], dtype=np.float64), np.asarray(labels)[order], "labels"
    height, width = data.image_shape
    if height != width:
        raise ValueError(f"rotations need square pictures, these are {height} x {width}.")
    rows = order[:_N_ROTATED]
    X = np.asarray(points[rows], dtype=np.float64).reshape(-1, height, width)
    rotated = [np.rot90(X, k, axes=(1, 2)).reshape(len(X), -1) for k in range(4)]
    return np.concatenate(rotated), np.repeat(np.arange(4), len(X)), "rotations"
