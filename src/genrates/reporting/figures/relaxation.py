"""The price of small noise: how long the denoising chain takes to forget where it was."""

import matplotlib.pyplot as plt
import numpy as np

import genrates.reporting.figures.style  # noqa: F401 (sets the style of all figures)
from genrates.neural.autoencoder.kde_limit import relaxation_time

#: in standard deviations of the points
_SIGMAS = np.geomspace(0.12, 1.0, 12)
_N_IMAGES = 300  # the transition matrix has as many rows


def relaxation(experiment, data: str) -> plt.Figure:
    """Draw the relaxation time of the exact chain on images, on two points and on two clusters.

    The exact transition matrix is a quadrature in at most two dimensions. So the chain walks in the first
    two principal components of the images.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    data : str
        Name of the data set.

    Returns
    -------
    Figure
        The relaxation times.
    """
    images = experiment.cell(data, experiment.variants[0]).training_points[:_N_IMAGES]
    examples = {
        "two points": np.array([[-1.0], [1.0]]),
        "two clusters of 40 points": _two_clusters(),
        f"{len(images)} images of {data}, two principal components": _principal_plane(images),
    }
    return draw_relaxation(_SIGMAS, {name: _relaxation_times(points) for name, points in examples.items()})


def _relaxation_times(points: np.ndarray) -> np.ndarray:
    """Return the relaxation time at each of the figure's sigmas; O(N^2 / sigma^d) for N points in R^d."""
    unit = np.sqrt(points.var(axis=0).mean())
    return np.array([relaxation_time(points / unit, sigma) for sigma in _SIGMAS])


def _two_clusters(n: int = 40) -> np.ndarray:
    """Return n points about -2 and n about 2, standard deviation 0.4; always the same ones."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(-2, 0.4, (n, 1)), rng.normal(2, 0.4, (n, 1))])


def _principal_plane(points: np.ndarray) -> np.ndarray:
    """Return points in their first two principal components, shape (N, 2)."""
    from sklearn.decomposition import PCA

    return PCA(2, svd_solver="full").fit_transform(points)


def draw_relaxation(sigmas, curves: dict[str, np.ndarray]) -> plt.Figure:
    """Draw relaxation times against sigma, both logarithmic.

    Parameters
    ----------
    sigmas : array-like of shape (m,)
        Standard deviations of the corruption, in standard deviations of the points.
    curves : dict of ndarray of shape (m,)
        Steps, by :func:`genrates.neural.autoencoder.kde_limit.relaxation_time`. Infinite ones are left out.

    Returns
    -------
    Figure
        The curves, with their names in a legend.
    """
    figure, ax = plt.subplots(figsize=(5.6, 3.8))
    sigmas = np.asarray(sigmas, dtype=np.float64)
    for name, steps in curves.items():
        ax.plot(sigmas, np.where(np.isfinite(steps), steps, np.nan), marker="o", ms=3, label=name)
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
