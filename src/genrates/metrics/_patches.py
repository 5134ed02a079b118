"""Local filters of pictures, learned without labels: one convolutional layer and a pooling, in numpy."""

import numpy as np

_FILTERS = 32
_PATCHES = 20_000
_CHUNK = 200  # pictures at a time: a few tens of megabytes of patches


class PatchFilters:
    """Whitened patches, compared with the centers of k-means among them, pooled over quadrants.

    The single-layer network of Coates, Ng and Lee (2011): a patch answers to a center by how much closer than
    the mean center it lies ("triangle"), and answers are averaged over the four quarters of the picture.

    Parameters
    ----------
    X : ndarray of shape (n, height * width)
        Pictures to learn from.
    shape : (height, width)
        Patches are 5 x 5, one at every other pixel; of pictures below 16 pixels 3 x 3, at every pixel.
    rng : Generator

    Notes
    -----
    196 patches a picture of 28 x 28, each 32 products of 25 numbers. Answers are standardized on X.
    """

    def __init__(self, X: np.ndarray, shape: tuple[int, int], rng: np.random.Generator):
        from sklearn.cluster import KMeans

        self.shape, (self.side, self.step) = tuple(shape), (5, 2) if min(shape) >= 16 else (3, 1)
        some = self._patches(X[:2000]).reshape(-1, self.side**2)
        some = some[np.ptp(some, axis=1) > 0]  # plain paper teaches nothing
        some = some[rng.permutation(len(some))[:_PATCHES]]
        self.mean = some.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(some, rowvar=False))
        self.whiten = vectors / np.sqrt(values + 0.05)
        kmeans = KMeans(_FILTERS, n_init=1, max_iter=20, random_state=int(rng.integers(2**31)))
        self.centers = kmeans.fit((some - self.mean) @ self.whiten).cluster_centers_
        self.location, self.scale = 0.0, 1.0
        answers = self(X)
        self.location, self.scale = answers.mean(axis=0), answers.std(axis=0) + 1e-6

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Answers of each row, shape (n, 4 * 32)."""
        chunks = [self._pooled(X[first : first + _CHUNK]) for first in range(0, len(X), _CHUNK)]
        return (np.concatenate(chunks) - self.location) / self.scale

    def _patches(self, X: np.ndarray) -> np.ndarray:
        """Patches, shape (n, rows, columns, side, side); beyond the edge there is plain paper."""
        margin = self.side // 2
        padded = np.pad(X.reshape(-1, *self.shape), ((0, 0), (margin, margin), (margin, margin)))
        patches = np.lib.stride_tricks.sliding_window_view(padded, (self.side, self.side), axis=(1, 2))
        return patches[:, :: self.step, :: self.step]

    def _pooled(self, X: np.ndarray) -> np.ndarray:
        from sklearn.metrics.pairwise import euclidean_distances

        patches = self._patches(X)
        grid = patches.shape[1:3]
        rows = (patches.reshape(-1, self.side**2) - self.mean) @ self.whiten
        distance = euclidean_distances(rows, self.centers)
        answers = np.maximum(distance.mean(axis=1, keepdims=True) - distance, 0)
        answers = answers.reshape(len(X), *grid, _FILTERS)
        down, across = ((slice(None, side // 2), slice(side // 2, None)) for side in grid)
        return np.concatenate([answers[:, y, x].mean(axis=(1, 2)) for y in down for x in across], axis=1)
