"""Condensing of sorted points in one dimension: a Gauss rule takes the place of each run of neighbors."""

import numpy as np

_TAIL_DIVISOR = 8  # a cell holds at most 1/8 of the points between it and the nearer end


def condensed(x: np.ndarray, weight: np.ndarray, n_cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Return fewer points and weights with the same sums of smooth functions.

    The points are cut into about `n_cells` cells of equally many points, with fewer points a cell towards
    both ends. In each cell three points replace all others: the nodes of the Gauss rule of the cell's own
    points. The sum of every polynomial up to the fifth degree stays the same. So the sum of a smooth function
    changes by the sixth power of the cell's width over the function's scale. Cells with few points, or with a
    very uneven density, keep their points.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Sorted, distinct points.
    weight : ndarray of shape (n,)
        Positive weights.
    n_cells : int
        Approximate number of cells.

    Returns
    -------
    points : ndarray of shape (m,)
        Sorted points.
    weights : ndarray of shape (m,)
        Their weights, with the same sum as `weight`.

    References
    ----------
    Golub and Welsch (1969), Math. Comp. 23, 221.

    Examples
    --------
    >>> x = np.sort(np.random.default_rng(0).standard_normal(100_000))
    >>> points, weights = condensed(x, np.ones(len(x)), 256)
    >>> len(points) < 1500
    True
    >>> bool(abs(weights @ np.cos(3 * points) - np.cos(3 * x).sum()) < 1e-6)
    True
    """
    start, count, smooth = _even_cells(x, _cell_starts(len(x), n_cells))
    if not smooth.any():
        return x, weight
    kept = np.repeat(~smooth, count)
    points, weights = _gauss(x, weight, start, count, smooth)
    points, weights = np.append(points, x[kept]), np.append(weights, weight[kept])
    order = np.argsort(points, kind="stable")
    return points[order], weights[order]


def _cell_starts(n: int, n_cells: int) -> np.ndarray:
    """Return the index of each cell's first point; sizes grow from both ends to n / n_cells."""
    largest = max(n // n_cells, 1)
    tail_starts = [0]
    while (size := max(tail_starts[-1] // _TAIL_DIVISOR, 1)) < largest and tail_starts[-1] + size < n // 2:
        tail_starts.append(tail_starts[-1] + size)
    first, last = tail_starts[-1], n - tail_starts[-1]
    middle = np.linspace(first, last, max((last - first) // largest, 1) + 1).astype(np.int64)
    return np.unique(
        np.concatenate([tail_starts, middle[:-1], n - np.array(tail_starts[1:], dtype=np.int64)])
    )


def _even_cells(x: np.ndarray, start: np.ndarray):
    """Halve cells until the density in each is about even.

    A Gauss rule across a valley between two narrow peaks would put points where there are none.

    Returns
    -------
    start : ndarray of int, shape (m,)
        Index of each cell's first point.
    count : ndarray of int, shape (m,)
        Number of points of each cell.
    smooth : ndarray of bool, shape (m,)
        Whether the density is about even; False for cells of few points.
    """
    count = np.diff(np.append(start, len(x)))
    found = []
    while len(start):
        quarters = x[start[:, None] + np.arange(5) * (count[:, None] - 1) // 4]
        width = np.diff(quarters, axis=1)
        small = count <= 4
        uneven = 2 + 8 / np.sqrt(count)  # the second term allows for chance
        smooth = ~small & (width.max(axis=1) <= uneven * width.min(axis=1))
        found.append((start[small | smooth], count[small | smooth], smooth[small | smooth]))
        start, count = start[~(small | smooth)], count[~(small | smooth)]
        half = count // 2
        start, count = np.concatenate([start, start + half]), np.concatenate([half, count - half])
    start, count, smooth = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(start)
    return start[order], count[order], smooth[order]


def _gauss(x, weight, start, count, smooth):
    """Return three-point Gauss rules of the smooth cells, by Stieltjes' recurrence (Gautschi 2004)."""
    rows = np.repeat(smooth, count)
    x, weight, count = x[rows], weight[rows], count[smooth]
    start = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64)
    total = np.add.reduceat(weight, start)
    center = np.add.reduceat(weight * x, start) / total
    scale = 0.5 * (x[start + count - 1] - x[start])
    z = (x - np.repeat(center, count)) / np.repeat(scale, count)
    mean = lambda values: np.add.reduceat(values, start) / total  # noqa: E731
    w1 = weight * z
    square = mean(w1 * z)  # beta_1
    a1 = mean(w1 * z * z) / square
    p2 = (z - np.repeat(a1, count)) * z - np.repeat(square, count)
    w2 = weight * p2 * p2
    norm = mean(w2)
    a2, b2 = mean(w2 * z) / norm, norm / square
    jacobi = np.zeros((len(count), 3, 3))
    jacobi[:, 1, 1], jacobi[:, 2, 2] = a1, a2
    jacobi[:, 0, 1] = jacobi[:, 1, 0] = np.sqrt(square)
    jacobi[:, 1, 2] = jacobi[:, 2, 1] = np.sqrt(b2)
    node, vector = np.linalg.eigh(jacobi)
    points = center[:, None] + scale[:, None] * node
    return points.ravel(), (total[:, None] * vector[:, 0, :] ** 2).ravel()
