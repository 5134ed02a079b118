"""Local image filters learned without labels: one convolutional layer and pooling, in NumPy."""

import numpy as np

_FILTERS = 32
_PATCHES = 20_000
_CHUNK = 200  # images at a time, which keeps the patches in memory at a few tens of megabytes


class PatchFilters:
    """Filters that compare whitened image patches with k-means centers, pooled over quadrants.

    This is the single-layer network of Coates, Ng and Lee (2011). The activation of a center is the mean
    distance of a patch to all centers, minus its distance to this one, or 0 if that is negative ("triangle").
    Activations are averaged over the four quarters of the image and standardized on X.

    Parameters
    ----------
    X : ndarray of shape (n, height * width)
        Images to learn from.
    shape : (height, width)
        Shape of an image. Patches are 5 x 5 pixels, around every other pixel. If a side is shorter than
        16 pixels, they are 3 x 3, around every pixel.
    rng : numpy.random.Generator

    Notes
    -----
    An image of 28 x 28 pixels has 196 patches. Each costs 32 inner products of length 25.
    """

    def __init__(self, X: np.ndarray, shape: tuple[int, int], rng: np.random.Generator):
        from sklearn.cluster import KMeans

        self.shape, (self.side, self.step) = tuple(shape), (5, 2) if min(shape) >= 16 else (3, 1)
        patches = self._patches(X[:2000]).reshape(-1, self.side**2)
        patches = patches[np.ptp(patches, axis=1) > 0]  # a constant patch has no structure to learn
        patches = patches[rng.permutation(len(patches))[:_PATCHES]]
        self.mean = patches.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(patches, rowvar=False))
        self.whiten = vectors / np.sqrt(values + 0.05)
        kmeans = KMeans(_FILTERS, n_init=1, max_iter=20, random_state=int(rng.integers(2**31)))
        self.centers = kmeans.fit((patches - self.mean) @ self.whiten).cluster_centers_
        self.location, self.scale = 0.0, 1.0
        activations = self(X)
        self.location, self.scale = activations.mean(axis=0), activations.std(axis=0) + 1e-6

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Return the standardized activations of each row, shape (n, 4 * 32)."""
        chunks = [self._pooled(X[first : first + _CHUNK]) for first in range(0, len(X), _CHUNK)]
        return (np.concatenate(chunks) - self.location) / self.scale

    def _patches(self, X: np.ndarray) -> np.ndarray:
        """Return patches of shape (n, rows, columns, side, side). Pixels beyond the edge are 0."""
        margin = self.side // 2
        padded = np.pad(X.reshape(-1, *self.shape), ((0, 0), (margin, margin), (margin, margin)))
        patches = np.lib.stride_tricks.sliding_window_view(padded, (self.side, self.side), axis=(1, 2))
        return patches[:, :: self.step, :: self.step]

    def _pooled(self, X: np.ndarray) -> np.ndarray:
        """Return the activations of each row, averaged over quadrants, shape (n, 4 * 32)."""
        from sklearn.metrics.pairwise import euclidean_distances

        patches = self._patches(X)
        grid = patches.shape[1:3]
        rows = (patches.reshape(-1, self.side**2) - self.mean) @ self.whiten
        distance = euclidean_distances(rows, self.centers)
        activations = np.maximum(distance.mean(axis=1, keepdims=True) - distance, 0)
        activations = activations.reshape(len(X), *grid, _FILTERS)
        down, across = ((slice(None, side // 2), slice(side // 2, None)) for side in grid)
        return np.concatenate([activations[:, y, x].mean(axis=(1, 2)) for y in down for x in across], axis=1)
