"""Plane through the data by principal components, and the exact density around it."""

import numpy as np

from genrates.estimators._numerics.spread import power_of_two

_LOG_2PI = float(np.log(2 * np.pi))


def principal_plane(X: np.ndarray, weight: np.ndarray | None, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the k directions of largest variance; O(n d min(n, d)).

    The largest entry of each direction is positive, so that equal data give equal coordinates. There are at
    most as many directions as rows minus one.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Training set.
    weight : ndarray of shape (n,) or None
        Weights of the rows; None weighs all equally.
    k : int
        Number of directions.

    Returns
    -------
    mean : ndarray of shape (d,)
        Weighted mean.
    directions : ndarray of shape (k, d)
        Orthonormal rows; fewer than k if there are few training points.

    Examples
    --------
    >>> mean, directions = principal_plane(np.array([[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]]), None, 1)
    >>> mean, directions.round(3)
    (array([2., 2.]), array([[0.707, 0.707]]))
    """
    n, d = X.shape
    w = np.full(n, 1 / n) if weight is None else weight / weight.sum()
    mean = w @ X
    centered = X - mean
    # a common unit before anything is squared; it changes no direction
    centered /= power_of_two(centered).max()
    if n > d:
        values, vectors = np.linalg.eigh((centered * w[:, None]).T @ centered)
        directions = vectors.T[np.argsort(-values, kind="stable")]
    else:
        directions = np.linalg.svd(centered * np.sqrt(w)[:, None], full_matrices=False)[2]
    directions = directions[: min(k, max(np.count_nonzero(w) - 1, 1))]
    largest = np.argmax(np.abs(directions), axis=1)
    return mean, directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]


class Plane:
    """Map between d dimensions and the coordinates of a plane.

    The map is orthonormal, so it preserves volumes.

    Parameters
    ----------
    mean : ndarray of shape (d,)
        Point of the plane with coordinates 0.
    directions : ndarray of shape (k, d)
        Orthonormal rows.
    noise : float
        Standard deviation of the noise across the plane.
    """

    def __init__(self, mean: np.ndarray, directions: np.ndarray, noise: float):
        self.mean, self.directions, self.noise = mean, directions, noise

    def encode(self, X: np.ndarray) -> np.ndarray:
        """Map points to their coordinates.

        Parameters
        ----------
        X : ndarray of shape (n, d)
            Points.

        Returns
        -------
        ndarray of shape (n, k)
            Coordinates.
        """
        return (X - self.mean) @ self.directions.T

    def decode(self, Z: np.ndarray) -> np.ndarray:
        """Map coordinates to points.

        Parameters
        ----------
        Z : ndarray of shape (n, k)
            Coordinates.

        Returns
        -------
        ndarray of shape (n, d)
            Points.
        """
        return self.mean + Z @ self.directions

    def draw_around(self, means: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Add noise across the plane; it has no component along the plane.

        Parameters
        ----------
        means : ndarray of shape (n, d)
            Points on the manifold.
        rng : numpy.random.Generator
            Source of random numbers.

        Returns
        -------
        ndarray of shape (n, d)
            Draws around the means.
        """
        noise = rng.standard_normal(means.shape)
        noise -= (noise @ self.directions.T) @ self.directions
        return means + self.noise * noise

    def log_density(self, X: np.ndarray, latent) -> np.ndarray:
        """Return log p(z) + log N(residual; 0, noise^2 I) over the d - k directions across the plane.

        Parameters
        ----------
        X : ndarray of shape (n, d)
            Points.
        latent : DensityEstimator
            Fitted density of the coordinates.

        Returns
        -------
        ndarray of shape (n,)
            Log-densities in nats.
        """
        k, d = self.directions.shape
        Z = self.encode(X)
        along = latent.score_samples(Z)
        if d == k:
            return along
        with np.errstate(over="ignore"):
            squares = np.sum(((X - self.decode(Z)) / self.noise) ** 2, axis=1)
        return along - 0.5 * squares - (d - k) * (np.log(self.noise) + 0.5 * _LOG_2PI)
