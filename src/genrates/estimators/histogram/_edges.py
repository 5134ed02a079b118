"""Edges of bins of equal width, with errors where rounding would make a wrong grid."""

import numpy as np

from genrates.errors import shown

MOST_BINS = 2**24


def equal_edges(low: np.ndarray, high: np.ndarray, n_bins) -> list[np.ndarray]:
    """Return the edges of bins of equal width on [low, high] in each column.

    Parameters
    ----------
    low, high : ndarray of shape (n_features,)
        Ends of each column.
    n_bins : iterable of n_features numbers
        Number of bins of each column.

    Returns
    -------
    list of n_features ndarrays
        Edges, each of shape (number of bins + 1,).

    Raises
    ------
    ValueError
        If there are too many bins, or rounding makes two edges equal.
    """
    edges = []
    for j, m in enumerate(n_bins):
        _refuse_too_many(m, j)
        edge = np.linspace(low[j], high[j], int(m) + 1)
        if np.any(np.diff(edge) <= 0):
            raise ValueError(
                f"HistogramDensity: {int(m)} bins are more than floating-point numbers tell apart "
                f"between {low[j]!r} and {high[j]!r} in column {j}; ask for fewer."
            )
        edges.append(edge)
    return edges


def count_values(low: float, high: float, rounding: float) -> int:
    """Return how many values a rounded column can have between its ends.

    Parameters
    ----------
    low, high : float
        Ends of the column.
    rounding : float
        Step of the values, positive.

    Returns
    -------
    int
    """
    return int(np.rint((high - low) / rounding)) + 1


def values_in_a_bin(n_values: int, n_bins: float) -> int:
    """Return how many of the values of a rounded column fall into each bin, at least one.

    Parameters
    ----------
    n_values : int
        Number of possible values.
    n_bins : float
        Number of bins that is asked for.

    Returns
    -------
    int

    Examples
    --------
    >>> values_in_a_bin(11, 43), values_in_a_bin(11, 5)
    (1, 3)
    """
    return max(int(np.ceil(n_values / n_bins - 1e-9)), 1)


def rule_edges(low: np.ndarray, high: np.ndarray, n_bins, rounding: np.ndarray) -> list[np.ndarray]:
    """Return the edges of the bins that a rule has chosen.

    Bins of a rounded column are a whole number of its steps wide, and their edges lie half way between values
    that it can have. So each bin has room for equally many values, and a bin for one value is centered on it.
    The first bin begins half a step below the smallest value; the last one may reach beyond the largest.
    Narrower bins would be empty between the values, and the leave-one-out risk would fall for ever.

    Parameters
    ----------
    low, high : ndarray of shape (n_features,)
        Ends of each column.
    n_bins : iterable of n_features numbers
        Number of bins of each column that is asked for; a rounded column gets at most one for each value.
    rounding : ndarray of shape (n_features,)
        Step of the values of each column; 0 for a column that is not rounded.

    Returns
    -------
    list of n_features ndarrays
        Edges, each of shape (number of bins + 1,).

    Raises
    ------
    ValueError
        If there are too many bins, or rounding makes two edges equal.

    Examples
    --------
    >>> rule_edges(np.array([3.0]), np.array([6.0]), [100], np.array([1.0]))
    [array([2.5, 3.5, 4.5, 5.5, 6.5])]
    """
    low, high, n_bins = np.array(low), np.array(high), [float(m) for m in n_bins]
    for j in np.flatnonzero(rounding > 0):
        n_values = count_values(low[j], high[j], rounding[j])
        size = values_in_a_bin(n_values, n_bins[j])
        n_bins[j] = -(-n_values // size)
        low[j] -= 0.5 * rounding[j]
        high[j] = low[j] + n_bins[j] * size * rounding[j]
    return equal_edges(low, high, n_bins)


def anchored_edges(low: np.ndarray, high: np.ndarray, bin_width, origin: float) -> list[np.ndarray]:
    """Return edges at the origin plus multiples of the width that cover [low, high].

    Parameters
    ----------
    low, high : ndarray of shape (n_features,)
        Ends of each column.
    bin_width : float or array-like of shape (n_features,)
        Width of the bins, in all columns or in each.
    origin : float
        Where the grid is anchored.

    Returns
    -------
    list of n_features ndarrays
        Edges of each column.

    Raises
    ------
    ValueError
        If there is not one width a column, there are too many bins, or rounding makes two edges equal.
    """
    width = np.asarray(bin_width, dtype=np.float64)
    if width.shape not in ((), low.shape):
        raise ValueError(
            f"HistogramDensity: bin_width must be a positive number or {len(low)} of them, "
            f"got {shown(bin_width)}."
        )
    edges = []
    for j, h in enumerate(np.broadcast_to(width, low.shape)):
        first, last = np.floor((low[j] - origin) / h), np.floor((high[j] - origin) / h) + 1
        _refuse_too_many(last - first, j)
        # rounding may leave the smallest value below the first edge, or the largest beyond the last
        first -= low[j] < origin + first * h
        last += high[j] >= origin + last * h
        edge = origin + np.arange(first, last + 1) * h
        if len(edge) < 2 or np.any(np.diff(edge) <= 0):
            raise ValueError(
                f"HistogramDensity: bin_width {h:g} is below the spacing of floating-point numbers near "
                f"column {j}'s values or the origin {origin:g}."
            )
        edges.append(edge)
    return edges


def _refuse_too_many(n_bins: float, column: int) -> None:
    """Raise a ValueError if a column needs more bins than allowed."""
    if not n_bins <= MOST_BINS:
        raise ValueError(
            f"HistogramDensity: column {column} would need {n_bins:.3g} bins (at most {MOST_BINS}): "
            "its range is huge against the width. Remove outliers, transform it, or choose wider bins."
        )
