"""Student's t density, whose heavy tails are hard for fixed bandwidths."""

import numpy as np
from scipy.special import gammaln, stdtr, stdtrit

from genrates.data.base import KnownDensity
from genrates.data.quadrature import graded_edges
from genrates.errors import is_scale, shown


class StudentT(KnownDensity):
    r"""Student's t density with `df` degrees of freedom.

    Parameters
    ----------
    df : float >= 2, default=5.0
        Degrees of freedom; the density falls like :math:`|x|^{-df-1}`. With 5 the fourth moment exists, so
        that a fitted normal still converges to its limit at rate n^(-1/2), and the extremes are of order
        n^(1/5).

    Raises
    ------
    ValueError
        For df below 2, where the interval that holds all but 1e-9 of the mass is too wide for the quadrature.

    Notes
    -----
    The domain ends at the quantiles of levels 2.5e-10 and 1 - 2.5e-10 (at 131 for df = 5).

    Examples
    --------
    >>> StudentT(df=5).ppf([0.5, 0.99]).round(3)
    array([0.   , 3.365])
    """

    n_panels = 768

    def __init__(self, *, df: float = 5.0):
        if not is_scale(df, 2):
            raise ValueError(f"StudentT: df must be a number >= 2 and <= 1e150, got {shown(df)}.")
        self.df = self.moments = float(df)
        end = -float(stdtrit(self.df, 2.5e-10))
        self.domain = (np.array([-end]), np.array([end]))

    def panel_edges(self):
        """Return the edges of panels that get finer towards the center.

        Returns
        -------
        ndarray
        """
        return graded_edges(float(self.domain[0][0]), float(self.domain[1][0]), self.n_panels, 0.0, 4.0)

    def _draw(self, n, rng):
        return rng.standard_t(self.df, size=(n, 1))

    def _logpdf(self, X):
        x, v = X[:, 0], self.df
        log_norm = gammaln(0.5 * (v + 1)) - gammaln(0.5 * v) - 0.5 * np.log(v * np.pi)
        return log_norm - 0.5 * (v + 1) * np.log1p(x * x / v)

    def _cdf(self, x):
        return stdtr(self.df, x)

    def _ppf(self, q):
        x = stdtrit(self.df, np.clip(q, 1e-300, 1 - 1e-16))
        return np.where(q <= 0, -np.inf, np.where(q >= 1, np.inf, x))
