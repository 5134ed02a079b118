"""Exact mean integrated squared error (MISE) in several dimensions: product kernels and product bins."""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from genrates.rates.mixture import NormalMixture, diagonal_normal_pdf, normal_derivative
from genrates.rates.search import log_grid_minimum


def kernel_mise_nd(mixture, n: int, bandwidth: np.ndarray) -> np.ndarray:
    r"""Return the exact MISE of the estimate with a product Gaussian kernel.

    Each coordinate j has its own bandwidth h_j.

    .. math:: \mathrm{MISE}(h) = \frac{1}{n (4\pi)^{d/2} \prod_j h_j}
              + w^T\{(1 - 1/n)\Omega_2 - 2\Omega_1 + \Omega_0\}w, \quad
              (\Omega_a)_{jl} = N(m_j - m_l;\ 0,\ a\, \mathrm{diag}(h^2) + S_j + S_l).

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    bandwidth : ndarray of shape (..., d)
        Standard deviations of the kernel, positive.

    Returns
    -------
    ndarray of shape (...)
        MISE, not its root.

    Raises
    ------
    ValueError
        For bandwidths that are not positive or of another shape, or a malformed mixture.

    Notes
    -----
    O(k^2 d) for each bandwidth, k the number of components.

    References
    ----------
    Wand and Jones (1993), "Comparison of smoothing parameterizations in bivariate kernel density estimation",
    JASA 88; Wand and Jones (1995), "Kernel Smoothing", section 4.4.

    Examples
    --------
    >>> normal = NormalMixture([1], [0], [1])  # one dimension: Marron and Wand's theorem
    >>> float(kernel_mise_nd(normal, 100, np.array([0.44547249])).round(10))
    0.0054097306
    """
    mixture = _with_columns(mixture)
    h2 = _check_widths(bandwidth, "kernel_mise_nd: bandwidth", mixture.n_features) ** 2
    weight, difference, variance = mixture.pairs
    omega = [diagonal_normal_pdf(difference, a * h2[..., None, :] + variance) @ weight for a in (0, 1, 2)]
    kernel_roughness = diagonal_normal_pdf(np.zeros(mixture.n_features), 2 * h2)
    return kernel_roughness / n + (1 - 1 / n) * omega[2] - 2 * omega[1] + omega[0]


def histogram_mise_nd(mixture, n: int, bin_width: np.ndarray) -> np.ndarray:
    r"""Return the exact MISE of a histogram with rectangular bins, averaged over the origin of its grid.

    With V the volume of the bins, p_k their masses and D the difference of two independent points,

    .. math:: \mathrm{MISE}(b) = \frac{1}{nV} - \frac{n+1}{nV}\, \mathrm{E}\sum_k p_k^2 + R(f), \qquad
              \mathrm{E}\sum_k p_k^2 = \mathrm{E}\prod_j (1 - |D_j|/b_j)_+ ,

    since two points fall into one bin with that probability. The covariances are diagonal, so the coordinates
    of D are independent in each pair of components, and the expectation is a product of closed forms.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    bin_width : ndarray of shape (..., d)
        Side lengths of the bins, positive.

    Returns
    -------
    ndarray of shape (...)
        MISE, not its root.

    Raises
    ------
    ValueError
        For widths that are not positive or of another shape, or a malformed mixture.

    Examples
    --------
    >>> normal = NormalMixture([1], [0], [1])
    >>> float(histogram_mise_nd(normal, 100, np.array([0.76417333])).round(9))
    0.017000318
    """
    mixture = _with_columns(mixture)
    b = _check_widths(bin_width, "histogram_mise_nd: bin_width", mixture.n_features)
    weight, difference, variance = mixture.pairs
    delta, tau = np.abs(difference), np.sqrt(variance)

    def positive_part(t):  # E (t - D)_+ for each pair of components and each coordinate
        gap = t - delta
        return gap * ndtr(gap / tau) + tau**2 * normal_derivative(gap, tau)

    width = b[..., None, :]
    hat = (positive_part(width) - 2 * positive_part(0.0) + positive_part(-width)) / width
    squares, volume = np.prod(hat, axis=-1) @ weight, np.prod(b, axis=-1)
    return (1 - (n + 1) * squares) / (n * volume) + mixture.roughness()


def optimum_nd(
    mise: Callable[[NormalMixture, int, np.ndarray], np.ndarray], mixture, n: int
) -> tuple[np.ndarray, float]:
    """Return the bandwidths or bin widths of smallest MISE, and that MISE.

    They are searched among the multiples of the coordinates' standard deviations.

    Parameters
    ----------
    mise : callable
        :func:`kernel_mise_nd` or :func:`histogram_mise_nd`.
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.

    Returns
    -------
    widths : ndarray of shape (d,)
    mise : float

    Examples
    --------
    >>> normal = NormalMixture([1], [[0, 0]], [1])
    >>> h, error = optimum_nd(kernel_mise_nd, normal, 1000)
    >>> h.round(4), round(error, 7)
    (array([0.3282, 0.3282]), 0.0010624)
    """
    mixture = _with_columns(mixture)
    sd = mixture.sd
    # The best width is never far below the best one for the narrowest component alone.
    finest = float(np.min(mixture.sds / sd))
    low = 0.1 * finest * n ** (-1 / (mixture.n_features + 2))
    factor, error = log_grid_minimum(lambda c: mise(mixture, n, c[:, None] * sd), low, 20.0)
    return factor * sd, error


def _with_columns(mixture) -> NormalMixture:
    """Return the mixture with means of shape (k, d), also where d = 1."""
    mixture = NormalMixture.of(mixture)
    if not mixture.is_univariate:
        return mixture
    return NormalMixture(mixture.weights, mixture.means[:, None], mixture.sds)


def _check_widths(width, name: str, d: int) -> np.ndarray:
    """Return widths as an array, after checking that they are positive, of shape (..., d)."""
    width = np.asarray(width, dtype=np.float64)
    if width.shape[-1:] != (d,) or not np.all(np.isfinite(width) & (width > 0)):
        raise ValueError(f"{name} must be positive and finite, of shape (..., {d}), got {width!r}.")
    return width
