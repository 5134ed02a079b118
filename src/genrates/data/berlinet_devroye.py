"""Berlinet and Devroye's 28 densities of 1994: jumps, infinite peaks, tails without a mean, combs."""

import numpy as np

from genrates.data.base import KnownDensity
from genrates.data.quadrature import with_breakpoints
from genrates.data.shapes import shape_of
from genrates.errors import is_count, shown

_OUTSIDE = 2.5e-10  # mass beyond either end of the domain
_SMALLEST = 1e-36  # panels shrink down to this distance from an infinite peak
_GROWTH = 1.1  # ratio of the sizes of neighboring panels near a peak and in a tail
_PER_PIECE = 256


class BerlinetDevroye(KnownDensity):
    r"""Density `number` of Berlinet and Devroye's 28 test densities.

    Parameters
    ----------
    number : int, default=11
        1 uniform, 2 exponential, 3 Maxwell, 4 double exponential, 5 logistic, 6 Cauchy, 7 extreme value,
        8 infinite peak, 9 Pareto, 10 symmetric Pareto, 11 normal, 12 lognormal, 13 uniform scale mixture,
        14 Matterhorn, 15 logarithmic peak, 16 isosceles triangle, 17 beta 2,2, 18 chi-square 1, 19 normal
        cubed, 20 inverse exponential, 21 Marronite, 22 skewed bimodal, 23 claw, 24 smooth comb, 25 caliper,
        26 trimodal uniform, 27 sawtooth, 28 bilogarithmic peak.

    Attributes
    ----------
    name : str
        Its name.
    square_poles : tuple of float
        Peaks around which the squared density has no integral (8, 14, 18, 19). There `root_mise` is infinite
        for every model, and the metric says so.
    moments : float
        Moments of every order below this exist: 1 for the Cauchy density, 1/2 for 9, 10 and 20.

    Raises
    ------
    ValueError
        For any other number.

    Notes
    -----
    The Matterhorn, :math:`1 / (|x| \log^2 |x|)`, has a share .0027 of its mass nearer to 0 than the smallest
    positive float64. Draws there are 0, and the quadrature, which ends at 1e-300, misses .0029 of the mass.
    So errors on it are known to that accuracy only, and no experiment names it. At an infinite peak itself
    the density is given as 0, as in R's package `benchden`.

    References
    ----------
    A. Berlinet and L. Devroye, A comparison of kernel density estimates, Publications de l'Institut de
    Statistique de l'Universite de Paris 38 (1994), 3-59, section 3.2. T. Mildenberger and H. Weinert, The
    benchden package, Journal of Statistical Software 46 (2012), 14.

    Examples
    --------
    >>> data = BerlinetDevroye(number=8)
    >>> data.name, data.cdf([0.25]).tolist()
    ('infinite peak', [0.5])
    """

    def __init__(self, *, number: int = 11):
        if not is_count(number, 1, 28):
            raise ValueError(f"BerlinetDevroye: number must be an integer from 1 to 28, got {shown(number)}.")
        self.number = int(number)
        self._shape = shape = shape_of(self.number)
        self.name, self.moments, self.square_poles = shape.name, shape.moments, shape.square_poles
        self.breakpoints = tuple(sorted({*map(float, shape.breakpoints), *map(float, shape.peaks)}))
        low, high = (float(x) for x in self._ppf(np.array([_OUTSIDE, 1 - _OUTSIDE])))
        core = np.array(self._ppf(np.array([0.005, 0.5, 0.995])))
        self._core = (float(core[0]), float(core[2]))
        margin = 0.25 * (self._core[1] - self._core[0])
        ends = shape.support
        low = low if np.isinf(ends[0]) else ends[0] - min(margin, 10.0)
        high = high if np.isinf(ends[1]) else ends[1] + min(margin, 10.0)
        self.domain = (np.array([low]), np.array([high]))

    def panel_edges(self):
        """Return the edges of panels that get finer towards peaks and coarser in heavy tails.

        Returns
        -------
        ndarray
        """
        low, high = float(self.domain[0][0]), float(self.domain[1][0])
        shape, spans = self._shape, [(0.005, 0.995)]
        if np.isfinite(self.moments):  # the tail is long, the middle fine
            spans += [(0.05, 0.95), (0.25, 0.75)]
        pieces = [tuple(self._ppf(np.array(span))) for span in spans]
        edges = [np.linspace(a, b, _PER_PIECE + 1) for a, b in (*pieces, *shape.pieces)]
        edges += [np.linspace(max(low, min(self._core[0], 0)), min(high, self._core[1]), 2 * _PER_PIECE + 1)]
        smallest = {14: 1e-300}.get(self.number, _SMALLEST)
        centers = dict.fromkeys((*shape.peaks, *shape.cusps), smallest)
        middle = float(self._ppf(np.array([0.5]))[0])
        quarters = np.diff(self._ppf(np.array([0.25, 0.75])))[0]
        centers |= dict.fromkeys({middle, self._core[0]} - set(centers), 1e-3 * quarters)
        for center, first in centers.items():
            reach = np.log(max(high - center, center - low) / first) / np.log(_GROWTH)
            steps = first * _GROWTH ** np.arange(np.ceil(reach) + 1)
            edges += [center - steps, center + steps]
        return with_breakpoints(np.array([low, high]), np.concatenate(edges))

    def _draw(self, n, rng):
        return self._ppf(rng.random(n))[:, None]

    def _logpdf(self, X):
        x, (low, high) = X[:, 0], self._shape.support
        inside = (x >= low) & (x <= high) & ~np.isin(x, self._shape.peaks) & np.isfinite(x)
        log_f = np.full(len(x), -np.inf)
        log_f[inside] = self._shape.logpdf(x[inside])
        return log_f

    def _cdf(self, x):
        with np.errstate(over="ignore", divide="ignore"):
            return np.asarray(self._shape.cdf(x), dtype=np.float64)

    def _ppf(self, q):
        with np.errstate(divide="ignore", over="ignore"):
            return np.asarray(self._shape.ppf(q), dtype=np.float64)
