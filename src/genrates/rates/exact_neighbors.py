"""Errors of a configured nearest-neighbor density at finite n."""

import math
from collections.abc import Callable

from genrates.errors import is_integer
from genrates.rates.mixture import NormalMixture
from genrates.rates.neighbor_mise import NeighborErrors, neighbor_errors


def neighbors(mixture: NormalMixture, tuning: dict) -> Callable[[int], float] | None:
    """Return the MISE of nearest neighbors as a function of n, or None where it is not known.

    Parameters
    ----------
    mixture : NormalMixture
        The truth.
    tuning : dict
        The estimator's parameters; `n_neighbors` is removed from it.

    Returns
    -------
    callable or None
        As in :func:`neighbors_of`, of :attr:`NeighborErrors.mise`.
    """
    return neighbors_of(mixture, tuning, lambda errors: errors.mise)


def neighbors_of(
    mixture: NormalMixture, tuning: dict, part: Callable[[NeighborErrors], float], core: float = 0.9
) -> Callable[[int], float] | None:
    """Return one of the squared errors of nearest neighbors as a function of n.

    Known are the rules "rate", k = n^(4/(4+d)) / 2, and "global_rate", which is k = 0.8 n^(2/3) on the line,
    and a given k; on mixtures on the line, and in space on one normal with equal standard deviations.

    Parameters
    ----------
    mixture : NormalMixture
        The truth.
    tuning : dict
        The estimator's parameters; `n_neighbors` is removed from it.
    part : callable
        Which error.
    core : float, default=0.9
        Mass of the truth's core.

    Returns
    -------
    callable or None
        It is infinite for fewer than 3 neighbors.
    """
    count = _number_of_neighbors(tuning.pop("n_neighbors", "rate"), mixture.n_features)
    is_round = len(mixture.weights) == 1 and len(set(mixture.sds.ravel())) == 1
    if count is None or not (mixture.is_univariate or is_round):
        return None

    def error_at(n: int) -> float:
        k = count(n)
        return float(part(neighbor_errors(mixture, n, k, core=core))) if 3 <= k < n else math.inf

    return error_at


def _number_of_neighbors(rule, d: int) -> Callable[[int], int] | None:
    """Return k as a function of n; None for a rule that looks at the data."""
    if is_integer(rule):
        return lambda n: int(rule)
    if rule == "global_rate" and d == 1:
        return lambda n: round(0.8 * n ** (2 / 3))
    known = rule in ("rate", "global_rate")
    return (lambda n: round(0.5 * n ** (4 / (4 + d)))) if known else None
