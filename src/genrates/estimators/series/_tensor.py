"""Series in one to three dimensions: coefficients, sums on points and grids, and the risk of truncation."""

import numpy as np

_CHUNK = 8192
_PROJECTION_CELLS = {2: 256, 3: 64}


def tensor_coefficients(basis, U, weight, n_terms: int) -> tuple[np.ndarray, np.ndarray]:
    """Weighted means of the product functions and of their squares, each of shape (n_terms,) * d.

    O(n M^d) in chunks of rows, by matrix products; in one dimension the basis has its own, faster way.
    """
    n, d = U.shape
    if d == 1:
        return basis.coefficients(U[:, 0], weight, n_terms)
    w = np.full(n, 1 / n) if weight is None else weight / weight.sum()
    means = np.zeros((n_terms, n_terms ** (d - 1)))
    squares = np.zeros_like(means)
    for start in range(0, n, _CHUNK):
        rows = slice(start, start + _CHUNK)
        first, *others = (basis.matrix(U[rows, j], n_terms) for j in range(d))
        rest = others[0]
        for other in others[1:]:
            rest = (rest[:, :, None] * other[:, None, :]).reshape(len(rest), -1)
        weighted = first * w[rows, None]
        means += weighted.T @ rest
        squares += (weighted * first).T @ (rest * rest)
    shape = (n_terms,) * d
    return means.reshape(shape), squares.reshape(shape)


def truncation_risk(means: np.ndarray, squares: np.ndarray, size: float) -> np.ndarray:
    """Leave-one-out empirical risk of the series with M = 1, 2, ... functions per dimension."""
    if size <= 1:
        return np.zeros(1)
    term = means**2 - 2 * (size * means**2 - squares) / (size - 1)
    shell = np.max(np.indices(means.shape), axis=0)  # the first M that has this term is shell + 1
    return np.cumsum(np.bincount(shell.ravel(), weights=term.ravel()))


def tensor_value(basis, theta: np.ndarray, U: np.ndarray) -> np.ndarray:
    """The series at points of the unit box, shape (m,), in chunks of rows."""
    d, n_terms = U.shape[1], len(theta)
    out = np.empty(len(U))
    for start in range(0, len(U), _CHUNK):
        rows = slice(start, start + _CHUNK)
        factors = [basis.matrix(U[rows, j], n_terms) for j in range(d)]
        # the first product is the costly one and a plain matrix product
        part = (factors[0] @ theta.reshape(n_terms, -1)).reshape((-1,) + (n_terms,) * (d - 1))
        for factor in factors[1:]:
            part = np.einsum("na...,na->n...", part, factor)
        out[rows] = part
    return out


def grid_values(basis, theta: np.ndarray, cells: int) -> np.ndarray:
    """The series at the centers of a grid, shape (cells,) * d."""
    matrix = basis.matrix((np.arange(cells) + 0.5) / cells, len(theta))
    for _ in range(theta.ndim):  # each product sends the first axis to the end
        theta = np.tensordot(theta, matrix, axes=(0, 1))
    return theta


def project_on_grid(basis, theta: np.ndarray, floor: float) -> float:
    """The level c at which (f - c)_+ has mean 1 - floor over a grid: a projection on a simplex."""
    cells = max(_PROJECTION_CELLS[theta.ndim], 4 * len(theta))
    values = np.sort(grid_values(basis, theta, cells).ravel())[::-1]
    level = (np.cumsum(values) - (1 - floor) * values.size) / np.arange(1, values.size + 1)
    return max(float(level[np.flatnonzero(values > level)[-1]]), 0.0)
