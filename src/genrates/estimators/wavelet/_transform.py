"""Daubechies' filters, and what is left of masses on a circle when small wavelet coefficients are dropped."""

from collections.abc import Callable
from math import comb

import numpy as np


def daubechies(moments: int) -> np.ndarray:
    """Return the orthonormal filter with the given number of vanishing moments, of minimal phase.

    Parameters
    ----------
    moments : int
        1 to 10; 1 is Haar's.

    Returns
    -------
    ndarray of shape (2 * moments,)
        Its squares sum to 1; it is orthogonal to itself, moved by an even number of places.

    References
    ----------
    Daubechies, "Ten Lectures on Wavelets" (1992), section 6.1.

    Examples
    --------
    >>> daubechies(2).round(4)  # (1 + sqrt 3, 3 + sqrt 3, 3 - sqrt 3, 1 - sqrt 3) / (4 sqrt 2)
    array([ 0.483 ,  0.8365,  0.2241, -0.1294])
    """
    # |h|^2 = 2 cos(w/2)^(2 moments) P(sin(w/2)^2): the roots of P, each as a root inside the unit circle
    roots = np.roots([comb(moments - 1 + k, k) for k in range(moments - 1, -1, -1)])
    middle = 1 - 2 * roots.astype(complex)
    pair = middle + np.sqrt(middle**2 - 1) * np.array([[1], [-1]])
    inside = np.where(np.abs(pair[0]) < 1, pair[0], pair[1])
    filter_ = np.real(np.poly(np.concatenate([np.full(moments, -1.0), inside])))
    return filter_ * (np.sqrt(2) / filter_.sum())


def thresholded(
    mass: np.ndarray, size: float, n_levels: int, moments: int, threshold: Callable[[int], float]
) -> np.ndarray:
    """Return the masses without the wavelet coefficients that chance alone would give.

    The transform is that of all shifts at once (Coifman and Donoho 1995): it does not depend on where the
    circle begins. A coefficient is kept if it is larger than `threshold` times its standard error.

    Parameters
    ----------
    mass : ndarray of shape (n_cells,)
        Shares of the points in the cells of a circle; n_cells is even.
    size : float
        Number of points.
    n_levels : int
        Levels of wavelets, each twice as wide as the one before.
    moments : int
        Their vanishing moments.
    threshold : callable
        Maps a level, from 1 for the finest, to the threshold in standard errors.

    Returns
    -------
    ndarray of shape (n_cells,)
        Some may be negative; their sum is that of `mass`.
    """
    n_cells, low = len(mass), daubechies(moments)
    high = low[::-1] * (-1.0) ** np.arange(len(low))
    spectrum, smooth, kept = np.fft.rfft(mass), np.ones(n_cells // 2 + 1, complex), 0.0
    for level in range(1, n_levels + 1):
        wavelet = smooth * _widened(high, level, n_cells)
        smooth = smooth * _widened(low, level, n_cells)
        square = np.fft.rfft(np.fft.irfft(wavelet, n_cells) ** 2)
        coefficient = np.fft.irfft(spectrum * wavelet.conj(), n_cells)
        # of a mean of independent values: their mean square less the square of their mean
        variance = np.maximum(np.fft.irfft(spectrum * square.conj(), n_cells) - coefficient**2, 0.0) / size
        coefficient[np.abs(coefficient) <= threshold(level) * np.sqrt(variance)] = 0.0
        kept = kept + np.fft.rfft(coefficient) * wavelet / 2**level
    kept = kept + spectrum * np.abs(smooth) ** 2 / 2**n_levels
    return np.fft.irfft(kept, n_cells)


def _widened(filter_: np.ndarray, level: int, n_cells: int) -> np.ndarray:
    """Return the spectrum of a filter whose places are 2^(level - 1) apart, on a circle."""
    place = (np.arange(len(filter_)) << (level - 1)) % n_cells
    return np.fft.rfft(np.bincount(place, weights=filter_, minlength=n_cells))
