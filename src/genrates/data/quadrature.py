"""Integration in one dimension that knows where its integrand jumps."""

import numpy as np

_SHIFT_SEED = 1967
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


def gauss_legendre_on(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the four-point Gauss-Legendre rule on each panel between increasing edges.

    >>> x, w = gauss_legendre_on(np.array([0.0, 1.0, 10.0]))
    >>> float(round(w @ x, 9)), len(x)
    (50.0, 8)
    """
    half = np.diff(edges)[:, None] / 2
    middle = edges[:-1, None] + half
    return (middle + half * _NODES).ravel(), (half * _WEIGHTS).ravel()


def with_breakpoints(edges: np.ndarray, breakpoints: np.ndarray) -> np.ndarray:
    """Panel edges, further cut at every breakpoint strictly inside them.

    >>> with_breakpoints(np.array([0.0, 1.0]), np.array([0.5, 2.0]))
    array([0. , 0.5, 1. ])
    """
    inside = breakpoints[(breakpoints > edges[0]) & (breakpoints < edges[-1])]
    return np.unique(np.concatenate([edges, inside]))


def composite_gauss_legendre(
    low: float, high: float, n_panels: int, breakpoints: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the composite four-point Gauss-Legendre rule on [low, high].

    The interval is cut into `n_panels` equal panels and, further, at every breakpoint inside it, so that
    a function that is smooth between breakpoints is integrated to high order.

    >>> x, w = composite_gauss_legendre(0.0, 1.0, 8, np.array([1 / 3]))
    >>> float(round(w @ (x > 1 / 3), 12))
    0.666666666667
    """
    return gauss_legendre_on(with_breakpoints(np.linspace(low, high, n_panels + 1), breakpoints))


def graded_edges(low: float, high: float, n_panels: int, center: float, scale: float) -> np.ndarray:
    """Edges of panels that are fine near `center` and grow in proportion to the distance beyond `scale`.

    >>> graded_edges(-1.0, 1.0, 2, 0.0, 0.1)
    array([-1.,  0.,  1.])
    """
    u = np.linspace(np.arcsinh((low - center) / scale), np.arcsinh((high - center) / scale), n_panels + 1)
    edges = center + scale * np.sinh(u)
    edges[[0, -1]] = low, high
    return edges


def refined_edges(edges: np.ndarray, points: tuple[float, ...], levels: int = 12) -> np.ndarray:
    """Edges with panels that halve `levels` times towards each of `points`: singularities, say."""
    steps = (edges[1] - edges[0]) * 0.5 ** np.arange(levels)
    near = [p + side * steps for p in points for side in (-1, 1)]
    return with_breakpoints(edges, np.concatenate([*near, np.asarray(points)]))


def midpoint_grid(low: np.ndarray, high: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Centers (n * n, 2) of n x n equal cells of a box in the plane, and their areas.

    For a smooth density that vanishes at the box's edge the midpoint rule converges exponentially.
    """
    x, y = (a + (np.arange(n) + 0.5) * (b - a) / n for a, b in zip(low, high, strict=True))
    nodes = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return nodes, np.full(n * n, float(np.prod((high - low) / n)))


def sobol(n: int, d: int) -> np.ndarray:
    """N points of the unit cube, shape (n, d): a Sobol sequence with a fixed shift; best for powers of 2.

    They fill the cube evenly: errors near 1/n where independent points have 1/sqrt(n).

    >>> float(abs(sobol(1024, 2).mean() - 0.5)) < 1e-3
    True
    """
    from scipy.stats import qmc  # takes its time to import, and is asked for from three dimensions on only

    points = qmc.Sobol(d, scramble=False).random_base2(max(1, int(np.ceil(np.log2(n)))))[:n]
    return (points + np.random.default_rng(_SHIFT_SEED).random(d)) % 1.0
