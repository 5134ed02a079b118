"""Quadrature rules: panels with breakpoints in one dimension, grids and Sobol points in more."""

import numpy as np

_SHIFT_SEED = 1967
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


def gauss_legendre_on(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the four-point Gauss-Legendre rule on each panel between edges.

    Parameters
    ----------
    edges : ndarray of shape (m + 1,)
        Increasing.

    Returns
    -------
    nodes, weights : ndarray of shape (4 * m,)

    Examples
    --------
    >>> x, w = gauss_legendre_on(np.array([0.0, 1.0, 10.0]))
    >>> float(round(w @ x, 9)), len(x)
    (50.0, 8)
    """
    half = np.diff(edges)[:, None] / 2
    middle = edges[:-1, None] + half
    return (middle + half * _NODES).ravel(), (half * _WEIGHTS).ravel()


def with_breakpoints(edges: np.ndarray, breakpoints: np.ndarray) -> np.ndarray:
    """Return panel edges with an additional edge at every breakpoint strictly inside.

    Parameters
    ----------
    edges : ndarray of shape (m + 1,)
        Increasing.
    breakpoints : ndarray of shape (k,)

    Returns
    -------
    ndarray
        Increasing.

    Examples
    --------
    >>> with_breakpoints(np.array([0.0, 1.0]), np.array([0.5, 2.0]))
    array([0. , 0.5, 1. ])
    """
    inside = breakpoints[(breakpoints > edges[0]) & (breakpoints < edges[-1])]
    return np.unique(np.concatenate([edges, inside]))


def composite_gauss_legendre(
    low: float, high: float, n_panels: int, breakpoints: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the composite four-point Gauss-Legendre rule on [low, high].

    The interval is divided into equal panels and also at every breakpoint inside it. So a function that is
    smooth between breakpoints is integrated with high order.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    n_panels : int
        Number of equal panels.
    breakpoints : ndarray of shape (k,)

    Returns
    -------
    nodes, weights : ndarray of shape (4 * number of panels,)

    Examples
    --------
    >>> x, w = composite_gauss_legendre(0.0, 1.0, 8, np.array([1 / 3]))
    >>> float(round(w @ (x > 1 / 3), 12))
    0.666666666667
    """
    return gauss_legendre_on(with_breakpoints(np.linspace(low, high, n_panels + 1), breakpoints))


def graded_edges(low: float, high: float, n_panels: int, center: float, scale: float) -> np.ndarray:
    """Return edges of panels that are fine near `center` and grow with the distance from it.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    n_panels : int
    center : float
    scale : float
        Distance from the center beyond which the width of a panel is proportional to its distance.

    Returns
    -------
    ndarray of shape (n_panels + 1,)

    Examples
    --------
    >>> graded_edges(-1.0, 1.0, 2, 0.0, 0.1)
    array([-1.,  0.,  1.])
    """
    u = np.linspace(np.arcsinh((low - center) / scale), np.arcsinh((high - center) / scale), n_panels + 1)
    edges = center + scale * np.sinh(u)
    edges[[0, -1]] = low, high
    return edges


def refined_edges(edges: np.ndarray, points: tuple[float, ...], levels: int = 12) -> np.ndarray:
    """Return edges with additional panels that halve `levels` times towards each of `points`.

    Parameters
    ----------
    edges : ndarray of shape (m + 1,)
        Increasing; the first panel sets the scale.
    points : tuple of float
        Points to refine at, such as singularities.
    levels : int, default=12

    Returns
    -------
    ndarray
        Increasing.
    """
    steps = (edges[1] - edges[0]) * 0.5 ** np.arange(levels)
    near = [p + side * steps for p in points for side in (-1, 1)]
    return with_breakpoints(edges, np.concatenate([*near, np.asarray(points)]))


def midpoint_grid(low: np.ndarray, high: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the midpoint rule on n x n equal cells of a box in the plane.

    For a smooth density that vanishes at the edge of the box it converges exponentially.

    Parameters
    ----------
    low, high : ndarray of shape (2,)
        Corners of the box.
    n : int
        Cells per side.

    Returns
    -------
    nodes : ndarray of shape (n * n, 2)
        Centers of the cells.
    weights : ndarray of shape (n * n,)
        Areas of the cells.
    """
    x, y = (a + (np.arange(n) + 0.5) * (b - a) / n for a, b in zip(low, high, strict=True))
    nodes = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return nodes, np.full(n * n, float(np.prod((high - low) / n)))


def sobol(n: int, d: int) -> np.ndarray:
    """Return points of a Sobol sequence in the unit cube, with a fixed shift.

    They fill the cube evenly. Integrals have errors near 1/n, instead of 1/sqrt(n) with independent points.

    Parameters
    ----------
    n : int
        Number of points; powers of 2 are best.
    d : int
        Dimension.

    Returns
    -------
    ndarray of shape (n, d)

    Examples
    --------
    >>> float(abs(sobol(1024, 2).mean() - 0.5)) < 1e-3
    True
    """
    from scipy.stats import qmc  # here, since it is slow to import and only needed from three dimensions on

    points = qmc.Sobol(d, scramble=False).random_base2(max(1, int(np.ceil(np.log2(n)))))[:n]
    return (points + np.random.default_rng(_SHIFT_SEED).random(d)) % 1.0
