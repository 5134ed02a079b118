"""Cells of the unit box with sharp bounds of a series on each: what exact draws by rejection need."""

import numpy as np

from genrates.estimators.series._projection import monotone_nodes

_FEWEST = {1: 2048, 2: 320, 3: 64}


def sampling_cells(basis, theta: np.ndarray):
    """Corners (m, d), edges (m, d) and bounds (m,), (m,) of the series with coefficients theta, M^d."""
    if theta.ndim == 1:
        return _monotone_cells(basis, theta)
    cells = max(_FEWEST[theta.ndim], 4 * len(theta))
    values, slack = centers(basis, theta, cells)
    corner = np.indices((cells,) * theta.ndim).reshape(theta.ndim, -1).T / cells
    return corner, np.full_like(corner, 1 / cells), values - slack, values + slack


def _monotone_cells(basis, theta):
    """Where the series is monotone its ends bound it."""
    nodes = monotone_nodes(basis, theta)
    nodes = np.union1d(nodes, np.linspace(0, 1, _FEWEST[1] + 1))
    ends = basis.value(theta, nodes)
    lower, upper = np.minimum(ends[1:], ends[:-1]), np.maximum(ends[1:], ends[:-1])
    return nodes[:-1, None], np.diff(nodes)[:, None], lower, upper


def centers(basis, theta: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """The series at the centers of a grid's cells, and how far it can stray within each, both flat.

    Taylor: half an edge times the slopes at the center, and a bound of the second derivatives that holds
    everywhere.
    """
    d, n_terms = theta.ndim, len(theta)
    place, half = (np.arange(cells) + 0.5) / cells, 0.5 / cells
    plain, slope = basis.matrix(place, n_terms), basis.slopes(place, n_terms)
    sup = [basis.largest(n_terms), basis.steepest(n_terms), basis.most_bent(n_terms)]
    stray = sum(
        np.abs(_product(theta, [slope if j == axis else plain for j in range(d)])) for axis in range(d)
    )
    bent = 0.0
    for one in range(d):
        for two in range(d):
            orders = [(j == one) + (j == two) for j in range(d)]
            bent += float(_product(np.abs(theta), [sup[order][None] for order in orders]).item())
    return _product(theta, [plain] * d).ravel(), half * stray.ravel() + 0.5 * half**2 * bent


def _product(theta, matrices):
    """The sum over all indices of theta times one row of each matrix, for all combinations of rows."""
    for matrix in matrices:  # each product sends the first axis to the end
        theta = np.tensordot(theta, matrix, axes=(0, 1))
    return theta
