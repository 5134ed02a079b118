"""Finite data sets: tables of rows, some of which are held out for testing."""

from os import PathLike
from pathlib import Path

import numpy as np

from genrates.data.base import Data
from genrates.data.given import numbers_in
from genrates.data.masked import refuse_masked
from genrates.errors import is_number, shown


class FiniteData(Data):
    """Rows of a table, drawn without replacement: n points are the first n rows of a random permutation.

    All training sets come from this one table. Two of size n have on average a fraction n / n_max of their
    rows in common; at n_max they are the same rows in another order. A confidence interval over such training
    sets describes this table. It does not describe how an error varies between tables of the same
    distribution.

    Parameters
    ----------
    points : array-like of shape (n, d)
        Rows from which training sets are drawn.
    test_points : array-like of shape (m, d)
        Held-out rows, never part of a training set.
    labels, test_labels : array-like of shape (n,) and (m,), optional
        Classes of the rows.

    Raises
    ------
    ValueError
        If the tables do not fit together, or have masked entries.

    Examples
    --------
    >>> data = FiniteData(points=np.arange(8.0).reshape(4, 2), test_points=np.zeros((1, 2)))
    >>> sorted(data.sample(4, np.random.default_rng(0))[:, 0].tolist())
    [0.0, 2.0, 4.0, 6.0]
    """

    #: (height, width) where a row is an image
    image_shape: tuple[int, int] | None = None

    def __init__(self, *, points, test_points, labels=None, test_labels=None):
        name = type(self).__name__
        for table, rows in (("points", points), ("test_points", test_points)):
            refuse_masked(rows, f"{name}: {table}")
            _check_table(f"{name}: {table}", rows)
        # Training rows keep their type to save memory (60 000 images in float32 are 188 MB).
        self.points, self.test_points = np.asarray(points), np.asarray(test_points, dtype=np.float64)
        self.labels, self.test_labels = labels, test_labels
        if self.points.shape[1] != self.test_points.shape[1]:
            shapes = f"{self.points.shape} and {self.test_points.shape}"
            raise ValueError(
                f"{name}: points and test_points must have as many columns, got {shapes}: "
                f"{shown(points)} and {shown(test_points)}."
            )
        tables = (("labels", labels, self.points), ("test_labels", test_labels, self.test_points))
        for key, classes, rows in tables:
            if classes is not None and (not np.iterable(classes) or len(list(classes)) != len(rows)):
                raise ValueError(
                    f"{name}: {key} must be None or one class for each of {len(rows)} rows, "
                    f"got {shown(classes)}."
                )
        self.n_max, self.n_features = self.points.shape

    def indices(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return the indices of the rows that `sample(n, rng)` takes; `labels[indices]` are their classes.

        Parameters
        ----------
        n : int
            Number of points.
        rng : numpy.random.Generator
            A new generator with the seed that `sample` gets.

        Returns
        -------
        ndarray of shape (n,)
        """
        return rng.spawn(1)[0].permutation(len(self.points))[:n]

    def _draw(self, n, rng):
        return self.points[self.indices(n, rng)].astype(np.float64, copy=False)


def _check_table(where: str, rows) -> None:
    """Raise a ValueError unless rows are a table of finite numbers."""
    table = rows if isinstance(rows, np.ndarray) and rows.dtype.kind in "buif" else numbers_in(rows)
    if table is None or table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise ValueError(f"{where} must be rows of finite numbers, in two dimensions, got {shown(rows)}.")


def check_fraction(name: str, test_fraction) -> None:
    """Raise a ValueError for a fraction that cannot split a table.

    Parameters
    ----------
    name : str
        Name of the data set for error messages.
    test_fraction : object
        What was given.

    Raises
    ------
    ValueError
        If it is no number strictly between 0 and 1.
    """
    if not is_number(test_fraction) or not 0 < test_fraction < 1:
        raise ValueError(
            f"{name}: test_fraction must lie strictly between 0 and 1, got {shown(test_fraction)}."
        )


def checked_path(name: str, parameter: str, value) -> Path:
    """Return the path of a file or folder.

    Parameters
    ----------
    name : str
        Name of the data set for error messages.
    parameter : str
        The parameter that holds the path.
    value : object
        What was given.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If it is no text, or nothing. Python would take a number for an open file.
    """
    if not isinstance(value, str | PathLike) or not str(value) or "\0" in str(value):
        raise ValueError(f"{name}: {parameter} must be a path, got {shown(value)}.")
    return Path(value)


def split_rows(n: int, test_fraction: float, seed: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Split the indices of rows at random into training and test rows.

    Parameters
    ----------
    n : int
        Number of rows.
    test_fraction : float
        Fraction of the rows that is held out, strictly between 0 and 1.
    seed : int
        Equal seeds give equal splits.
    name : str
        Name of the data set for error messages.

    Returns
    -------
    train, test : ndarray of int
        Increasing.

    Raises
    ------
    ValueError
        For a fraction out of range, or one that leaves no training rows or no test rows.

    Examples
    --------
    >>> train, test = split_rows(10, 0.2, 0, "Example")
    >>> len(train), len(test)
    (8, 2)
    """
    check_fraction(name, test_fraction)
    n_test = round(n * test_fraction)
    if not 0 < n_test < n:
        raise ValueError(f"{name}: {n} rows cannot be split with test_fraction={shown(test_fraction)}.")
    order = np.random.default_rng(seed).permutation(n)
    return np.sort(order[n_test:]), np.sort(order[:n_test])
