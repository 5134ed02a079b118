"""How heavy the tail of an error is over its replicates: whether a few fits own the mean."""

import numpy as np

from genrates.rates.replicates import AGGREGATES


def tail_index(errors, *, aggregate: str = "root_mean_square") -> float:
    r"""Return Hill's estimate of the index of the tail of e^p, the power of an error that is averaged.

    With index a, P(e^p > t) falls like :math:`t^{-a}`. Below 2 the mean has no standard error, whatever the
    number of replicates, and a bootstrap of those that are there does not see what they lack.

    Parameters
    ----------
    errors : array-like of shape (n_replicates,)
        Errors of one sample size; NaN and what is not positive are left out.
    aggregate : {"root_mean_square", "mean"}, default="root_mean_square"
        As in :func:`genrates.rates.fit_rate`: p is 2 or 1.

    Returns
    -------
    float
        From the largest tenth, at least 10 values; NaN for fewer than 11. Its relative standard error is one
        over the root of the number of values.

    References
    ----------
    Hill (1975), Ann. Statist. 3, 1163.

    Examples
    --------
    >>> pareto = (np.arange(1, 10_001) / 10_000) ** (-1 / 1.5)
    >>> round(tail_index(pareto, aggregate="mean"), 1)
    1.5
    """
    errors = np.asarray(errors, dtype=np.float64)
    largest = np.sort(errors[errors > 0])[::-1]
    k = max(10, len(largest) // 10)
    if len(largest) <= k:
        return float("nan")
    excess = float(np.mean(np.log(largest[:k] / largest[k]))) * AGGREGATES[aggregate]
    return 1 / excess if excess > 0 else float("inf")
