"""Exact mean integrated squared error (MISE) of a cosine series on an interval."""

from collections.abc import Callable

import numpy as np

from genrates.rates.mixture import NormalMixture

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


def cosine_coefficients(
    pdf: Callable[[np.ndarray], np.ndarray],
    low: float,
    high: float,
    n_terms: int,
    *,
    breakpoints: tuple[float, ...] = (),
) -> tuple[np.ndarray, float]:
    r"""Return a density's coefficients in the cosine basis of [low, high], and its squared norm there.

    The basis is :math:`\psi_0 = L^{-1/2}`, :math:`\psi_j = (2/L)^{1/2} \cos(\pi j (x - low)/L)`,
    L = high - low, orthonormal.

    Parameters
    ----------
    pdf : callable
        Maps points of shape (m,) to densities of shape (m,).
    low, high : float
        Ends of the interval, finite.
    n_terms : int
        Largest frequency j, at least 0.
    breakpoints : tuple of float, optional
        Points where the density or a derivative jumps; panels of the quadrature end there.

    Returns
    -------
    coefficients : ndarray of shape (n_terms + 1,)
    squared_norm : float
        Integral of pdf^2 over the interval.

    Raises
    ------
    ValueError
        For an empty or infinite interval, or a negative `n_terms`.

    Examples
    --------
    >>> theta, norm = cosine_coefficients(lambda x: 1 + np.cos(np.pi * x), 0.0, 1.0, 3)
    >>> [round(float(t), 6) + 0.0 for t in theta], round(norm, 6)
    ([1.0, 0.707107, 0.0, 0.0], 1.5)
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"cosine_coefficients: need finite low < high, got {low!r} and {high!r}.")
    if n_terms < 0:
        raise ValueError(f"cosine_coefficients: n_terms must be at least 0, got {n_terms!r}.")
    length = high - low
    # With at least one panel per half-wave, 16 nodes integrate far below rounding.
    panels = np.linspace(low, high, max(256, n_terms) + 1)
    inside = [point for point in breakpoints if low < point < high]
    edges = np.unique(np.concatenate([panels, inside]))
    half = np.diff(edges)[:, None] / 2
    x = (edges[:-1, None] + half + half * _NODES).ravel()
    mass = (half * _WEIGHTS).ravel() * pdf(x)
    # The cosine of a multiple is the real part of a power. A product is cheaper than a cosine, and its error
    # grows only by one rounding at each j.
    rotation = np.exp(1j * np.pi * (x - low) / length)
    power, theta = np.ones_like(rotation), np.empty(n_terms + 1)
    for j in range(n_terms + 1):
        theta[j] = mass @ power.real
        power *= rotation
    theta *= np.sqrt(2 / length)
    theta[0] /= np.sqrt(2)
    return theta, float(mass @ pdf(x))


def series_mise(
    pdf: Callable[[np.ndarray], np.ndarray],
    low: float,
    high: float,
    n: int,
    max_terms: int,
    *,
    breakpoints: tuple[float, ...] = (),
) -> np.ndarray:
    r"""Return the exact MISE on [low, high] of the cosine series with M = 0, 1, ..., max_terms terms.

    The estimate is :math:`\sum_{j \le M} \hat\theta_j \psi_j` with
    :math:`\hat\theta_j = n^{-1} \sum_i \psi_j(X_i)`. Without any correction for negative values,

    .. math:: \mathrm{MISE}(M) = \frac1n \sum_{j=0}^{M} \mathrm{Var}\,\psi_j(X)
              + \int f^2 - \sum_{j=0}^{M} \theta_j^2 .

    Since :math:`\psi_j^2 = (1 + \cos 2\pi j u)/L`, u = (x - low)/L, the variance follows from the coefficient
    of frequency 2j. The constant term (j = 0) is always included and not counted in M. Points outside the
    interval count in n only. The terms are added by frequency, lowest first.

    Parameters
    ----------
    pdf, low, high, breakpoints
        As in :func:`cosine_coefficients`.
    n : int
        Sample size, at least 1.
    max_terms : int
        Largest M.

    Returns
    -------
    ndarray of shape (max_terms + 1,)
        MISE, not its root, for each M.

    Raises
    ------
    ValueError
        For n < 1, or as :func:`cosine_coefficients`.

    References
    ----------
    Efromovich (1999), *Nonparametric Curve Estimation*, chapter 3.

    Examples
    --------
    >>> mise = series_mise(lambda x: 1 + np.cos(np.pi * x), 0.0, 1.0, 100, 3)
    >>> mise.round(6)  # the first term removes the bias 1/2, each further one adds 1/n
    array([0.5  , 0.005, 0.015, 0.025])
    """
    if not n >= 1:
        raise ValueError(f"series_mise: n must be at least 1, got {n!r}.")
    theta, squared_norm = cosine_coefficients(pdf, low, high, 2 * max_terms, breakpoints=breakpoints)
    length = high - low
    mass = theta[0] * np.sqrt(length)
    j = np.arange(1, max_terms + 1)
    second_moment = np.concatenate([[mass / length], mass / length + theta[2 * j] / np.sqrt(2 * length)])
    kept = theta[: max_terms + 1] ** 2
    bias = np.maximum(squared_norm - np.cumsum(kept), 0.0)
    return np.cumsum(second_moment - kept) / n + bias


def data_interval(mixture, n: int) -> tuple[float, float]:
    """Return the interval that leaves 1/n of a mixture's mass outside at either end.

    It is about as wide as the range of n points.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
    n : int
        Sample size.

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> [round(end, 4) for end in data_interval(([1], [0], [1]), 100)]
    [-2.3263, 2.3263]
    """
    mixture = NormalMixture.univariate(mixture)
    return mixture.quantile(1 / n), mixture.quantile(1 - 1 / n)


def series_optimum(
    pdf: Callable[[np.ndarray], np.ndarray],
    low: float,
    high: float,
    n: int,
    *,
    max_terms: int = 512,
    breakpoints: tuple[float, ...] = (),
) -> tuple[int, float]:
    """Return the number of terms of smallest exact MISE, and that MISE.

    At first up to 64 terms are tried. This number is doubled while the best one lies in its upper half.

    Parameters
    ----------
    pdf, low, high, n, breakpoints
        As in :func:`series_mise`.
    max_terms : int, default=512
        Largest number of terms.

    Returns
    -------
    n_terms : int
        Without the constant.
    mise : float

    Examples
    --------
    >>> M, mise = series_optimum(lambda x: 1 + np.cos(np.pi * x), 0.0, 1.0, 1000, max_terms=20)
    >>> M, round(mise, 6)
    (1, 0.0005)
    """
    tried = min(64, max_terms)
    while True:
        mise = series_mise(pdf, low, high, n, tried, breakpoints=breakpoints)
        best = int(np.argmin(mise))
        if best <= tried // 2 or tried == max_terms:
            return best, float(mise[best])
        tried = min(2 * tried, max_terms)
