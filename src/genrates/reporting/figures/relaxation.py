"""The prices of a chain: steps until it forgets where it was, and the bias of a factorized conditional."""

import logging
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np

import genrates.reporting.figures.style  # noqa: F401 (sets the style of all figures)
from genrates.neural.autoencoder.bit_chain import BitChain
from genrates.neural.autoencoder.kde_limit import relaxation_time
from genrates.reporting.figures.images import image_shape

#: in standard deviations of the points
_SIGMAS = np.geomspace(0.12, 1.0, 12)
_N_IMAGES = 300  # the transition matrix has as many rows
_NOISES = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8)  # of salt and pepper on bits
_STEPS = (1, 2, 5, "geometric")
_N_BITS = 8  # the transition matrix has 2^8 rows


def relaxation(experiment, data: str) -> plt.Figure:
    """Draw the relaxation time of exact chains, and beside it the bias of factorized conditionals.

    Left: the exact posterior under Gaussian noise, on images, two points and two clusters. Its transition
    matrix is a quadrature in at most two dimensions, so the chain walks in the first two principal
    components of the images. Right: salt and pepper on eight pixels of the images.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    data : str
        Name of the data set.

    Returns
    -------
    Figure
        Two panels.
    """
    points = experiment.cell(data, experiment.variants[0]).training_points
    images = points[:_N_IMAGES]
    examples = {
        "two points": np.array([[-1.0], [1.0]]),
        "two clusters of 40 points": _two_clusters(),
        f"{len(images)} images of {data},\ntwo principal components": _principal_plane(images),
    }
    figure, (left, right) = plt.subplots(1, 2, figsize=(11.2, 3.8))
    draw_relaxation(left, _SIGMAS, {name: _relaxation_times(points) for name, points in examples.items()})
    draw_bias(right, bias_and_time(pixel_law(points, image_shape(experiment, data))))
    right.set_xlabel(f"relaxation time (steps); {_N_BITS} pixels of {data}")
    return figure


def pixel_law(images: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the empirical law of eight pixels down the middle of images.

    Parameters
    ----------
    images : ndarray of shape (n, height * width)
        Pixels above 1/2 count as 1.
    shape : (height, width)
        Shape of an image.

    Returns
    -------
    ndarray of shape (256,)
        In the order of :class:`genrates.neural.autoencoder.BitChain`.
    """
    height, width = shape
    lines = np.linspace(0, height - 1, _N_BITS).round().astype(int)
    bits = images.reshape(-1, height, width)[:, lines, (width - 1) // 2] > 0.5
    numbers = bits @ (1 << np.arange(_N_BITS)[::-1])
    return np.bincount(numbers, minlength=1 << _N_BITS) / len(images)


def bias_and_time(law: np.ndarray) -> dict[str, np.ndarray]:
    """Return what chains of each way of training come to, over the noise.

    Parameters
    ----------
    law : ndarray of shape (2^D,)
        The law of the bits.

    Returns
    -------
    dict of ndarray of shape (m, 3)
        Noise, relaxation time and total variation, by the conditional and the way of training. A chain whose
        conditional does not settle is left out.
    """
    curves = {}
    for conditional in ("factorized", "full"):
        for steps in _STEPS:
            name = "plain" if steps == 1 else f"walkback, {steps}{'' if steps == 'geometric' else ' steps'}"
            curves[f"{name}, {conditional}"] = np.array(list(_chains_over_noise(law, steps, conditional)))
    return curves


def _chains_over_noise(law, steps, conditional) -> Iterator[tuple[float, float, float]]:
    """Yield noise, relaxation time and total variation of every chain whose conditional settles."""
    for noise in _NOISES:
        chain = BitChain(law, noise, steps, conditional)
        try:
            yield noise, chain.relaxation_time, chain.total_variation
        except RuntimeError:
            logging.info("no point at noise %g: the conditional does not settle", noise)


def draw_bias(ax: plt.Axes, curves: dict[str, np.ndarray]) -> None:
    """Draw the distance of stationary laws from the truth against relaxation times.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    curves : dict of ndarray of shape (m, 3)
        As :func:`bias_and_time` returns them. Those of full conditionals are drawn hollow, all in one color.
    """
    for name, points in curves.items():
        if not len(points):
            continue
        noise, steps, bias = points.T
        if name.endswith("full"):
            label = "any of them, full conditional" if name.startswith("plain") else None
            ax.plot(steps, bias, "o", color="0.5", mfc="none", ms=4, label=label, clip_on=False)
            continue
        (line,) = ax.plot(steps, bias, marker="o", ms=3, label=name)
        for i in (0, -1):
            ax.annotate(
                f"{noise[i]:g}",
                (steps[i], bias[i]),
                (4, 3),
                textcoords="offset points",
                fontsize=7,
                color=line.get_color(),
            )
    ax.set(
        xscale="log",
        ylim=(0, None),
        ylabel="total variation, stationary law to truth",
        title="Bias against mixing time (numbers: noise)",
    )
    ax.legend(fontsize=7)


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


def draw_relaxation(ax: plt.Axes, sigmas, curves: dict[str, np.ndarray]) -> None:
    """Draw relaxation times against sigma, both logarithmic.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    sigmas : array-like of shape (m,)
        Standard deviations of the corruption, in standard deviations of the points.
    curves : dict of ndarray of shape (m,)
        Steps, by :func:`genrates.neural.autoencoder.kde_limit.relaxation_time`. Infinite ones are left out.
    """
    sigmas = np.asarray(sigmas, dtype=np.float64)
    for name, steps in curves.items():
        ax.plot(sigmas, np.where(np.isfinite(steps), steps, np.nan), marker="o", ms=3, label=name)
    ax.set(
        xscale="log",
        yscale="log",
        xlabel=r"noise $\sigma$ (standard deviations of the points): the KDE's bandwidth",
        ylabel="relaxation time (steps)",
        title="Infinitesimal noise is a KDE, in infinite time",
    )
    ticks = [0.1, 0.2, 0.5, 1.0]
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.legend(fontsize=7)
