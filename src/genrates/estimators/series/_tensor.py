"""Series in one to three dimensions: coefficients, values at points and on grids, and the truncation risk."""

import numpy as np

_CHUNK = 8192
_PROJECTION_CELLS = {2: 256, 3: 64}


def tensor_coefficients(basis, U, weight, n_terms: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted means of the product functions and of their squares.

    In one dimension the basis has its own, faster method. Otherwise O(n M^d), by matrix products over chunks
    of rows.

    Parameters
    ----------
    basis : type
        One of the classes in `BASES`.
    U : ndarray of shape (n, d)
        Points of the unit box.
    weight : ndarray of shape (n,) or None
        Weights of the points; None weighs all equally.
    n_terms : int
        Number of basis functions per dimension.

    Returns
    -------
    means : ndarray of shape (n_terms,) * d
        Weighted means.
    squares : ndarray of shape (n_terms,) * d
        Weighted means of the squares.
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
    """Return the leave-one-out empirical risk of the series with 1, 2, ... functions per dimension.

    Parameters
    ----------
    means : ndarray of shape (n_terms,) * d
        Weighted means of the product functions.
    squares : ndarray of shape (n_terms,) * d
        Weighted means of their squares.
    size : float
        Effective number of points.

    Returns
    -------
    ndarray of shape (n_terms,)
        Risks for M = 1, 2, ..., n_terms; a single 0 if `size` is at most 1.
    """
    if size <= 1:
        return np.zeros(1)
    term = means**2 - 2 * (size * means**2 - squares) / (size - 1)
    last_index = np.max(np.indices(means.shape), axis=0)  # the smallest M with this term is last_index + 1
    return np.cumsum(np.bincount(last_index.ravel(), weights=term.ravel()))


def tensor_value(basis, theta: np.ndarray, U: np.ndarray) -> np.ndarray:
    """Return the series at points of the unit box, computed in chunks of rows.

    Parameters
    ----------
    basis : type
        One of the classes in `BASES`.
    theta : ndarray of shape (M,) * d
        Coefficients of the series.
    U : ndarray of shape (n, d)
        Points of the unit box.

    Returns
    -------
    ndarray of shape (n,)
        Values of the series.
    """
    d, n_terms = U.shape[1], len(theta)
    out = np.empty(len(U))
    for start in range(0, len(U), _CHUNK):
        rows = slice(start, start + _CHUNK)
        factors = [basis.matrix(U[rows, j], n_terms) for j in range(d)]
        # the first product is the largest; a plain matrix product does it
        part = (factors[0] @ theta.reshape(n_terms, -1)).reshape((-1,) + (n_terms,) * (d - 1))
        for factor in factors[1:]:
            part = np.einsum("na...,na->n...", part, factor)
        out[rows] = part
    return out


def grid_values(basis, theta: np.ndarray, cells: int) -> np.ndarray:
    """Return the series at the centers of a grid of equal cells.

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
    ndarray of shape (cells,) * d
        Values of the series.
    """
    matrix = basis.matrix((np.arange(cells) + 0.5) / cells, len(theta))
    for _ in range(theta.ndim):  # each product moves the first axis to the end
        theta = np.tensordot(theta, matrix, axes=(0, 1))
    return theta


def project_on_grid(basis, theta: np.ndarray, floor: float) -> float:
    """Return the level c at which (f - c)_+ has mean 1 - floor over a grid.

    This is a projection on a simplex.

    Parameters
    ----------
    basis : type
        One of the classes in `BASES`.
    theta : ndarray of shape (M,) * d
        Coefficients of the series.
    floor : float
        The floor of the density.

    Returns
    -------
    float
        The level c >= 0.
    """
    cells = max(_PROJECTION_CELLS[theta.ndim], 4 * len(theta))
    values = np.sort(grid_values(basis, theta, cells).ravel())[::-1]
    level = (np.cumsum(values) - (1 - floor) * values.size) / np.arange(1, values.size + 1)
    return max(float(level[np.flatnonzero(values > level)[-1]]), 0.0)
