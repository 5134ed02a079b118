"""A plane through the data: principal components, and the exact density around it."""

import numpy as np

_LOG_2PI = float(np.log(2 * np.pi))


def principal_plane(X: np.ndarray, weight: np.ndarray | None, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (d,) and the k directions (k, d) of largest variance; O(n d min(n, d)).

    A direction's largest entry is positive, so that equal data give equal coordinates. There are never more
    directions than rows less one.

    >>> mean, directions = principal_plane(np.array([[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]]), None, 1)
    >>> mean, directions.round(3)
    (array([2., 2.]), array([[0.707, 0.707]]))
    """
    n, d = X.shape
    w = np.full(n, 1 / n) if weight is None else weight / weight.sum()
    mean = w @ X
    centered = X - mean
    if n > d:
        values, vectors = np.linalg.eigh((centered * w[:, None]).T @ centered)
        directions = vectors.T[np.argsort(-values, kind="stable")]
    else:
        directions = np.linalg.svd(centered * np.sqrt(w)[:, None], full_matrices=False)[2]
    directions = directions[: min(k, max(np.count_nonzero(w) - 1, 1))]
    largest = np.argmax(np.abs(directions), axis=1)
    return mean, directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]


class Plane:
    """The map between d dimensions and the coordinates of a plane; orthonormal, so volumes are kept."""

    def __init__(self, mean: np.ndarray, directions: np.ndarray, noise: float):
        self.mean, self.directions, self.noise = mean, directions, noise

    def encode(self, X: np.ndarray) -> np.ndarray:
        return (X - self.mean) @ self.directions.T

    def decode(self, Z: np.ndarray) -> np.ndarray:
        return self.mean + Z @ self.directions

    def draw_around(self, means: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Add the noise, which has no part along the plane."""
        noise = rng.standard_normal(means.shape)
        noise -= (noise @ self.directions.T) @ self.directions
        return means + self.noise * noise

    def log_density(self, X: np.ndarray, latent) -> np.ndarray:
        """log p(z) + log N(residual; 0, noise^2 I) over the d - k directions across the plane."""
        k, d = self.directions.shape
        Z = self.encode(X)
        along = latent.score_samples(Z)
        if d == k:
            return along
        with np.errstate(over="ignore"):
            squares = np.sum(((X - self.decode(Z)) / self.noise) ** 2, axis=1)
        return along - 0.5 * squares - (d - k) * (np.log(self.noise) + 0.5 * _LOG_2PI)
