"""Data that are a table: so many rows and no more, some of them held out for testing."""

import numpy as np

from genrates.data.base import Data


class FiniteData(Data):
    """Rows of a table; a sample is a prefix of a permutation, so no row comes twice.

    All samples are of this one table: two of size n share, on average, a share n / n_max of their rows, at
    n_max they are the same rows in another order. An interval over such samples is of this table; it does
    not say how an error would differ on another table of the same law.

    Parameters
    ----------
    points : array of shape (n, d)
        What samples are drawn from.
    test_points : array of shape (m, d)
        Held out: never part of a sample.
    labels, test_labels : arrays of shape (n,) and (m,), optional
        Classes of the rows, where they are known.

    Raises
    ------
    ValueError
        For tables that do not fit together; by `sample`, for more rows than there are.

    Examples
    --------
    >>> data = FiniteData(points=np.arange(8.0).reshape(4, 2), test_points=np.zeros((1, 2)))
    >>> sorted(data.sample(4, np.random.default_rng(0))[:, 0].tolist())
    [0.0, 2.0, 4.0, 6.0]
    """

    #: (height, width) of a row that is a picture
    image_shape: tuple[int, int] | None = None

    def __init__(self, *, points, test_points, labels=None, test_labels=None):
        # As they come: 60 000 pictures in float32 are 188 MB. Samples are float64 like all samples.
        self.points, self.test_points = np.asarray(points), np.asarray(test_points, dtype=np.float64)
        self.labels, self.test_labels = labels, test_labels
        name = type(self).__name__
        if self.points.ndim != 2 or self.test_points.ndim != 2:
            raise ValueError(f"{name}: points and test_points must have two dimensions.")
        if len(self.points) == 0 or self.points.shape[1] != self.test_points.shape[1]:
            shapes = f"{self.points.shape} and {self.test_points.shape}"
            raise ValueError(f"{name}: needs rows, and as many columns in both tables; got {shapes}.")
        for some, rows in ((labels, self.points), (test_labels, self.test_points)):
            if some is not None and len(some) != len(rows):
                raise ValueError(f"{name}: {len(some)} labels for {len(rows)} rows.")
        self.n_max, self.n_features = self.points.shape

    def indices(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Which rows `sample(n, rng)` takes, shape (n,): `labels[indices]` are their classes."""
        return rng.spawn(1)[0].permutation(len(self.points))[:n]

    def _draw(self, n, rng):
        return self.points[self.indices(n, rng)].astype(np.float64, copy=False)


def split_rows(n: int, test_fraction: float, seed: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Indices of training and test rows: a split by chance, the same for everyone with the same seed.

    >>> train, test = split_rows(10, 0.2, 0, "Example")
    >>> len(train), len(test)
    (8, 2)
    """
    if not 0 < test_fraction < 1:
        raise ValueError(f"{name}: test_fraction must lie strictly between 0 and 1, got {test_fraction!r}.")
    n_test = round(n * test_fraction)
    if not 0 < n_test < n:
        raise ValueError(f"{name}: {n} rows cannot be split with test_fraction={test_fraction:g}.")
    order = np.random.default_rng(seed).permutation(n)
    return np.sort(order[n_test:]), np.sort(order[:n_test])
