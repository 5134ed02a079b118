"""Exact mean integrated squared error (MISE) of a Gaussian-kernel density estimate on a normal mixture."""

import numpy as np

from genrates.rates.mixture import NormalMixture, normal_derivative
from genrates.rates.search import log_grid_minimum

_KERNEL_ROUGHNESS = float(1 / (2 * np.sqrt(np.pi)))


def kernel_mise(mixture, n: int, bandwidth) -> np.ndarray:
    r"""Return the exact MISE of the Gaussian-kernel estimate with a given bandwidth.

    .. math:: \mathrm{MISE}(h) = \frac{1}{2\sqrt\pi\, n h} + w^T\{(1 - 1/n)\Omega_2 - 2\Omega_1 + \Omega_0\}w,
              \quad (\Omega_a)_{jl} = \phi_{\sqrt{a h^2 + s_j^2 + s_l^2}}(m_j - m_l).

    The first term, with -Omega_2/n, is the integrated variance; the rest is the integrated squared bias.
    The formula is not asymptotic: it holds for every n.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    bandwidth : float or array
        Standard deviation of the kernel, positive.

    Returns
    -------
    ndarray of the shape of `bandwidth`
        MISE, not its root.

    Raises
    ------
    ValueError
        For n < 1, bandwidths that are not positive, or a malformed mixture.

    Notes
    -----
    O(k^2) for each bandwidth, k the number of components.

    References
    ----------
    Marron and Wand (1992), "Exact mean integrated squared error", Annals of Statistics 20, Theorem 2.1.

    Examples
    --------
    >>> float(kernel_mise(([1], [0], [1]), 100, 0.44547249).round(10))
    0.0054097306
    """
    h = np.asarray(bandwidth, dtype=np.float64)
    if not np.all(np.isfinite(h) & (h > 0)):
        raise ValueError(f"kernel_mise: bandwidth must be positive and finite, got {bandwidth!r}.")
    if not n >= 1:
        raise ValueError(f"kernel_mise: n must be at least 1, got {n!r}.")
    weight, difference, variance = NormalMixture.univariate(mixture).pairs
    h2 = (h * h)[..., None]
    omega = [normal_derivative(difference, np.sqrt(a * h2 + variance)) @ weight for a in (0, 1, 2)]
    return _KERNEL_ROUGHNESS / (n * h) + (1 - 1 / n) * omega[2] - 2 * omega[1] + omega[0]


def kernel_optimum(mixture, n: int) -> tuple[float, float]:
    """Return the bandwidth of smallest exact MISE, and that MISE.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.

    Returns
    -------
    bandwidth, mise : float

    Examples
    --------
    >>> h, mise = kernel_optimum(([1], [0], [1]), 1000)
    >>> round(h, 5), round(mise, 9)
    (0.27234, 0.001029533)
    """
    mixture = NormalMixture.univariate(mixture)
    # The asymptotic bandwidth resolves the finest detail, so the best one is hardly ever below it.
    low, high = kernel_amise_bandwidth(mixture, n) / 4, 4 * mixture.sd
    return log_grid_minimum(lambda h: kernel_mise(mixture, n, h), min(low, high / 10), high)


def kernel_amise_bandwidth(mixture, n: int) -> float:
    r"""Return the asymptotically best bandwidth, :math:`\{R(K) / (n R(f''))\}^{1/5}`.

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
    >>> round(kernel_amise_bandwidth(([1], [0], [1]), 1000), 6)
    0.266065
    """
    return float((_KERNEL_ROUGHNESS / (n * NormalMixture.univariate(mixture).roughness(2))) ** 0.2)


def kernel_amise(mixture, n: int, bandwidth: float) -> float:
    r"""Return the asymptotic MISE, :math:`R(K)/(nh) + h^4 R(f'')/4`.

    Minimizing it over h gives the rate n^(-4/5) of the textbooks.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.
    bandwidth : float
        Standard deviation h of the kernel.

    Returns
    -------
    float
        MISE, not its root.
    """
    return float(
        _KERNEL_ROUGHNESS / (n * bandwidth)
        + bandwidth**4 * NormalMixture.univariate(mixture).roughness(2) / 4
    )
