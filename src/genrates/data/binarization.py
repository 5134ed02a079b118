"""Binarization of gray values, by threshold or by sampling. The two give different data sets."""

import numpy as np

from genrates.errors import shown

_SEED = 1998  # for sampled pixels; it is part of the data set, so that everyone has the same pixels

_ALLOWED = "be null, 'threshold' or 'sampling'"


def binarize_pixels(gray: np.ndarray, method: str | None, part: int) -> np.ndarray:
    """Return gray values unchanged, thresholded at 1/2, or sampled with P(1) = gray value.

    Thresholded images are easier to model than sampled ones.

    Parameters
    ----------
    gray : ndarray of shape (n, n_pixels)
        Values in [0, 1].
    method : None, "threshold" or "sampling"
        None returns the gray values.
    part : int
        0 for training rows, 1 for test rows; each part has its own random stream.

    Returns
    -------
    ndarray of the shape of `gray`

    Raises
    ------
    ValueError
        For another method.

    Examples
    --------
    >>> binarize_pixels(np.array([0.2, 0.6]), "threshold", 0)
    array([0., 1.])
    """
    if method is None:
        return gray
    if method == "threshold":
        return (gray > 0.5).astype(gray.dtype)
    if method == "sampling":
        rng = np.random.default_rng([_SEED, part])
        return np.stack([rng.random(row.shape) < row for row in gray]).astype(gray.dtype)
    raise ValueError(f"binarize must {_ALLOWED}, got {shown(method)}.")


def check_method(name: str, method) -> None:
    """Raise a ValueError for an unknown method.

    Parameters
    ----------
    name : str
        Name of the data set for error messages.
    method : object
        What was given.

    Raises
    ------
    ValueError
        If it is neither None nor the name of a method.
    """
    if not (method is None or (isinstance(method, str) and method in ("threshold", "sampling"))):
        raise ValueError(f"{name}: binarize must {_ALLOWED}, got {shown(method)}.")
