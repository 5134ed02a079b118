"""Densities with an exactly known Sobolev smoothness s, whose optimal exponent is s / (2 s + 1)."""

import numpy as np
from scipy.special import betainc, betaincinv, betaln

from genrates.data.base import KnownDensity
from genrates.data.quadrature import refined_edges
from genrates.errors import is_number, shown

_LARGEST = 1000.0


class Sobolev(KnownDensity):
    r"""Density :math:`f(x) \propto \sin(\pi x)^{s - 1/2}` on [0, 1], of Sobolev smoothness exactly s.

    At distance t from either end, f behaves like :math:`t^{s-1/2}`. Its Fourier transform on the line
    therefore falls like :math:`|\omega|^{-(s+1/2)}`, and so do its cosine coefficients,

    .. math:: \int_0^1 \sin(\pi x)^\alpha \cos(2 \pi k x)\, dx
              = \frac{(-1)^k\, \Gamma(\alpha+1)}{2^\alpha \Gamma(1+\alpha/2+k) \Gamma(1+\alpha/2-k)}
              \sim k^{-(\alpha+1)}, \quad \alpha = s - 1/2.

    So f lies in every Sobolev space of smoothness below s, and in none of smoothness s or more. The tail of
    the series beyond M terms has squared L2 norm of order :math:`M^{-2s}`, and the variance of M terms is of
    order M / n, so the best root error is of order :math:`n^{-s/(2s+1)}` exactly. Since f is 0 outside [0, 1]
    and continuous, the same holds for kernel estimates on the line while s is at most 2, the order of the
    kernel (at s = 2 up to a logarithm).

    Parameters
    ----------
    smoothness : float > 1/2, default=1.0
        The smoothness s; 1 gives n^(-1/3), 2 gives n^(-2/5).

    Raises
    ------
    ValueError
        For a smoothness of 1/2 or less, or with s - 1/2 even (such a power has no singularity).

    References
    ----------
    A. B. Tsybakov, Introduction to Nonparametric Estimation, Springer 2009, sections 1.7 and 1.10.
    I. S. Gradshteyn and I. M. Ryzhik, Table of Integrals, 3.631.8.

    Notes
    -----
    The variable u = sin(pi x / 2)^2 has density Beta(p, p), p = (s + 1/2) / 2, which gives the distribution
    function, quantiles and draws in closed form. The domain, [-0.5, 1.5], is wider than the support: mass
    that a model puts outside is part of its error.

    Examples
    --------
    >>> data = Sobolev(smoothness=2)
    >>> data.cdf([0.0, 0.5, 1.0])
    array([0. , 0.5, 1. ])
    """

    breakpoints = (0.0, 1.0)

    def __init__(self, *, smoothness: float = 1.0):
        power = float(smoothness) - 0.5 if is_number(smoothness) else np.nan
        if not 0 < power <= _LARGEST or power % 2 == 0:
            raise ValueError(
                "Sobolev: smoothness must be a number above 1/2, and smoothness - 1/2 not an even "
                f"number (its power of the sine is analytic), at most {_LARGEST:g}, got {shown(smoothness)}."
            )
        self.smoothness = float(smoothness)
        self._power, self._p = power, 0.5 * (power + 1)
        self._log_norm = power * np.log(2) - np.log(np.pi) + float(betaln(self._p, self._p))
        self.domain = (np.array([-0.5]), np.array([1.5]))

    def panel_edges(self):
        """Return the edges of panels that get finer towards the ends of the support.

        Returns
        -------
        ndarray
        """
        return refined_edges(super().panel_edges(), self.breakpoints)

    def _draw(self, n, rng):
        return self._angle(rng.beta(self._p, self._p, size=(n, 1)))

    def _logpdf(self, X):
        x = X[:, 0]
        inside = (x > 0) & (x < 1)
        sine = np.sin(np.pi * np.where(inside, np.minimum(x, 1 - x), 0.5))
        return np.where(inside, self._power * np.log(sine) - self._log_norm, -np.inf)

    def _cdf(self, x):
        return betainc(self._p, self._p, np.sin(0.5 * np.pi * np.clip(x, 0, 1)) ** 2)

    def _ppf(self, q):
        return self._angle(betaincinv(self._p, self._p, q))

    @staticmethod
    def _angle(u):
        """Return the x with sin(pi x / 2)^2 = u."""
        return 2 / np.pi * np.arctan2(np.sqrt(u), np.sqrt(1 - u))
