"""The price of small noise: how long the denoising chain takes to forget where it was."""

import matplotlib.pyplot as plt
import numpy as np

import genrates.figures.style  # noqa: F401 (how all figures look)


def draw_relaxation(sigmas, curves: dict[str, np.ndarray]) -> plt.Figure:
    """Relaxation time against sigma, both logarithmic.

    Parameters
    ----------
    sigmas : array-like of shape (m,)
        Standard deviations of the corruption.
    curves : dict of label -> array of shape (m,)
        Steps, by `genrates.neural.kde_limit.relaxation_time`; infinite ones are left out.
    """
    figure, ax = plt.subplots(figsize=(5.2, 3.6))
    sigmas = np.asarray(sigmas, dtype=np.float64)
    for label, times in curves.items():
        shown = np.where(np.isfinite(times), times, np.nan)
        ax.plot(sigmas, shown, marker="o", ms=3, label=label)
    ax.set(
        xscale="log",
        yscale="log",
        xlabel=r"noise $\sigma$, which is the bandwidth of the KDE that the chain draws from",
        ylabel="relaxation time (steps)",
        title="Infinitesimal noise is a KDE, in infinite time",
    )
    ax.legend()
    return figure
