"""The price of small noise: how long the denoising chain takes to forget where it was."""

import matplotlib.pyplot as plt
import numpy as np

import genrates.reporting.figures.style  # noqa: F401 (how all figures look)
from genrates.neural.autoencoder.kde_limit import relaxation_time

#: in standard deviations of the points
_SIGMAS = np.geomspace(0.12, 1.0, 12)
_PICTURES = 300  # the transition matrix has as many rows


def relaxation(experiment, name: str) -> plt.Figure:
    """Relaxation time of the exact chain on the experiment's pictures, beside two points and two clusters.

    The exact transition matrix is a quadrature in at most two dimensions, so of the pictures it is their
    first two principal components that the chain walks in.
    """
    pictures = experiment.cell(name, experiment.variants[0]).training_points[:_PICTURES]
    examples = {
        "two points": np.array([[-1.0], [1.0]]),
        "two clusters of 40 points": two_clusters(),
        f"{len(pictures)} pictures of {name}, two principal components": principal_plane(pictures),
    }
    return draw_relaxation(_SIGMAS, {label: times(points) for label, points in examples.items()})


def times(points: np.ndarray) -> np.ndarray:
    """Relaxation time at each of the figure's sigmas; O(N^2 / sigma^d) for N points in d dimensions."""
    unit = np.sqrt(points.var(axis=0).mean())
    return np.array([relaxation_time(points / unit, sigma) for sigma in _SIGMAS])


def two_clusters(n: int = 40) -> np.ndarray:
    """N points about -2 and n about 2, standard deviation 0.4; always the same ones."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(-2, 0.4, (n, 1)), rng.normal(2, 0.4, (n, 1))])


def principal_plane(points: np.ndarray) -> np.ndarray:
    """Points in their first two principal components, shape (N, 2)."""
    from sklearn.decomposition import PCA

    return PCA(2, svd_solver="full").fit_transform(points)


def draw_relaxation(sigmas, curves: dict[str, np.ndarray]) -> plt.Figure:
    """Relaxation time against sigma, both logarithmic.

    Parameters
    ----------
    sigmas : array-like of shape (m,)
        Standard deviations of the corruption, in standard deviations of the points.
    curves : dict of label -> array of shape (m,)
        Steps, by `genrates.neural.autoencoder.kde_limit.relaxation_time`; infinite ones are left out.
    """
    figure, ax = plt.subplots(figsize=(5.6, 3.8))
    sigmas = np.asarray(sigmas, dtype=np.float64)
    for label, steps in curves.items():
        shown = np.where(np.isfinite(steps), steps, np.nan)
        ax.plot(sigmas, shown, marker="o", ms=3, label=label)
    ax.set(
        xscale="log",
        yscale="log",
        xlabel=r"noise $\sigma$ (standard deviations of the points): the bandwidth of the chain's KDE",
        ylabel="relaxation time (steps)",
        title="Infinitesimal noise is a KDE, in infinite time",
    )
    ticks = [0.1, 0.2, 0.5, 1.0]
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.legend()
    return figure
