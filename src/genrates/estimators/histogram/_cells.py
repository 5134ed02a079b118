"""Which cell of a rectangular grid each row falls into, and how much weight each occupied cell holds."""

import numpy as np

# A histogram keeps all its cells up to this many (8 MiB of heights); beyond, the occupied ones alone.
DENSE_LIMIT = 2**20
_BLOCK = 16_384


def bin_index(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Index of the bin of each x among equal bins, shape (n,); -1 outside.

    Bins are [edge, next edge), the last one closed, as in :func:`numpy.histogram`, whose rounding
    (arithmetic first, then a correction by the edges themselves) is followed exactly.
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
    """Cell of each row, shape (n, n_features); rows outside the grid have a -1 somewhere."""
    cells = np.empty(X.shape, dtype=np.int64)
    for start in range(0, len(X), _BLOCK):  # blocks stay in the cache
        for j, edge in enumerate(edges):
            cells[start : start + _BLOCK, j] = bin_index(X[start : start + _BLOCK, j], edge)
    return cells


def flat_index(cells: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Row-major number of each cell, shape (n,). The shape's product must fit 63 bits."""
    flat = cells[:, 0].astype(np.int64)
    for j in range(1, len(shape)):
        flat *= shape[j]
        flat += cells[:, j]
    return flat


def cell_number(cells: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, int]:
    """Number the occupied cells in lexicographic order.

    Returns the number of each row's cell (n,), a representative row of each number (m,), and m. A grid
    with more cells than an int64 counts is numbered one column after the other, so that no number ever
    exceeds (occupied cells) x (bins of one column).
    """
    number = np.zeros(len(cells), dtype=np.int64)
    size = 1  # number < size always
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
    """The occupied cells (m, n_features) in lexicographic order, and their weight (m,)."""
    number, first, m = cell_number(cells, shape)
    return cells[first], np.bincount(number, weights=weight, minlength=m)


def find_cells(wanted: np.ndarray, stored: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Position of each wanted cell among the stored ones (lexicographically ordered); -1 if absent."""
    both = np.concatenate([stored, wanted])
    number, first, _ = cell_number(both, shape)
    # np.unique reports first occurrences, and the stored cells come first
    position = first[number[len(stored) :]]
    return np.where(position < len(stored), position, -1)
