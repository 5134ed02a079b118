"""Errors of a configured estimator on the core of the truth, at finite n."""

import numpy as np

from genrates.rates.exact import has_unknown
from genrates.rates.exact_neighbors import neighbors_of
from genrates.rates.mixture import NormalMixture
from genrates.rates.sizes import check_sizes


def exact_core_error(kind: str | None, mixture, sizes, *, mass: float = 0.9, **tuning) -> np.ndarray | None:
    """Return the root MISE on the core of the truth at each sample size, or None where it is not known.

    Estimate and truth are divided by their mass on the core, as in :class:`genrates.metrics.RootMISECore`.
    It is known for nearest neighbors, whose error outside is another one.

    Parameters
    ----------
    kind : str or None
        `exact` in a model's metadata; only "neighbors" is known.
    mixture : NormalMixture, triple (weights, means, sds) or object with those attributes
        The true density.
    sizes : array-like of shape (n_sizes,)
        Sample sizes, increasing.
    mass : float, default=0.9
        Probability of the core.
    **tuning
        The estimator's own constructor parameters, as in :func:`genrates.rates.exact_error`.

    Returns
    -------
    ndarray of shape (n_sizes,) or None

    Examples
    --------
    >>> exact_core_error("neighbors", ([1], [0], [1]), [100, 10_000]).round(3)
    array([0.125, 0.02 ])
    """
    if kind != "neighbors":
        return None
    error_at = neighbors_of(NormalMixture.of(mixture), tuning, lambda errors: errors.core_mise, mass)
    if error_at is None or has_unknown(tuning):
        return None
    return np.sqrt([error_at(n) for n in check_sizes(sizes, "exact_core_error")])
