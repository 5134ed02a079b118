"""Cells of a rectangular grid: the cell of each row, and the weight of each occupied cell."""

import numpy as np

# Up to this many cells (8 MiB of heights) a histogram stores all of them, else only the occupied ones.
DENSE_LIMIT = 2**20
_BLOCK = 16_384


def bin_index(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the index of the bin of each value, among bins of equal width.

    Bins are [edge, next edge); the last one is closed. The rounding is that of :func:`numpy.histogram`:
    arithmetic first, then a correction by the edges themselves.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Values.
    edges : ndarray of shape (n_bins + 1,)
        Increasing, equally spaced.

    Returns
    -------
    ndarray of int, shape (n,)
        Bin indices; -1 outside the edges.
    """
    n_bins = len(edges) - 1
    low, high = edges[0], edges[-1]
    inside = (x >= low) & (x <= high)
    scaled = np.where(inside, x, low)
    scaled -= low
    scaled *= n_bins / (high - low)
    index = scaled.astype(np.int64)
    np.minimum(index, n_bins - 1, out=index)
    index -= x < edges.take(index, mode="clip")
    index += (x >= edges[1:].take(index, mode="clip")) & (index != n_bins - 1)
    index[~inside] = -1
    return index


def cell_index(X: np.ndarray, edges: list[np.ndarray]) -> np.ndarray:
    """Return the cell of each row.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Points.
    edges : list of n_features ndarrays
        Edges of the bins of each column.

    Returns
    -------
    ndarray of int, shape (n, n_features)
        Bin index in each column; -1 in each column where the row lies outside the grid.
    """
    cells = np.empty(X.shape, dtype=np.int64)
    for start in range(0, len(X), _BLOCK):  # blocks stay in the cache
        for j, edge in enumerate(edges):
            cells[start : start + _BLOCK, j] = bin_index(X[start : start + _BLOCK, j], edge)
    return cells


def flat_index(cells: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the row-major number of each cell.

    Parameters
    ----------
    cells : ndarray of int, shape (n, n_features)
        Indices of the cells.
    shape : tuple of int
        Number of bins of each column; the product must fit into 63 bits.

    Returns
    -------
    ndarray of int, shape (n,)
        Numbers of the cells.
    """
    flat = cells[:, 0].astype(np.int64)
    for j in range(1, len(shape)):
        flat *= shape[j]
        flat += cells[:, j]
    return flat


def cell_number(cells: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, int]:
    """Assign numbers to the occupied cells, in lexicographic order.

    A grid with more cells than an int64 can count is numbered one column after the other. Then no number
    exceeds (occupied cells) x (bins of one column).

    Parameters
    ----------
    cells : ndarray of int, shape (n, n_features)
        Cell of each row.
    shape : tuple of int
        Number of bins of each column.

    Returns
    -------
    number : ndarray of int, shape (n,)
        Number of each row's cell.
    first : ndarray of int, shape (m,)
        First row of each number.
    m : int
        Number of occupied cells.
    """
    number = np.zeros(len(cells), dtype=np.int64)
    size = 1  # invariant: number < size
    for j, n_bins in enumerate(shape):
        if size > np.iinfo(np.int64).max // n_bins:
            found, number = np.unique(number, return_inverse=True)
            size = len(found)
        number = number * n_bins + cells[:, j]
        size *= n_bins
    _, first, number = np.unique(number, return_index=True, return_inverse=True)
    return number, first, len(first)


def occupied(
    cells: np.ndarray, shape: tuple[int, ...], weight: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the occupied cells and their weights.

    Parameters
    ----------
    cells : ndarray of int, shape (n, n_features)
        Cell of each row.
    shape : tuple of int
        Number of bins of each column.
    weight : ndarray of shape (n,) or None
        Positive weights; None gives all rows weight 1.

    Returns
    -------
    occupied_cells : ndarray of int, shape (m, n_features)
        Occupied cells in lexicographic order.
    cell_weights : ndarray of shape (m,)
        Total weight of each of them.
    """
    number, first, m = cell_number(cells, shape)
    return cells[first], np.bincount(number, weights=weight, minlength=m)


def find_cells(wanted: np.ndarray, stored: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the position of each wanted cell among the stored cells.

    Parameters
    ----------
    wanted : ndarray of int, shape (n, n_features)
        Cells to look up.
    stored : ndarray of int, shape (m, n_features)
        Distinct cells in lexicographic order.
    shape : tuple of int
        Number of bins of each column.

    Returns
    -------
    ndarray of int, shape (n,)
        Positions; -1 for a cell that is not stored.
    """
    both = np.concatenate([stored, wanted])
    number, first, _ = cell_number(both, shape)
    # np.unique reports first occurrences, and the stored cells come before the wanted ones
    position = first[number[len(stored) :]]
    return np.where(position < len(stored), position, -1)
