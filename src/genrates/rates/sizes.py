"""Sample sizes, checked."""

import numpy as np


def check_sizes(sizes, caller: str) -> np.ndarray:
    """Return sample sizes as floats, after checking them.

    Parameters
    ----------
    sizes : array-like of shape (n_sizes,)
        Finite, at least 1, increasing.
    caller : str
        Name of the function for error messages.

    Returns
    -------
    ndarray of shape (n_sizes,)

    Raises
    ------
    ValueError
        For sizes that break these rules.
    """
    sizes = np.asarray(sizes, dtype=np.float64)
    if sizes.ndim != 1 or len(sizes) == 0:
        raise ValueError(f"{caller}: sizes must have shape (n_sizes,) with n_sizes >= 1, got {sizes.shape}.")
    if not np.all(np.isfinite(sizes)) or sizes[0] < 1 or np.any(np.diff(sizes) <= 0):
        raise ValueError(f"{caller}: sizes must be finite, at least 1 and increasing, got {sizes.tolist()}.")
    return sizes
