"""The beta density: bounded support with a kink or a jump at its ends."""

import numpy as np
from scipy.special import betainc, betaincinv, betaln, xlog1py, xlogy

from genrates.data.base import KnownDensity
from genrates.data.quadrature import refined_edges
from genrates.errors import is_number, shown

_LARGEST_SHAPE = 1e6  # a narrower density would fall between the quadrature's nodes


class Beta(KnownDensity):
    r"""Beta density on [0, 1], :math:`f(x) = x^{a-1} (1-x)^{b-1} / B(a, b)`.

    With a = 2 it has a kink at 0: its first derivative jumps from 0 to b (b + 1). A kernel estimate then has
    squared bias of order h^3 instead of h^4, and its root-MISE falls like n^(-3/8).

    Parameters
    ----------
    a, b : floats >= 1, default 2 and 5
        Below 1 the density is unbounded and, below 1/2, its square has no integral.

    Raises
    ------
    ValueError
        For a or b below 1.

    Notes
    -----
    The domain, [-0.5, 1.5], is wider than the support: mass that a model puts outside is part of its error.

    Examples
    --------
    >>> Beta(a=2, b=5).pdf([0.0, 0.2])
    array([0.    , 2.4576])
    """

    breakpoints = (0.0, 1.0)

    def __init__(self, *, a: float = 2.0, b: float = 5.0):
        for name, value in (("a", a), ("b", b)):
            if not is_number(value) or not 1 <= value <= _LARGEST_SHAPE:
                raise ValueError(
                    f"Beta: {name} must be a number >= 1 and <= {_LARGEST_SHAPE:g}, got {shown(value)}."
                )
        self.a, self.b = float(a), float(b)
        self.domain = (np.array([-0.5]), np.array([1.5]))

    def panel_edges(self):
        """Return the edges of panels that get finer towards the ends of the support.

        Returns
        -------
        ndarray
        """
        return refined_edges(super().panel_edges(), self.breakpoints)

    def _draw(self, n, rng):
        return rng.beta(self.a, self.b, size=(n, 1))

    def _logpdf(self, X):
        x = X[:, 0]
        inside = (x >= 0) & (x <= 1)
        t = np.where(inside, x, 0.5)
        log_f = xlogy(self.a - 1, t) + xlog1py(self.b - 1, -t) - betaln(self.a, self.b)
        return np.where(inside, log_f, -np.inf)

    def _cdf(self, x):
        return betainc(self.a, self.b, np.clip(x, 0, 1))

    def _ppf(self, q):
        return betaincinv(self.a, self.b, q)
