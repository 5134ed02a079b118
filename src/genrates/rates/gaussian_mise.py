"""Mean integrated squared error (MISE) of one normal fitted by maximum likelihood to a normal mixture."""

import numpy as np
from scipy.special import gammaln

from genrates.rates.mixture import NormalMixture, normal_derivative


def gaussian_mise(mixture, n: int) -> float:
    r"""Return the MISE of N(mean, variance), both estimated by maximum likelihood from n points.

    *Where the truth is normal* this is exact. The estimated mean is normal and independent of the estimated
    variance :math:`\sigma^2 V`, where :math:`nV \sim \chi^2_{n-1}`. Only one integral remains,

    .. math:: \mathrm{MISE} = \frac{1}{2\sqrt\pi\sigma}\,
              \mathrm{E}\Big[V^{-1/2} - 2\sqrt{\tfrac{2}{V + 1 + 1/n}} + 1\Big]
              = \frac{7}{16\sqrt\pi\,\sigma\,n} + O(n^{-2}).

    *Elsewhere* it is the second-order delta method. With L(m, v) the integrated squared error of N(m, v),
    which has a closed form, and mu_3, mu_4 the central moments of the truth,

    .. math:: \mathrm{MISE} = L + \frac1n\Big[-v L_v + \tfrac12\{v L_{mm} + 2\mu_3 L_{mv}
              + (\mu_4 - v^2) L_{vv}\}\Big] + O(n^{-2}),

    everything taken at the truth's own mean and variance, to which the fit converges. L is the squared
    plateau, the lecture's "unavoidable bias".

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size, at least 2.

    Returns
    -------
    float
        MISE, not its root; infinite for n = 2, where the estimated variance can be too close to 0.

    Raises
    ------
    ValueError
        For n < 2 or a malformed mixture.

    Examples
    --------
    >>> round(100_000 * gaussian_mise(([1], [0], [1]), 100_000), 4)
    0.2468
    >>> round(gaussian_mise(([0.5, 0.5], [-1, 1], [2 / 3, 2 / 3]), 10_000) ** 0.5, 3)  # a plateau
    0.152
    """
    if not n >= 2:
        raise ValueError(f"gaussian_mise: n must be at least 2, got {n!r}.")
    mixture = NormalMixture.univariate(mixture)
    if n == 2:
        return float("inf")
    if mixture.is_normal:
        return _exact_on_normal(n) / float(mixture.sds[0])
    squared_plateau, first_order = _expansion(mixture)
    return squared_plateau + first_order / n


def gaussian_plateau(mixture) -> float:
    """Return the root of the integrated squared error that a fitted normal keeps at n = infinity.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)

    Returns
    -------
    float
        0 where the truth is normal.

    Examples
    --------
    >>> gaussian_plateau(([1], [0], [1]))
    0.0
    """
    mixture = NormalMixture.univariate(mixture)
    return 0.0 if mixture.is_normal else float(np.sqrt(max(_expansion(mixture)[0], 0.0)))


def _exact_on_normal(n: int) -> float:
    """Return the exact MISE on the standard normal, n >= 3."""
    # The density of u = log(nV), proportional to exp(k u / 2 - e^u / 2) with k = n - 1, is analytic and
    # decays quickly, so the trapezoidal rule converges faster than any power of its step. With the factor
    # V^(-1/2) the integrand still decays like exp((k - 1) u / 2) on the left.
    k = n - 1
    spread = np.sqrt(2 / k)
    left = np.log(k) - max(14 * spread, 80 / (k - 1))
    right = np.log(k) + 14 * spread
    u = np.linspace(left, right, 20_001)
    log_density = 0.5 * k * u - 0.5 * np.exp(u) - 0.5 * k * np.log(2) - gammaln(0.5 * k)
    v = np.exp(u) / n
    # The terms cancel where V is near 1. Taking the differences first keeps the digits.
    loss = (v**-0.5 - 1) - 2 * (np.sqrt(2 / (v + 1 + 1 / n)) - 1)
    return float(np.exp(log_density) @ loss * (u[1] - u[0]) / (2 * np.sqrt(np.pi)))


def _expansion(mixture: NormalMixture) -> tuple[float, float]:
    """Return squared plateau and coefficient of 1/n of the second-order delta method."""
    v, mu3, mu4 = (mixture.central_moment(order) for order in (2, 3, 4))
    gap, sd = mixture.mean - mixture.means, np.sqrt(v + mixture.sds**2)
    # Integral of N(m, v) times the truth, and its derivatives in m. A derivative in v is half the second
    # derivative in m (heat equation).
    d0, _, d2, d3, d4 = (float(mixture.weights @ normal_derivative(gap, sd, order)) for order in range(5))
    own = 1 / (2 * np.sqrt(np.pi * v))
    squared_plateau = own - 2 * d0 + mixture.roughness(0)
    slope_v = -own / (2 * v) - d2
    curve_mm, curve_mv, curve_vv = -2 * d2, -d3, 0.75 * own / v**2 - 0.5 * d4
    first_order = -v * slope_v + 0.5 * (v * curve_mm + 2 * mu3 * curve_mv + (mu4 - v * v) * curve_vv)
    return float(squared_plateau), float(first_order)
