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
    r"""Coefficients of a density in the cosine basis of [low, high], and its squared norm there.

    The basis is :math:`\psi_0 = L^{-1/2}`, :math:`\psi_j = (2/L)^{1/2} \cos(\pi j (x - low)/L)`,
    L = high - low, orthonormal.

    Parameters
    ----------
    pdf : callable
        Maps points of shape (m,) to densities of shape (m,).
    n_terms : int
        Largest frequency j.
    breakpoints : tuple of float
        Where the density or a derivative jumps; panels of the quadrature end there.

    Returns
    -------
    coefficients : ndarray of shape (n_terms + 1,)
    squared_norm : float
        Integral of pdf^2 over the interval.

    >>> theta, norm = cosine_coefficients(lambda x: 1 + np.cos(np.pi * x), 0.0, 1.0, 3)
    >>> [round(float(t), 6) + 0.0 for t in theta], round(norm, 6)
    ([1.0, 0.707107, 0.0, 0.0], 1.5)
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"cosine_coefficients: need finite low < high, got {low!r} and {high!r}.")
    if n_terms < 0:
        raise ValueError(f"cosine_coefficients: n_terms must be at least 0, got {n_terms!r}.")
    length = high - low
    # 16 nodes resolve two half-waves with digits to spare
    panels = np.linspace(low, high, max(256, n_terms) + 1)
    inside = [point for point in breakpoints if low < point < high]
    edges = np.unique(np.concatenate([panels, inside]))
    half = np.diff(edges)[:, None] / 2
    x = (edges[:-1, None] + half + half * _NODES).ravel()
    mass = (half * _WEIGHTS).ravel() * pdf(x)
    # cosines of multiples are real parts of powers: products are cheaper, and their error is j roundings
    turn = np.exp(1j * np.pi * (x - low) / length)
    power, theta = np.ones_like(turn), np.empty(n_terms + 1)
    for j in range(n_terms + 1):
        theta[j] = mass @ power.real
        power *= turn
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
    r"""Exact MISE on [low, high] of the cosine series with M = 0, 1, ..., max_terms terms.

    The estimate is :math:`\sum_{j \le M} \hat\theta_j \psi_j` with
    :math:`\hat\theta_j = n^{-1} \sum_i \psi_j(X_i)`, and before any correction for negative values

    .. math:: \mathrm{MISE}(M) = \frac1n \sum_{j=0}^{M} \mathrm{Var}\,\psi_j(X)
              + \int f^2 - \sum_{j=0}^{M} \theta_j^2 .

    From :math:`\psi_j^2 = (1 + \cos 2\pi j u)/L` the variance needs no further integral than the
    coefficient 2j. The constant term (j = 0) is always there and not counted in M. Points outside the
    interval count in n and nothing else. Terms must be added in this order, lowest frequency first.

    Parameters
    ----------
    pdf, low, high, breakpoints
        As in :func:`cosine_coefficients`.
    n : int
        Sample size.
    max_terms : int
        Largest M.

    Returns
    -------
    ndarray of shape (max_terms + 1,)
        MISE, not its root, by M.

    References
    ----------
    Efromovich (1999), *Nonparametric Curve Estimation*, chapter 3.

    >>> mise = series_mise(lambda x: 1 + np.cos(np.pi * x), 0.0, 1.0, 100, 3)
    >>> mise.round(6)  # bias 1/2 gone with the first term, then 1/n for each further one
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
    """The interval that leaves 1/n of a mixture's mass outside at either end: about where n points end.

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
    """The number of terms of smallest exact MISE, up to `max_terms`, and that MISE.

    Few terms are tried first: as many again only where the best lies in the upper half.

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
