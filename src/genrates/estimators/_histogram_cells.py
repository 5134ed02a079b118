"""Which cell of a rectangular grid each row falls into, and how much weight each occupied cell holds."""

import numpy as np

# A histogram keeps all its cells up to this many (8 MiB of heights); beyond, the occupied ones alone.
DENSE_LIMIT = 2**20


def bin_index(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Index of the bin of each x among equal bins, shape (n,); -1 outside.

    Bins are [edge, next edge), the last one closed, as in :func:`numpy.histogram`, whose rounding
    (arithmetic first, then a correction by the edges themselves) is followed exactly.
    """
    n_bins = len(edges) - 1
    inside = (x >= edges[0]) & (x <= edges[-1])
    scaled = np.where(inside, (x - edges[0]) * (n_bins / (edges[-1] - edges[0])), 0.0)
    index = np.minimum(scaled.astype(np.int64), n_bins - 1)
    index -= x < edges[index]
    index += (x >= edges[index + 1]) & (index != n_bins - 1)
    return np.where(inside, index, -1)


def cell_index(X: np.ndarray, edges: list[np.ndarray]) -> np.ndarray:
    """Cell of each row, shape (n, n_features); rows outside the grid have a -1 somewhere."""
    return np.column_stack([bin_index(X[:, j], e) for j, e in enumerate(edges)])


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
