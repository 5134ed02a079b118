"""Cells of the unit box with sharp bounds of a series on each, for exact draws by rejection."""

import numpy as np

from genrates.estimators.series._projection import monotone_nodes

_MIN_CELLS = {1: 2048, 2: 320, 3: 64}


def sampling_cells(basis, theta: np.ndarray):
    """Return cells of the unit box, and bounds of the series on each.

    Parameters
    ----------
    basis : type
        One of the classes in `BASES`.
    theta : ndarray of shape (M,) * d
        Coefficients of the series.

    Returns
    -------
    corner : ndarray of shape (n_cells, d)
        Lowest corner of each cell.
    size : ndarray of shape (n_cells, d)
        Edge lengths of each cell.
    lower : ndarray of shape (n_cells,)
        Lower bounds of the series.
    upper : ndarray of shape (n_cells,)
        Upper bounds of the series.
    """
    if theta.ndim == 1:
        return _monotone_cells(basis, theta)
    cells = max(_MIN_CELLS[theta.ndim], 4 * len(theta))
    values, slack = center_values(basis, theta, cells)
    corner = np.indices((cells,) * theta.ndim).reshape(theta.ndim, -1).T / cells
    return corner, np.full_like(corner, 1 / cells), values - slack, values + slack


def _monotone_cells(basis, theta):
    """Return cells in one dimension on which the series is monotone, so that its ends bound it."""
    nodes = monotone_nodes(basis, theta)
    nodes = np.union1d(nodes, np.linspace(0, 1, _MIN_CELLS[1] + 1))
    ends = basis.value(theta, nodes)
    lower, upper = np.minimum(ends[1:], ends[:-1]), np.maximum(ends[1:], ends[:-1])
    return nodes[:-1, None], np.diff(nodes)[:, None], lower, upper


def center_values(basis, theta: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the series at the centers of a grid's cells, and how much it can change within each.

    The second value follows from Taylor's theorem: half an edge times the slopes at the center, plus a bound
    of the second derivatives that holds everywhere.

    Parameters
    ----------
    basis : type
        One of the classes in `BASES`.
    theta : ndarray of shape (M,) * d
        Coefficients of the series.
    cells : int
        Number of cells in each dimension.

    Returns
    -------
    values : ndarray of shape (cells^d,)
        The series at the centers.
    slack : ndarray of shape (cells^d,)
        Largest change from the center.
    """
    d, n_terms = theta.ndim, len(theta)
    position, half = (np.arange(cells) + 0.5) / cells, 0.5 / cells
    value, slope = basis.matrix(position, n_terms), basis.slopes(position, n_terms)
    bounds = [basis.max_value(n_terms), basis.max_slope(n_terms), basis.max_curvature(n_terms)]
    change = sum(
        np.abs(_product(theta, [slope if j == axis else value for j in range(d)])) for axis in range(d)
    )
    curvature = 0.0
    for first in range(d):
        for second in range(d):
            orders = [(j == first) + (j == second) for j in range(d)]
            curvature += float(_product(np.abs(theta), [bounds[order][None] for order in orders]).item())
    return _product(theta, [value] * d).ravel(), half * change.ravel() + 0.5 * half**2 * curvature


def _product(theta, matrices):
    """Return the sum of theta times one row of each matrix, for all combinations of rows."""
    for matrix in matrices:  # each product moves the first axis to the end
        theta = np.tensordot(theta, matrix, axes=(0, 1))
    return theta
