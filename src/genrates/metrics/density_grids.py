"""What a person looks at, size after size: a model's density on a grid, or the pictures it draws."""

import inspect
from pathlib import Path

import numpy as np

from genrates.metrics._nearest import to_nearest

_SHOWN = 24  # pictures kept of each size
_CHAINS, _STEPS = 12, 20  # chains kept, and successive states of each


class DensityGrids:
    """Collects the density of one replicate at each size on the data set's own view.

    The view is a grid over the data's domain, or over its `points` widened, in one or two dimensions; the
    pixels themselves where the data are an image. Of data whose points are pictures some draws of each size
    are kept, each with the training picture nearest to it, and some held-out pictures. In other cases of more
    dimensions there is nothing to see.

    Parameters
    ----------
    data : the data set
    points : ndarray of shape (n, n_features), that the largest fit has learned from
    chain : dict, optional
        How draws of a chain were made (`burn_in`, `thin`, `start`), where that is not the model's own way.
    """

    def __init__(self, data, points: np.ndarray, chain: dict | None = None):
        self.chain = chain or {}
        self.grid, self.shape = view(data, points)
        self.points = points[:2000]
        self.truth = data.pdf(self.grid) if self.grid is not None and hasattr(data, "pdf") else None
        self.densities: dict[int, np.ndarray] = {}
        self.image_shape, self.images = getattr(data, "image_shape", None), {}
        if self.image_shape is not None:
            self.images["held_out"] = data.test_points[:_SHOWN]

    def add(self, n: int, model, train: np.ndarray | None = None, draws: np.ndarray | None = None) -> None:
        """Keep the density of a model fitted to the n points `train`, or some pictures it has drawn."""
        if self.image_shape is not None and train is not None:
            self.images["nearest_held_out"] = train[to_nearest(self.images["held_out"], train)[1]]
        if self.image_shape is not None and draws is not None:
            some = shown(model, draws, self.chain)
            self.images[f"drawn_{n}"] = some
            self.images[f"nearest_{n}"] = train[to_nearest(some, train)[1]]
            if hasattr(model, "chain"):
                start = self.chain.get("start")
                states = model.chain(_CHAINS, _STEPS, random_state=0, start=start, means=True)
                self.images["chains"] = states.swapaxes(0, 1)
        if self.grid is not None and "likelihood" in model.capabilities_:
            self.densities[n] = np.exp(model.score_samples(self.grid)).astype(np.float32)

    def save(self, path: Path) -> None:
        """Write grid, shape, truth and densities (keys `n=...`), and some training points.

        Of pictures: their `image_shape`; `drawn_N`, and in the same order the training pictures `nearest_N`;
        `held_out`, and `nearest_held_out` among those that the largest fit has learned from; and, of a model
        that is a chain, successive states of some in `chains`, shape (chains, steps, features).
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


def shown(model, draws: np.ndarray, chain: dict | None = None) -> np.ndarray:
    """Pictures to look at: some of the draws; of a chain, or of a decoder, the gray means that it draws from.

    That is how the literature shows them (Bengio et al. 2013); the metrics are those of the draws.
    """
    if "means" in inspect.signature(model.sample).parameters:
        settings = (chain or {}) if hasattr(model, "chain") else {}
        return model.sample(min(_SHOWN, len(draws)), random_state=0, means=True, **settings)
    return draws[:_SHOWN]


def view(data, points: np.ndarray) -> tuple[np.ndarray | None, tuple[int, ...]]:
    """Points (m, d) of a picture and the shape they fold to."""
    if hasattr(data, "shape"):
        return data.quadrature()[0], tuple(data.shape)
    if data.n_features == 2 and hasattr(data, "domain"):
        low, high = data.domain
    elif data.n_features == 1:
        low, high = data.domain if hasattr(data, "domain") else _widened(points)
        return np.linspace(float(low[0]), float(high[0]), 401)[:, None], (401,)
    else:
        return None, ()
    x, y = np.linspace(low[0], high[0], 200), np.linspace(high[1], low[1], 200)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2), (200, 200)


def _widened(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = points.min(axis=0), points.max(axis=0)
    return low - (high - low), high + (high - low)
