"""Gray values to zeros and ones: by threshold or by chance. The two are different data, never to be mixed."""

import numpy as np

_SEED = 1998  # of the sampled pixels: part of the data set, so that there is one binarized set


def binarized(gray: np.ndarray, how: str | None, part: int) -> np.ndarray:
    """Gray values in [0, 1] as they are (None), thresholded at 1/2, or sampled with P(1) = gray value.

    Parameters
    ----------
    gray : array of values in [0, 1]
    how : None, "threshold" or "sampling"
    part : int
        Which part of the data set this is (0 training, 1 test): each has a stream of its own.

    Raises
    ------
    ValueError
        For anything else. Thresholded images are easier to model than sampled ones.

    >>> binarized(np.array([0.2, 0.6]), "threshold", 0)
    array([0., 1.])
    """
    if how is None:
        return gray
    if how == "threshold":
        return (gray > 0.5).astype(gray.dtype)
    if how == "sampling":
        rng = np.random.default_rng([_SEED, part])
        return np.stack([rng.random(row.shape) < row for row in gray]).astype(gray.dtype)
    raise ValueError(f"binarize must be null, 'threshold' or 'sampling', got {how!r}.")
