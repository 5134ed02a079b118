"""The exponential density, whose jump at 0 is hard for smooth estimates."""

import numpy as np

from genrates.data.base import KnownDensity
from genrates.data.quadrature import graded_edges
from genrates.errors import is_scale, shown


class Exponential(KnownDensity):
    r"""Exponential density, :math:`f(x) = e^{-x / s} / s` for x >= 0.

    Because of its jump, a kernel estimate has squared bias of order h, and its root-MISE falls only like
    n^(-1/4).

    Parameters
    ----------
    scale : float > 0, default=1.0
        The scale s, which is also the mean.

    Raises
    ------
    ValueError
        For a scale that is not positive.

    Notes
    -----
    The domain, [-4 s, 24 s], is wider than the support: mass that a model puts below 0 is part of its error.

    Examples
    --------
    >>> Exponential().pdf([-1.0, 0.0])
    array([0., 1.])
    """

    breakpoints = (0.0,)
    n_panels = 768

    def __init__(self, *, scale: float = 1.0):
        if not is_scale(scale):
            raise ValueError(
                f"Exponential: scale must be a positive number, 1e-150 to 1e150, got {shown(scale)}."
            )
        self.scale = float(scale)
        self.domain = (np.array([-4 * self.scale]), np.array([24 * self.scale]))

    def panel_edges(self):
        """Return the edges of panels that get finer towards the jump at 0.

        Returns
        -------
        ndarray
        """
        low, high = float(self.domain[0][0]), float(self.domain[1][0])
        return graded_edges(low, high, self.n_panels, 0.0, 0.25 * self.scale)

    def _draw(self, n, rng):
        return self.scale * rng.standard_exponential((n, 1))

    def _logpdf(self, X):
        x = X[:, 0]
        return np.where(x >= 0, -x / self.scale - np.log(self.scale), -np.inf)

    def _cdf(self, x):
        return -np.expm1(-np.maximum(x, 0) / self.scale)

    def _ppf(self, q):
        with np.errstate(divide="ignore"):
            return -self.scale * np.log1p(-q)
