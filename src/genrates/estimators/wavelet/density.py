"""Density estimate by wavelets with thresholds, on the line."""

import math
from typing import ClassVar

import numpy as np

from genrates.errors import is_number
from genrates.estimators._numerics.effective_size import effective_size
from genrates.estimators._numerics.rounding import rounding_of
from genrates.estimators._numerics.spread import deviation
from genrates.estimators.piecewise_linear import PiecewiseLinearDensity
from genrates.estimators.wavelet._transform import thresholded

_MOST_MOMENTS = 10
_MOST_CELLS = 1 << 18
_FINEST = 2.0  # the finest cell, in spreads times log(n) / n: no point's own bump is narrower
_ROUNDING = 1e-12  # of the largest mass: below it is the transform's own rounding
_MARGIN = 8.0  # spreads beyond the data, so that wavelets around the circle's seam meet no mass


class WaveletDensity(PiecewiseLinearDensity):
    r"""Wavelets with thresholds (Donoho, Johnstone, Kerkyacharian and Picard 1996), on the line.

    A kernel has one bandwidth for all places. Here the estimate is as fine as the data ask for at each place:
    a coefficient :math:`\hat d = n^{-1} \sum_i \psi(X_i)` of a wavelet is kept if it exceeds `threshold`
    times its own standard error, else it is 0. So narrow peaks are seen beside wide ones, and a jump costs
    nothing in the exponent.

    Points are counted in cells, as narrow as the finest wavelet that one could tell from chance, about
    log(n)/n of the data's spread. The mean of the estimates of all shifts of the wavelets is taken (Coifman
    and Donoho 1995), without its negative parts, and joined by straight lines between the cells.

    With K vanishing moments the root mean integrated squared error falls like (log n / n)^(K/(2K+1)), also
    for densities that are smooth but for a few jumps and corners.

    Parameters
    ----------
    vanishing_moments : int, default=6
        K, 1 to 10, of Daubechies' wavelets; 1 is Haar's.
    threshold : {"level", "universal"} or number, default="level"
        In standard errors of a coefficient. "level": :math:`\sqrt{2 \log m}` where m coefficients of that
        width stand side by side on the data's range. "universal": :math:`\sqrt{2 \log n}` at all widths,
        which keeps less. A number: that many standard errors.

    Attributes
    ----------
    n_levels_ : int
        Widths of wavelets; the widest is about the data's spread.
    step_ : float
        Width of the cells.
    origin_ : float
        The first node, where the density is 0.
    masses_ : ndarray of shape (n_nodes,)
        Density at the nodes, times `step_`; their sum is 1.

    Notes
    -----
    Fit: O(n + m log^2 m) for m cells, at most 2^18, after a sort. In a rounded column, where values repeat,
    cells are as wide as the rounding or wider, around the values. Only ratios of sample weights matter.

    References
    ----------
    Donoho, Johnstone, Kerkyacharian and Picard, "Density estimation by wavelet thresholding", Ann. Statist.
    24 (1996). Coifman and Donoho, "Translation-invariant de-noising" (1995).

    Examples
    --------
    >>> from genrates.data import MarronWand
    >>> from genrates.estimators import KernelDensity, WaveletDensity
    >>> from genrates.metrics import Evaluation, RootMISE
    >>> data = MarronWand(number=14)  # combs of six widths
    >>> x = data.sample(3000, np.random.default_rng(0))
    >>> models = WaveletDensity().fit(x), KernelDensity(bandwidth="lscv").fit(x)
    >>> wavelet, kernel = (RootMISE()(Evaluation(model, data, x)) for model in models)
    >>> wavelet < 0.75 * kernel
    True
    """

    contract_parameters: ClassVar[list[dict]] = [
        {"threshold": "universal"},
        {"threshold": 3.0, "vanishing_moments": 1},
        {"vanishing_moments": 10},
    ]

    def __init__(self, *, vanishing_moments: int = 6, threshold="level"):
        self.vanishing_moments = vanishing_moments
        self.threshold = threshold

    def fit(self, X, y=None, sample_weight=None):
        """Count the points in fine cells, and drop what chance alone would give.

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
        self : WaveletDensity
            The fitted model.

        Raises
        ------
        ValueError
            For a bad parameter, more than one feature, fewer than 2 rows, equal values only, or cells that
            are too narrow for floating-point numbers.
        """
        self._check_parameters()
        x, weight = self._check_line(X, sample_weight)
        size, spread = effective_size(len(x), weight), _spread(x, weight)
        step, n_cells, low = _cells(x, weight, size, spread)
        if not step > 8 * np.finfo(float).eps * float(np.abs(x[[0, -1]]).max()):
            raise ValueError(
                f"WaveletDensity: cells of width {step:g} are too narrow for data that reach to "
                f"{np.abs(x[[0, -1]]).max():g}; move the data nearer to 0."
            )
        count = np.bincount(((x - low) / step).astype(np.intp), weights=weight, minlength=n_cells)
        self.n_levels_ = min(max(1, int(math.log2(spread / step))), n_cells.bit_length() - 2)
        side_by_side = float(x[-1] - x[0]) / step

        def threshold(level: int) -> float:
            if is_number(self.threshold):
                return float(self.threshold)
            alike = size if self.threshold == "universal" else side_by_side / 2**level
            return math.sqrt(2 * math.log(max(2.0, alike)))

        mass = thresholded(count / count.sum(), size, self.n_levels_, self.vanishing_moments, threshold)
        mass[mass < _ROUNDING * mass.max()] = 0.0
        seen = np.flatnonzero(mass)
        mass = mass[seen[0] : seen[-1] + 1] / mass.sum()
        return self._set_nodes(low + (seen[0] - 0.5) * step, step, np.concatenate([[0.0], mass, [0.0]]))

    def _check_parameters(self):
        """Raise a ValueError for a bad `vanishing_moments` or `threshold`."""
        self._check_count("vanishing_moments", 1, _MOST_MOMENTS)
        is_rule = isinstance(self.threshold, str) and self.threshold in ("level", "universal")
        if not is_rule and not (is_number(self.threshold) and self.threshold >= 0):
            self._refuse("threshold", "be 'level', 'universal' or a finite number >= 0", self.threshold)
        super()._check_parameters()


def _spread(x: np.ndarray, weight: np.ndarray | None) -> float:
    """Return the lesser of standard deviation and interquartile range / 1.349, as far as that is not 0."""
    share = None if weight is None else weight / weight.sum()
    sd = float(deviation(x[:, None], share)[0])
    level = np.arange(1, len(x) + 1) / len(x) if share is None else np.cumsum(share)
    low, high = x[np.minimum(np.searchsorted(level, [0.25, 0.75]), len(x) - 1)]
    return min(sd, float(high - low) / 1.349) if high > low else sd


def _cells(x: np.ndarray, weight, size: float, spread: float) -> tuple[float, int, float]:
    """Return width and number of the cells, and where they begin; the number is a power of two."""
    total = float(x[-1] - x[0]) + _MARGIN * spread
    unit = rounding_of(x, weight)
    narrow = max(
        _FINEST * spread * math.log(size) / size if size > 1 else spread, 2 * total / _MOST_CELLS, unit
    )
    n_cells = 1 << max(6, math.ceil(math.log2(total / narrow)))
    if unit == 0:
        step = total / n_cells
        return step, n_cells, float(x[0] + x[-1]) / 2 - n_cells * step / 2
    step = unit * max(1.0, math.ceil(total / n_cells / unit))
    before = math.floor((n_cells * step - float(x[-1] - x[0])) / 2 / step)
    return step, n_cells, float(x[0]) - unit / 2 - before * step
