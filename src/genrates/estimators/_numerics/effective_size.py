"""The effective size of a weighted sample."""

import numpy as np


def effective_size(n_samples: int, weight: np.ndarray | None) -> float:
    """Return the number of independent, equally weighted points that the sample is worth.

    Integer weights are counts (a row of weight 3 is that row three times), so the effective size is their
    sum. Any other weights are importance weights: only their ratios matter, and the effective size is Kish's
    (sum w)^2 / sum w^2.

    Parameters
    ----------
    n_samples : int
    weight : ndarray of shape (n_samples,) or None
        None gives every row the weight 1.

    Returns
    -------
    float

    Examples
    --------
    >>> effective_size(3, None), effective_size(3, np.array([2.0, 1.0, 1.0]))
    (3.0, 4.0)
    >>> effective_size(2, np.array([0.25, 0.25]))
    2.0
    """
    if weight is None:
        return float(n_samples)
    total = float(weight.sum())
    if np.all(weight == np.floor(weight)):
        return total
    return total**2 / float(weight @ weight)
