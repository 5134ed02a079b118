"""What a person looks at for each sample size: a model's density on a grid, or the images it draws."""

import inspect
from pathlib import Path

import numpy as np

from genrates.metrics._nearest import find_nearest

_N_IMAGES = 24  # images kept for each size
_N_CHAINS, _N_STEPS = 12, 20  # chains kept, and successive states of each


class DensityGrids:
    """Densities of one replicate on a grid, for each sample size; for image data also drawn images.

    The grid is that of `plot_grid`. For image data some draws of each size are kept, each with the
    nearest training image, and some held-out images. Other data in more than two dimensions have nothing to
    show.

    Parameters
    ----------
    data : Data
        The data set.
    points : ndarray of shape (n, n_features)
        The training set of the largest fit.
    chain : dict, optional
        Settings of the Markov chain that made the draws (`burn_in`, `thin`, `start`), if they differ from
        the model's own.
    """

    def __init__(self, data, points: np.ndarray, chain: dict | None = None):
        self.chain = chain or {}
        self.grid, self.shape = plot_grid(data, points)
        self.points = points[:2000]
        self.truth = data.pdf(self.grid) if self.grid is not None and hasattr(data, "pdf") else None
        self.densities: dict[int, np.ndarray] = {}
        self.image_shape, self.images = getattr(data, "image_shape", None), {}
        if self.image_shape is not None:
            self.images["held_out"] = data.test_points[:_N_IMAGES]

    def add(self, n: int, model, train: np.ndarray | None = None, draws: np.ndarray | None = None) -> None:
        """Keep the density of a fitted model on the grid, and some of its draws if they are images.

        Parameters
        ----------
        n : int
            Size of the training set.
        model : fitted estimator
        train : ndarray of shape (n, n_features), optional
            The training set; required for images.
        draws : ndarray of shape (m, n_features), optional
            Points that the model has generated.
        """
        if self.image_shape is not None and train is not None:
            self.images["nearest_held_out"] = train[find_nearest(self.images["held_out"], train)[1]]
        if self.image_shape is not None and draws is not None:
            kept = images_to_show(model, draws, self.chain)
            self.images[f"drawn_{n}"] = kept
            self.images[f"nearest_{n}"] = train[find_nearest(kept, train)[1]]
            if hasattr(model, "chain"):
                start = self.chain.get("start")
                states = model.chain(_N_CHAINS, _N_STEPS, random_state=0, start=start, means=True)
                self.images["chains"] = states.swapaxes(0, 1)
        if self.grid is not None and "likelihood" in model.capabilities_:
            self.densities[n] = np.exp(model.score_samples(self.grid)).astype(np.float32)

    def save(self, path: Path) -> None:
        """Write everything that was kept to a compressed NumPy archive.

        Parameters
        ----------
        path : Path
            The archive (`.npz`).

        Notes
        -----
        Its keys, each present if it applies:

        - `grid`, `shape`, `truth`: nodes, the shape they fold to, and the true density there;
        - `n=...`: the density of the model fitted to that many points;
        - `points`: some training points;
        - `image_shape`: height and width;
        - `drawn_N`, `nearest_N`: drawn images at size N and, in the same order, the nearest training images;
        - `held_out`, `nearest_held_out`: held-out images and the nearest training images of the last fit;
        - `chains`: successive states of a Markov chain, shape (chains, steps, n_features).
        """
        arrays = {f"n={n}": density for n, density in self.densities.items()}
        if self.grid is not None:
            arrays |= {"grid": self.grid.astype(np.float32), "shape": np.array(self.shape)}
        arrays["points"] = self.points
        if self.truth is not None:
            arrays["truth"] = self.truth.astype(np.float32)
        if self.image_shape is not None:
            arrays |= {key: rows.astype(np.float32) for key, rows in self.images.items()}
            arrays["image_shape"] = np.array(self.image_shape)
        np.savez_compressed(path, **arrays)


def images_to_show(model, draws: np.ndarray, chain: dict | None = None) -> np.ndarray:
    """Return some images that show what a model draws.

    A Markov chain, or a model with a decoder, gives the gray means that its last step draws from. The
    literature shows these (Bengio et al. 2013). The metrics use the draws themselves. Other models give
    their first draws.

    Parameters
    ----------
    model : fitted estimator
    draws : ndarray of shape (m, n_features)
        Points that the model has generated.
    chain : dict, optional
        Settings of the chain (`burn_in`, `thin`, `start`), if they differ from the model's own.

    Returns
    -------
    ndarray of shape (min(m, 24), n_features)
    """
    if "means" in inspect.signature(model.sample).parameters:
        settings = (chain or {}) if hasattr(model, "chain") else {}
        return model.sample(min(_N_IMAGES, len(draws)), random_state=0, means=True, **settings)
    return draws[:_N_IMAGES]


def plot_grid(data, points: np.ndarray) -> tuple[np.ndarray | None, tuple[int, ...]]:
    """Return the grid on which densities are shown.

    If the density itself is an image, the nodes are its pixels. In one dimension they span the data's
    domain, or three times the range of the points if there is no domain. In the plane they span the domain.

    Parameters
    ----------
    data : Data
    points : ndarray of shape (n, n_features)

    Returns
    -------
    grid : ndarray of shape (q, n_features) or None
        The nodes. None if there is no grid: without a domain in the plane, or in more dimensions.
    shape : tuple of int
        The shape that the nodes fold to; () without a grid.
    """
    if hasattr(data, "shape"):
        return data.quadrature()[0], tuple(data.shape)
    if data.n_features == 2 and hasattr(data, "domain"):
        low, high = data.domain
    elif data.n_features == 1:
        low, high = data.domain if hasattr(data, "domain") else _widened_range(points)
        return np.linspace(float(low[0]), float(high[0]), 401)[:, None], (401,)
    else:
        return None, ()
    x, y = np.linspace(low[0], high[0], 200), np.linspace(high[1], low[1], 200)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2), (200, 200)


def _widened_range(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the range of the points, widened by its own length on either side."""
    low, high = points.min(axis=0), points.max(axis=0)
    return low - (high - low), high + (high - low)
