"""Exact mean integrated squared error (MISE) of kernel estimates of order above two on a normal mixture."""

import numpy as np
from scipy.special import wofz

from genrates.rates.mixture import NormalMixture, normal_derivative
from genrates.rates.search import log_grid_minimum

KERNELS = ("gaussian4", "sinc")


def higher_order_mise(mixture, n: int, bandwidth, kernel: str) -> np.ndarray:
    r"""Return the exact MISE of the estimate with the fourth-order Gaussian kernel or the sinc kernel.

    With the kernel's Fourier transform k and the truth's characteristic function c, Parseval's theorem gives
    for any kernel

    .. math:: \mathrm{MISE}(h) = \frac{1}{2\pi} \int \Big[ \frac{k(ht)^2}{n} (1 - |c(t)|^2)
              + (1 - k(ht))^2 |c(t)|^2 \Big] dt .

    For "gaussian4", :math:`K(u) = (3 - u^2) \phi(u) / 2`, :math:`k(s) = (1 + s^2/2) e^{-s^2/2}` and the
    integrals are derivatives of normal densities. For "sinc", :math:`K(u) = \sin(u)/(\pi u)`, k is 1 on
    [-1, 1] and 0 elsewhere, and the integrals are error functions of a complex argument.

    It is the error of the plain estimate, which can be negative at some points. Projecting it onto the
    densities, as :class:`genrates.estimators.KernelDensity` does, can only bring it closer to the truth.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    bandwidth : float or array
        Positive.
    kernel : {"gaussian4", "sinc"}

    Returns
    -------
    ndarray of the shape of `bandwidth`
        MISE, not its root.

    Raises
    ------
    ValueError
        For another kernel, n < 1, or bandwidths that are not positive.

    Notes
    -----
    O(k^2) for each bandwidth, k the number of components.

    References
    ----------
    Marron and Wand (1992), "Exact mean integrated squared error", Annals of Statistics 20, section 2;
    Davis (1977), "Mean integrated square error properties of density estimates", Annals of Statistics 5,
    for the sinc kernel.

    Examples
    --------
    >>> normal = ([1], [0], [1])
    >>> float(higher_order_mise(normal, 1000, 0.45, "gaussian4").round(6))
    0.000805
    >>> float(higher_order_mise(normal, 1000, 0.4, "sinc").round(6))
    0.000629
    """
    if kernel not in KERNELS:
        raise ValueError(f"higher_order_mise: kernel must be one of {KERNELS}, got {kernel!r}.")
    h = np.asarray(bandwidth, dtype=np.float64)
    if not np.all(np.isfinite(h) & (h > 0)):
        raise ValueError(f"higher_order_mise: bandwidth must be positive and finite, got {bandwidth!r}.")
    if not n >= 1:
        raise ValueError(f"higher_order_mise: n must be at least 1, got {n!r}.")
    mixture = NormalMixture.univariate(mixture)
    return (_gaussian4 if kernel == "gaussian4" else _sinc)(mixture, n, h)


def higher_order_optimum(mixture, n: int, kernel: str) -> tuple[float, float]:
    """Return the bandwidth of smallest exact MISE, and that MISE.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    kernel : {"gaussian4", "sinc"}

    Returns
    -------
    bandwidth, mise : float

    Examples
    --------
    >>> h, mise = higher_order_optimum(([1], [0], [1]), 1000, "sinc")
    >>> round(h, 2), round(mise, 6)
    (0.38, 0.000611)
    """
    mixture = NormalMixture.univariate(mixture)
    # For the narrowest component alone the best fourth-order bandwidth is about its sd times n^(-1/9), and
    # the best sinc bandwidth falls even more slowly. Other components only make both wider.
    low, high = 0.2 * float(mixture.sds.min()) * n ** (-1 / 9), 4 * mixture.sd
    return log_grid_minimum(lambda h: higher_order_mise(mixture, n, h, kernel), low, high)


def _gaussian4(mixture: NormalMixture, n: int, h: np.ndarray) -> np.ndarray:
    """Return the MISE of the fourth-order Gaussian kernel, shape of h."""
    weight, difference, variance = mixture.pairs
    h2 = (h * h)[..., None]

    def moment(v, order):  # (1/2 pi) int t^order exp(-v t^2 / 2) cos(t D) dt, order even
        return (-1) ** (order // 2) * normal_derivative(difference, np.sqrt(v), order)

    v1, v2 = h2 + variance, 2 * h2 + variance
    squared = (moment(v2, 0) + h2 * moment(v2, 2) + h2**2 / 4 * moment(v2, 4)) @ weight
    plain = (moment(v1, 0) + h2 / 2 * moment(v1, 2)) @ weight
    roughness = 27 / (32 * np.sqrt(np.pi))
    return roughness / (n * h) + (1 - 1 / n) * squared - 2 * plain + mixture.roughness(0)


def _sinc(mixture: NormalMixture, n: int, h: np.ndarray) -> np.ndarray:
    """Return the MISE of the sinc kernel, shape of h."""
    weight, difference, variance = mixture.pairs
    # (1/pi) int over 0 < t < 1/h of exp(-v t^2 / 2) cos(t D) dt. The error function of x - iy is split into
    # terms that stay bounded however far two narrow components lie apart.
    root = np.sqrt(2 * variance)
    y = np.abs(difference) / root
    x = root / (2 * h[..., None])
    outside = np.exp(-x * x) * np.real(np.exp(2j * x * y) * wofz(y + 1j * x))
    kept = ((np.exp(-y * y) - outside) / (root * np.sqrt(np.pi))) @ weight
    return 1 / (np.pi * n * h) - (1 + 1 / n) * kept + mixture.roughness(0)
