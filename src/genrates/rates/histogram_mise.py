"""Exact mean integrated squared error (MISE) of a histogram on a normal mixture."""

import numpy as np
from scipy.special import ndtr

from genrates.rates.mixture import NormalMixture, normal_derivative
from genrates.rates.search import log_grid_minimum


def histogram_mise(mixture, n: int, bin_width, origin: float | None = None) -> np.ndarray:
    r"""Return the exact MISE of a histogram with bins of equal width that cover the line.

    With bin masses p_k and counts n_k, the estimate n_k/(n b) on bin k has

    .. math:: \mathrm{MISE}(b) = \frac{1}{nb} - \frac{n+1}{nb} \sum_k p_k^2 + R(f).

    The origin of the bins is random where it follows the data. By default the error is therefore averaged
    over the origin. Then the sum has a closed form,

    .. math:: \mathrm{E}\sum_k p_k^2 = \frac1b\, \mathrm{E}(b - |D|)_+, \quad D = X - X',

    where D, the difference of two independent points, is itself a normal mixture.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    bin_width : float or array
        Positive.
    origin : float, optional
        An edge of the bins; None (default) averages over it.

    Returns
    -------
    ndarray of the shape of `bin_width`
        MISE, not its root.

    Raises
    ------
    ValueError
        For n < 1, widths that are not positive, or a malformed mixture.

    Notes
    -----
    O(k^2) for each width, k the number of components; with an origin O(k x number of bins).

    References
    ----------
    Scott (1979), "On optimal and data-based histograms", Biometrika 66, for the expansion
    1/(nb) + b^2 R(f')/12 of this error.

    Examples
    --------
    >>> float(histogram_mise(([1], [0], [1]), 100, 0.76417333).round(9))
    0.017000318
    """
    b = np.asarray(bin_width, dtype=np.float64)
    if not np.all(np.isfinite(b) & (b > 0)):
        raise ValueError(f"histogram_mise: bin_width must be positive and finite, got {bin_width!r}.")
    if not n >= 1:
        raise ValueError(f"histogram_mise: n must be at least 1, got {n!r}.")
    mixture = NormalMixture.univariate(mixture)
    if origin is None:
        squares = _mean_sum_of_squares(mixture, b)
    else:
        squares = np.vectorize(lambda width: _sum_of_squares(mixture, width, origin), otypes=[float])(b)
    return (1 - (n + 1) * squares) / (n * b) + mixture.roughness(0)


def histogram_optimum(mixture, n: int) -> tuple[float, float]:
    """Return the bin width of smallest exact MISE (averaged over the origin), and that MISE.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.

    Returns
    -------
    bin_width, mise : float

    Examples
    --------
    >>> width, mise = histogram_optimum(([1], [0], [1]), 1000)
    >>> round(width, 5), round(mise, 9)
    (0.35039, 0.004007561)
    """
    mixture = NormalMixture.univariate(mixture)
    low, high = histogram_amise_width(mixture, n) / 4, 10 * mixture.sd
    return log_grid_minimum(lambda b: histogram_mise(mixture, n, b), min(low, high / 10), high)


def histogram_amise_width(mixture, n: int) -> float:
    r"""Return the asymptotically best bin width, :math:`\{6 / (n R(f'))\}^{1/3}`.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.

    Returns
    -------
    float

    Examples
    --------
    >>> round(histogram_amise_width(([1], [0], [1]), 1000), 6)
    0.349083
    """
    return float((6 / (n * NormalMixture.univariate(mixture).roughness(1))) ** (1 / 3))


def _mean_sum_of_squares(mixture: NormalMixture, b: np.ndarray) -> np.ndarray:
    """Return E sum_k p_k^2, averaged over the origin, for each width in b."""
    weight, difference, variance = mixture.pairs
    # D and -D have the same distribution. With |D| the terms of distant components are tiny, so nothing
    # cancels.
    delta, tau = np.abs(difference), np.sqrt(variance)

    def positive_part(t):  # E (t - D)_+ for each pair of components
        gap = t[..., None] - delta
        return gap * ndtr(gap / tau) + tau**2 * normal_derivative(gap, tau)

    hat = positive_part(b) - 2 * positive_part(np.zeros_like(b)) + positive_part(-b)
    return hat @ weight / b


def _sum_of_squares(mixture: NormalMixture, width: float, origin: float) -> float:
    """Return sum_k p_k^2 for bins of one width with an edge at `origin`."""
    low, high = np.min(mixture.means - 10 * mixture.sds), np.max(mixture.means + 10 * mixture.sds)
    first, last = np.floor((low - origin) / width), np.ceil((high - origin) / width)
    masses = np.diff(mixture.cdf(origin + width * np.arange(first, last + 1)))
    return float(masses @ masses)
