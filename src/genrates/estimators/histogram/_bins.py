"""Rules for the number of bins: leave-one-out empirical risk, Freedman-Diaconis, Scott."""

import warnings

import numpy as np

from genrates.estimators._numerics.effective_size import effective_size
from genrates.estimators._numerics.spread import deviation, power_of_two
from genrates.estimators.histogram._cells import cell_number
from genrates.estimators.histogram._edges import count_values, values_in_a_bin

_COMPILED_ABOVE = 150_000  # rows; fewer do not make up for the import of the compiled search
_BLOCK = 16_384


def reference_widths(
    X: np.ndarray, weight: np.ndarray | None, rule: str, rounding: np.ndarray | float = 0.0
) -> np.ndarray:
    r"""Return the bin widths of a reference rule.

    Scott (1992, eq. 3.66) is optimal for a normal density with independent columns:
    :math:`h_j = 2 \cdot 3^{1/(2+d)} \pi^{d/(4+2d)} \sigma_j n^{-1/(2+d)}`.
    Freedman and Diaconis (1981): :math:`h = 2\,\mathrm{IQR}\, n^{-1/3}`; in d dimensions with the exponent
    of Scott's rule.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Training set.
    weight : ndarray of shape (n,) or None
        Positive weights; None gives all rows weight 1.
    rule : {"scott", "fd"}
        Name of the rule.
    rounding : ndarray of shape (n_features,) or float, default=0.0
        Step of the values of each column, 0 if it is not rounded: the least width.

    Returns
    -------
    ndarray of shape (n_features,)
        Bin width of each column.

    Raises
    ------
    ValueError
        For "fd", if the interquartile range of a column is zero that is not rounded.
    """
    n = effective_size(len(X), weight)
    d = X.shape[1]
    if rule == "scott":
        width = 2 * 3 ** (1 / (2 + d)) * np.pi ** (d / (4 + 2 * d)) * scale(X, weight) * n ** (-1 / (2 + d))
        return np.maximum(width, rounding)
    spread = np.array([_interquartile_range(X[:, j], weight) for j in range(d)])
    if not np.all(np.maximum(spread, rounding) > 0):
        j = int(np.argmin(np.maximum(spread, rounding)))
        raise ValueError(
            f"HistogramDensity: the interquartile range of column {j} is zero (half the values are equal), "
            "Freedman and Diaconis' rule needs a positive one; use bins='scott' or give bin_width."
        )
    return np.maximum(2 * spread * n ** (-1 / (2 + d)), rounding)


def reference_bins(X: np.ndarray, weight: np.ndarray | None, rule: str, rounding: np.ndarray) -> np.ndarray:
    """Return the numbers of bins of a reference rule.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Training set.
    weight : ndarray of shape (n,) or None
        Positive weights; None gives all rows weight 1.
    rule : {"scott", "fd"}
        Name of the rule.
    rounding : ndarray of shape (n_features,)
        Step of the values of each column, 0 if it is not rounded.

    Returns
    -------
    ndarray of shape (n_features,)
        On [min, max], or in a rounded column such that bins hold the number of values nearest to the rule's.
    """
    width = reference_widths(X, weight, rule, rounding)
    low, high = (np.array([extreme(x) for x in X.T]) for extreme in (np.min, np.max))
    n_bins = np.ceil((high - low) / width)
    for j in np.flatnonzero(rounding > 0):
        n_bins[j] = count_values(low[j], high[j], rounding[j]) / np.rint(width[j] / rounding[j])
    return n_bins


def scale(X: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Return the standard deviation of each column.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Training set.
    weight : ndarray of shape (n,) or None
        Positive weights; None gives all rows weight 1.

    Returns
    -------
    ndarray of shape (n_features,)
        Standard deviations.
    """
    if weight is not None:
        return deviation(X, weight / weight.sum())
    # column by column, since numpy's reduction along the rows of a narrow array is slow
    unit = power_of_two(X)
    return np.array([u * (x / u).std() for x, u in zip(X.T, unit, strict=True)])


def _interquartile_range(x: np.ndarray, weight: np.ndarray | None) -> float:
    """Return the difference between the quartiles of x.

    The quantiles are numpy's linear ones; with weights, those of Akinshin ("Weighted quantile estimators",
    arXiv:2304.07265, 2023). They depend on ratios of weights and on the effective size, which is their sum.

    Returns
    -------
    float
    """
    if weight is None:
        return float(np.subtract(*np.percentile(x, [75, 25])))
    order = np.argsort(x, kind="stable")
    x, total = x[order], np.concatenate([[0.0], np.cumsum(weight[order])])

    def quantile(level: float) -> float:
        # the mean of x where the running sum of the weights lies between `first` and `first` + 1
        first = level * (total[-1] - 1)
        return float(np.diff(np.clip(total - first, 0.0, 1.0)) @ x)

    return quantile(0.75) - quantile(0.25)


def loo_bins(X: np.ndarray, weight: np.ndarray | None, rounding: np.ndarray) -> tuple[int, ...]:
    """Return the numbers of bins that minimize the leave-one-out empirical risk.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Training set.
    weight : ndarray of shape (n,) or None
        Positive weights; None gives all rows weight 1.
    rounding : ndarray of shape (n_features,)
        Step of the values of each column, 0 if it is not rounded.

    Returns
    -------
    tuple of int
        Number of bins of each column, for :func:`genrates.estimators.histogram._edges.rule_edges`.
    """
    n = effective_size(len(X), weight)
    if X.shape[1] > 1:
        return _loo_grid(X, weight, n, rounding)
    if rounding[0] > 0:
        return (_loo_rounded(X[:, 0], weight, n, float(rounding[0])),)
    return (_loo_1d(X[:, 0], weight, n),)


def _loo_rounded(x: np.ndarray, weight: np.ndarray | None, n: float, rounding: float) -> int:
    """Return the number of bins of a rounded column with the least leave-one-out risk.

    Each number of bins is tried with the least width, a whole number of steps, that covers the data.

    Returns
    -------
    int
    """
    low = x.min()
    value, inverse = np.unique(np.rint((x - low) / rounding).astype(np.int64), return_inverse=True)
    share = np.bincount(inverse, weights=weight) / n
    n_values = count_values(low, x.max(), rounding)

    def lowest_risk(candidates: list[int]) -> tuple[float, int]:
        risks = {}
        for size in sorted({values_in_a_bin(n_values, m) for m in candidates}):
            index = value // size
            starts = np.flatnonzero(np.append(True, index[1:] != index[:-1]))
            in_bin = np.add.reduceat(share, starts)
            risks[size] = (2 - (n + 1) * in_bin.dot(in_bin)) / size
        best = min(risks, key=risks.get)
        return risks[best], -(-n_values // best)

    bound = min(max(100, int(np.sqrt(len(value)))), n_values)
    best = lowest_risk(list(range(1, bound + 1)))
    # as for other values: the bound must not cut off the best
    while best[1] > 0.5 * bound and bound < n_values:
        n_candidates = min(bound, max(32, 10**5 // bound))
        more = np.unique(np.linspace(bound + 1, min(2 * bound, n_values), n_candidates).astype(int))
        best = min(best, lowest_risk(more.tolist()))
        bound *= 2
    return best[1]


def _loo_1d(x: np.ndarray, weight: np.ndarray | None, n: float) -> int:
    """Return the number of bins of one column with the least leave-one-out risk."""
    if weight is None:
        x, total = np.sort(x), None
    else:
        order = np.argsort(x, kind="stable")
        x, total = x[order], np.concatenate([[0.0], np.cumsum(weight[order])])
    # the search depends on how many values there are, not on how often each occurs or how much it weighs
    span, size = x[-1] - x[0], _n_distinct(x)
    if len(x) > _COMPILED_ABOVE:
        from genrates.estimators.histogram._search import squared_shares
    else:
        squared_shares = _squared_shares

    def lowest_risk(candidates: np.ndarray) -> tuple[float, int]:
        risks = (2 - (n + 1) * squared_shares(x, total, candidates, n)) * candidates / span
        index = int(np.argmin(risks))
        return float(risks[index]), int(candidates[index])

    bound = max(100, int(np.sqrt(size)))
    best = lowest_risk(np.arange(1, bound + 1))
    # If the minimum lies in the upper half, the bound may have cut off a better one (claw density, heavy
    # tails), so the search goes on. It stops where equal values alone drive the risk to minus infinity.
    while best[1] > 0.5 * bound:
        if _tied(x, total, n):
            warnings.warn(
                "HistogramDensity: many values are equal (rounded data?); the leave-one-out risk then falls "
                f"for ever as bins shrink and was cut off at {bound} bins. Give bins or bin_width.",
                UserWarning,
                stacklevel=4,
            )
            break
        if bound >= len(x):
            break
        n_candidates = min(bound, max(32, 10**5 // bound))
        best = min(best, lowest_risk(np.unique(np.linspace(bound + 1, 2 * bound, n_candidates).astype(int))))
        bound *= 2
    return best[1]


def _n_distinct(x: np.ndarray) -> int:
    """Return the number of distinct values of sorted x."""
    return 1 + int(np.count_nonzero(np.diff(x)))


def _squared_shares(x: np.ndarray, total: np.ndarray | None, candidates: np.ndarray, n: float) -> np.ndarray:
    """Return the sum over the bins of (share of the weight)^2 for each number of bins; x is sorted."""
    steps = np.arange(1.0, candidates[-1])
    out = np.empty(len(candidates))
    for i, m in enumerate(candidates.tolist()):
        inner = np.searchsorted(x, steps[: m - 1] * ((x[-1] - x[0]) / m) + x[0])
        cuts = np.concatenate([[0], inner, [len(x)]])
        share = np.diff(cuts if total is None else total[cuts]) / n
        out[i] = share.dot(share)
    return out


def _tied(x: np.ndarray, total: np.ndarray | None, n: float) -> bool:
    """Return whether the risk's coefficient of 1/h stays negative as h -> 0."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(x)) + 1, [len(x)]])
    share = np.diff(starts if total is None else total[starts]) / n
    return bool((n + 1) * share.dot(share) >= 2)


def _loo_grid(X: np.ndarray, weight: np.ndarray | None, n: float, rounding: np.ndarray) -> tuple[int, ...]:
    """Return the numbers of bins with the least risk; widths are proportional to standard deviations."""
    span = np.array([np.ptp(x) for x in X.T])
    columns = [(x - x.min()) / s for x, s in zip(X.T, span, strict=True)]
    n_values = {}
    for j in np.flatnonzero(rounding > 0):
        n_values[j] = count_values(0.0, span[j], rounding[j])
        columns[j] = np.rint(columns[j] * (n_values[j] - 1)) + 0.5  # the middle of the value's own cell
    ratio = span / scale(X, weight)
    ratio /= ratio.max()

    def risk(m: int) -> tuple[int, float]:
        # The sign and the logarithm order the risks; the risk itself overflows in high dimension.
        shape = np.maximum(np.rint(m * ratio).astype(int), 1)
        cells_per_unit = shape.astype(np.float64)
        for j, values in n_values.items():
            in_a_bin = values_in_a_bin(values, shape[j])
            shape[j], cells_per_unit[j] = -(-values // in_a_bin), 1 / in_a_bin
        share = _cell_weights(columns, cells_per_unit, tuple(shape.tolist()), weight) / n
        value = 2 - (n + 1) * share.dot(share)
        size = np.log(abs(value)) + np.log(cells_per_unit).sum() if value else -np.inf
        return (-1, -size) if value < 0 else (1, size)

    bound = max(100, int(np.sqrt(max(_n_distinct(np.sort(x)) for x in X.T))))
    best, m = (risk(1), 1), 2
    while m <= min(bound, 2.5 * best[1] + 8):
        best = min(best, (risk(m), m))
        m = max(m + 1, int(1.08 * m))
    step = int(0.08 * best[1])
    nearby = range(max(best[1] - step, 1), best[1] + step + 1, max(step // 3, 1))
    best = min(best, min((risk(m), m) for m in nearby))
    return tuple(np.maximum(np.rint(best[1] * ratio).astype(int), 1).tolist())


def _cell_weights(
    columns: list[np.ndarray], cells_per_unit: np.ndarray, shape: tuple[int, ...], weight: np.ndarray | None
) -> np.ndarray:
    """Return the weights of the occupied cells (zeros may be among them), for columns that begin at 0."""
    n = len(columns[0])
    if float(np.prod(np.array(shape, dtype=float))) > 4 * n + 10**6:
        cells = [
            np.minimum((c * scale).astype(np.int64), m - 1)
            for c, scale, m in zip(columns, cells_per_unit, shape, strict=True)
        ]
        number, _, size = cell_number(np.column_stack(cells), shape)
        return np.bincount(number, weights=weight, minlength=size)
    flat = np.zeros(n, dtype=np.intp)
    for start in range(0, n, _BLOCK):
        part = flat[start : start + _BLOCK]
        for column, scale, m in zip(columns, cells_per_unit, shape, strict=True):
            part *= m
            part += np.minimum((column[start : start + _BLOCK] * scale).astype(np.intp), m - 1)
    return np.bincount(flat, weights=weight)
