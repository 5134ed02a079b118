"""Sample weights: only their ratios matter, and what they say about the size of the sample."""

import numpy as np

from genrates.estimators._numerics.spread import power_of_two

#: largest ratio of two weights that may be a number of repeats; a double's ratio cannot be told from a whole
#: number for ever
_MOST_REPEATS = 2.0**20
#: relative error of a ratio of weights that have been multiplied by a number
_ROUNDING = 1e-12


def normalize(weight: np.ndarray) -> np.ndarray:
    """Return the weights in the unit in which their sum is the effective size of the sample.

    Only ratios of weights matter: the result for `c * weight` is that for `weight`, for any c > 0. There are
    two cases.

    - Every weight is a whole multiple of the smallest positive one (up to 2^20 times it). The multiples are
      counts: a row of 3 is that row three times, and the effective size is the number of rows with all
      repeats, the sum of the counts.
    - All other weights are importances. The effective size is Kish's, (sum w)^2 / sum w^2, the number of
      equally weighted rows whose mean has the same variance (Kish 1965).

    Equal weights, of whatever size, are those of a sample without weights. A factor that all counts have in
    common is therefore lost: who wants to say that every row occurs twice repeats the rows.

    Parameters
    ----------
    weight : ndarray of shape (n_samples,)
        Finite, not negative, not all zero.

    Returns
    -------
    ndarray of shape (n_samples,)
        The weights, divided by a common factor.

    References
    ----------
    Kish, "Survey Sampling", Wiley (1965).

    Examples
    --------
    >>> normalize(np.array([0.2, 0.1, 0.0, 0.1])), normalize(np.array([2e300, 2e300]))
    (array([2., 1., 0., 1.]), array([1., 1.]))
    >>> bool(np.isclose(normalize(np.array([1.0, 1.5])).sum(), 2.5**2 / (1 + 1.5**2)))
    True
    """
    share = weight / weight.max()
    positive = share[share > 0]
    if positive.min() * _MOST_REPEATS >= 1:
        count = share / positive.min()
        whole = np.rint(count)
        if np.all(np.abs(count - whole) <= _ROUNDING * whole):
            return whole
    return share * (share.sum() / (share @ share))


def without_rounding(weight: np.ndarray) -> np.ndarray:
    """Return the weights divided by a power of two near the largest, so that no digit changes.

    Adapters hand these to a peer, whose numbers then are those for the weights themselves.

    Parameters
    ----------
    weight : ndarray of shape (n_samples,)
        Finite, not negative, not all zero.

    Returns
    -------
    ndarray of shape (n_samples,)

    Examples
    --------
    >>> without_rounding(np.array([3.0, 6.0]))
    array([0.75, 1.5 ])
    """
    return weight / power_of_two(weight[:, None])[0]


def effective_size(n_samples: int, weight: np.ndarray | None) -> float:
    """Return the number of independent, equally weighted points that the sample is worth.

    Parameters
    ----------
    n_samples : int
    weight : ndarray of shape (n_samples,) or None
        Finite and not negative; None gives every row the weight 1.

    Returns
    -------
    float

    Examples
    --------
    >>> effective_size(3, None), effective_size(3, np.array([1.0, 0.5, 0.5]))
    (3.0, 4.0)
    >>> effective_size(2, np.array([0.25, 0.25]))
    2.0
    """
    return float(n_samples) if weight is None else float(normalize(weight).sum())
