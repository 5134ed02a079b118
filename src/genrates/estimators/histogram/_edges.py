"""Edges of bins of equal width, with errors where rounding would make a wrong grid."""

import numpy as np

_MOST_BINS = 2**24


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
        If the width is not positive, there are too many bins, or rounding makes two edges equal.
    """
    try:
        width = np.asarray(bin_width, dtype=np.float64)
    except (TypeError, ValueError):
        width = np.array(np.nan)
    if width.shape not in ((), low.shape) or not np.all((width > 0) & np.isfinite(width)):
        raise ValueError(
            f"HistogramDensity: bin_width must be a positive number or {len(low)} of them, got {bin_width!r}."
        )
    edges = []
    for j, h in enumerate(np.broadcast_to(width, low.shape)):
        first, last = np.floor((low[j] - origin) / h), np.floor((high[j] - origin) / h) + 1
        _refuse_too_many(last - first, j)
        # rounding may leave the smallest value below the first edge, or the largest beyond the last
        first -= low[j] < origin + first * h
        last += high[j] >= origin + last * h
        edge = origin + np.arange(first, last + 1) * h
        if np.any(np.diff(edge) <= 0):
            raise ValueError(
                f"HistogramDensity: bin_width {h:g} is below the spacing of floating-point numbers near "
                f"column {j}'s values."
            )
        edges.append(edge)
    return edges


def _refuse_too_many(n_bins: float, column: int) -> None:
    """Raise a ValueError if a column needs more bins than allowed."""
    if not n_bins <= _MOST_BINS:
        raise ValueError(
            f"HistogramDensity: column {column} would need {n_bins:.3g} bins (at most {_MOST_BINS}): "
            "its range is huge against the width. Remove outliers, transform it, or choose wider bins."
        )
