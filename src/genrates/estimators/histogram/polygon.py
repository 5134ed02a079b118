"""Histograms whose midpoints are joined: the frequency polygon, and that of averaged shifted histograms."""

from typing import ClassVar

import numpy as np

from genrates.errors import SMALLEST_WIDTH, is_number
from genrates.estimators._numerics.effective_size import effective_size
from genrates.estimators._numerics.rounding import rounding_of
from genrates.estimators._numerics.spread import deviation
from genrates.estimators.histogram._edges import MOST_BINS
from genrates.estimators.piecewise_linear import PiecewiseLinearDensity, heights_at

_N_WIDTHS = 64  # that leave-one-out compares
_NARROWEST = 1 / 50  # of them, in units of the normal rule's
_SPAN = 2.0  # the widest takes up half of the range
_MOST_SHIFTS = 1000


class FrequencyPolygon(PiecewiseLinearDensity):
    r"""Straight lines between the midpoints of a histogram's bins (Scott 1985a), on the line.

    A histogram loses the slope of the density, n^(-1/3); lines between its midpoints lose the curvature only,
    and the root mean integrated squared error falls like n^(-2/5), as a kernel estimate's.

    With `n_shifts` = m > 1 the midpoints are those of the averaged shifted histogram (Scott 1985b): the mean
    of m histograms of bin width h, each moved by h/m. With c_j the counts of bins of width h/m,

    .. math:: \hat f_j = \frac{1}{n h} \sum_{|i| < m} \Big(1 - \frac{|i|}{m}\Big) c_{j+i},

    which for many shifts is the kernel estimate with a triangle of half-width h.

    Parameters
    ----------
    bin_width : {"loo", "normal"} or number, default="loo"
        h. "loo" minimizes the leave-one-out estimate of the risk, among 64 widths. "normal" is the best for a
        normal density: 2.15 sd n^(-1/5) for the polygon (Scott 1985a), 2.58 sd n^(-1/5) for many shifts. In a
        rounded column, where values repeat, these rules move by whole multiples of its rounding.
    n_shifts : int, default=1
        m. 1: the frequency polygon.

    Attributes
    ----------
    bin_width_ : float
        h.
    step_ : float
        h/m, the distance between nodes.
    origin_ : float
        The first node, where the density is 0.
    masses_ : ndarray of shape (n_nodes,)
        Density at the nodes, times `step_`; their sum is 1.

    Notes
    -----
    Fit: O(64 n) for "loo", else O(n), after a sort. A query is O(1), a quantile O(log n_nodes), a draw O(1):
    density, distribution function and quantiles are exact, polynomials of degree 1 and 2 and their inverse.

    Only ratios of sample weights matter.

    References
    ----------
    Scott, "Frequency polygons: theory and application", JASA 80 (1985a). Scott, "Averaged shifted histograms:
    effective nonparametric density estimators in several dimensions", Ann. Statist. 13 (1985b).

    Examples
    --------
    >>> from genrates.estimators import FrequencyPolygon
    >>> model = FrequencyPolygon(bin_width=2.0).fit([[0.0], [1.0], [2.5], [4.0]])  # bins begin at 0, 2, 4
    >>> model.masses_
    array([0.  , 0.5 , 0.25, 0.25, 0.  ])
    >>> float(np.exp(model.score_samples([[2.0]]))[0])  # half way between the first two midpoints
    0.1875
    """

    contract_parameters: ClassVar[list[dict]] = [
        {"bin_width": "normal"},
        {"n_shifts": 8},
        {"n_shifts": 3, "bin_width": "normal"},
    ]

    def __init__(self, *, bin_width="loo", n_shifts: int = 1):
        self.bin_width = bin_width
        self.n_shifts = n_shifts

    def fit(self, X, y=None, sample_weight=None):
        """Choose the bin width and count.

        Parameters
        ----------
        X : array-like of shape (n_samples, 1)
            Training set.
        y : None
            Not used; part of scikit-learn's interface.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weight of each row; None gives all rows weight 1.

        Returns
        -------
        self : FrequencyPolygon
            The fitted model.

        Raises
        ------
        ValueError
            For a bad parameter, more than one feature, fewer than 2 rows, equal values only, or bins that are
            too many or too narrow for floating-point numbers.
        """
        self._check_parameters()
        x, weight = self._check_line(X, sample_weight)
        self._rounding = rounding_of(x, weight) if isinstance(self.bin_width, str) else 0.0
        step = self._step(x, weight, effective_size(len(x), weight))
        low, n_bins = self._bins(x, step)
        self._refuse_narrow(step, n_bins, float(np.abs(x[[0, -1]]).max()))
        masses, first = _masses(x, weight, low, step, self.n_shifts)
        self.bin_width_ = step * self.n_shifts
        return self._set_nodes(low + (0.5 + first) * step, step, masses)

    def _check_parameters(self):
        """Raise a ValueError for a bad `bin_width` or `n_shifts`."""
        self._check_count("n_shifts", 1, _MOST_SHIFTS)
        if not (isinstance(self.bin_width, str) and self.bin_width in ("loo", "normal")) and not (
            is_number(self.bin_width) and self.bin_width >= SMALLEST_WIDTH
        ):
            must = f"be 'loo', 'normal' or a finite number >= {SMALLEST_WIDTH:g}"
            self._refuse("bin_width", must, self.bin_width)
        super()._check_parameters()

    # -- the bins -----------------------------------------------------------------------------------------

    def _step(self, x, weight, size: float) -> float:
        """Return the distance between nodes."""
        if not isinstance(self.bin_width, str):
            return float(self.bin_width) / self.n_shifts
        share = None if weight is None else weight / weight.sum()
        normal = normal_constant(self.n_shifts) * float(deviation(x[:, None], share)[0]) * size**-0.2
        if self.bin_width == "normal":
            return self._whole(normal / self.n_shifts)
        span = float(x[-1] - x[0])
        widths = np.geomspace(min(_NARROWEST * normal, span / _SPAN), max(normal, span / _SPAN), _N_WIDTHS)
        most = max(1000, 10 * len(x))  # a far value may make the range any number of widths
        steps = sorted({self._whole(max(width / self.n_shifts, span / most)) for width in widths})
        return min(steps, key=lambda step: self._risk(x, weight, size, step))

    def _whole(self, step: float) -> float:
        """Return the step as a multiple of the values' rounding, if they are rounded."""
        unit = self._rounding
        return unit * max(1.0, float(np.rint(step / unit))) if unit > 0 else step

    def _bins(self, x, step: float) -> tuple[float, float]:
        """Return where bins begin, and how many it takes to cover the data."""
        low = float(x[0] - 0.5 * self._rounding)
        return low, float(np.floor((x[-1] - low) / step)) + 1

    def _refuse_narrow(self, step: float, n_bins: float, largest: float) -> None:
        """Raise a ValueError for bins that are too many, or that floating-point numbers do not tell apart."""
        if n_bins * self.n_shifts > MOST_BINS or not step > 8 * np.finfo(float).eps * largest:
            raise ValueError(
                f"FrequencyPolygon: bins of width {step * self.n_shifts:g}, {self.n_shifts} shifts, are too "
                f"narrow for data that reach to {largest:g} and take {n_bins:.3g} steps; ask for wider ones."
            )

    def _risk(self, x, weight, size: float, step: float) -> float:
        """Return the leave-one-out estimate of int f^2 - 2 int f p, times the range; inf if too narrow."""
        low, _ = self._bins(x, step)
        if not step > 8 * np.finfo(float).eps * float(np.abs(x[[0, -1]]).max()):
            return np.inf
        masses, first = _masses(x, weight, low, step, self.n_shifts)
        place = (x - low) / step - 0.5 - first
        here = heights_at(masses, place)
        # without its own point of weight 1; the bin's midpoint is not the point's place
        off = np.abs(place - np.rint(place))
        own = (1 - off / self.n_shifts) / self.n_shifts
        left_out = (size * here - own) / (size - 1) if size > 1 else here
        square = (masses[:-1] ** 2 + masses[:-1] * masses[1:] + masses[1:] ** 2).sum() / 3
        mean = float(np.average(left_out, weights=weight))
        return (square - 2 * mean) * (float(x[-1] - x[0]) / step)


def normal_constant(n_shifts: int) -> float:
    """Return c in the bin width c sd n^(-1/5) that is best for a normal density.

    At a place between two nodes the estimate is a weighted sum of counts. Its asymptotic variance and bias
    come from the weights' squares and second moments, and are averaged over the place.

    Parameters
    ----------
    n_shifts : int
        Number of shifted histograms, m.

    Returns
    -------
    float

    Examples
    --------
    >>> round(normal_constant(1), 3), round(normal_constant(100), 3)  # Scott: 2.15, 2.576
    (2.153, 2.576)
    """
    m = n_shifts
    offset = np.arange(-m, m + 2)
    weight = np.maximum(1 - np.abs(offset) / m, 0.0)
    left, right = weight, np.append(0.0, weight[:-1])
    t, w = np.polynomial.legendre.leggauss(3)  # exact for the polynomials of degree 2 and 4 in the place
    t, w = (t + 1) / 2, w / 2
    mixed = (1 - t[:, None]) * left + t[:, None] * right
    variance = w @ (mixed**2).sum(axis=1) / m
    moment = (mixed * ((offset - t[:, None]) ** 2 + 1 / 12)).sum(axis=1) / m**3
    bias = w @ moment**2 / 4
    curvature = 3 / (8 * np.sqrt(np.pi))  # int f''^2 of the standard normal
    return float((variance / (4 * bias * curvature)) ** 0.2)


def _masses(x, weight, low: float, step: float, n_shifts: int) -> tuple[np.ndarray, int]:
    """Return the masses of the nodes, with one of mass 0 at either end, and the number of the first bin."""
    count = np.bincount(((x - low) / step).astype(np.intp), weights=weight)
    total = float(len(x) if weight is None else weight.sum())
    triangle = 1 - np.abs(np.arange(1 - n_shifts, n_shifts)) / n_shifts
    masses = np.convolve(count, triangle) if n_shifts > 1 else count
    return np.concatenate([[0.0], masses / (total * n_shifts), [0.0]]), -n_shifts
