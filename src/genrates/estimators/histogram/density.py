"""The histogram; the lecture's empirical risk chooses its bins."""

import numbers

import numpy as np

from genrates.data.given import numbers_in
from genrates.errors import SMALLEST_WIDTH, is_number
from genrates.estimators._numerics.discrete import draw_index
from genrates.estimators._numerics.rounding import rounding_of
from genrates.estimators.base import DensityEstimator
from genrates.estimators.histogram._bins import loo_bins, reference_bins
from genrates.estimators.histogram._cells import DENSE_LIMIT, cell_index, find_cells, flat_index, occupied
from genrates.estimators.histogram._edges import MOST_BINS, anchored_edges, equal_edges, rule_edges

_MOST_AXES = 64  # of a numpy array


class HistogramDensity(DensityEstimator):
    r"""Histogram on a grid of bins of equal width.

    .. math:: \hat p(x) = \frac{n_k}{n\,h} \quad\text{for } x \text{ in bin } k .

    ``bins="loo"`` minimizes the leave-one-out empirical risk. It estimates the integrated squared error
    without bias, up to a constant (Rudemo 1982, eq. 2.4; Stone 1984):

    .. math:: \hat R(h) = \int \hat p^2 - \frac{2}{n} \sum_i \hat p_{-i}(x_i)
              \;\propto\; \frac{2 - (n+1) \sum_k (n_k/n)^2}{h} .

    The candidates are 1, 2, ..., max(100, sqrt(n)) bins on [min, max], as in numpy's ``bins="stone"``, and
    the choice among them is the same. If the minimum lies in the upper half of the candidates, the search
    goes on, up to n bins; numpy stops at the bound. In d dimensions one common scale is chosen: widths are
    proportional to the columns' standard deviations, and the numbers of bins lie on a geometric grid.

    Rounded values repeat, and all their differences are multiples of one step
    (:func:`genrates.estimators._numerics.rounding.rounding_of`). They get bins that are a whole number of
    steps wide, with edges half way between possible values: whole numbers have edges at .5. Otherwise bins
    between two values would be empty, and the risk would fall for ever as bins shrink.
    :func:`numpy.histogram_bin_edges` does so for integers only, and begins bins at the values.

    The best width falls like n^(-1/(2+d)), and so does the root mean integrated squared error; in one
    dimension that is n^(-1/3).

    Parameters
    ----------
    bins : {"loo", "fd", "scott"} or int, default="loo"
        Rule, or number of bins per column on [min, max]. "fd" is Freedman and Diaconis (1981). "scott" is the
        optimum for a normal (Scott 1979). Both are those of :func:`numpy.histogram_bin_edges` for values that
        are not rounded. A number of bins is taken as it is.
    bin_width : float or array of shape (n_features,), default=None
        Width of the bins; overrides `bins`. The edges then lie at `origin` plus multiples of the width. The
        grid does not depend on the data, and neither a constant column nor a single row is an error.
    origin : float, default=0.0
        Where the grid is anchored if `bin_width` is given.

    Attributes
    ----------
    bin_edges_ : list of n_features arrays
        Edges of the bins of each column.
    n_bins_ : int, or ndarray of shape (n_features,) if that is more than 1
        Number of bins of each column.
    bin_width_ : float, or ndarray of shape (n_features,) if that is more than 1
        Width of the bins of each column.
    densities_ : ndarray
        Heights of all cells, in the shape of the grid, if it has at most 2^20 cells; else those of the
        occupied cells.
    cells_ : None, or ndarray of shape (n_occupied, n_features)
        Indices of the occupied cells in lexicographic order, if only those are stored.

    Notes
    -----
    Fit: O(n log n). In one dimension "loo" adds O(n log n) for all candidates together. In d dimensions it
    adds O(n d) for each of about 30 to 100 candidates, or O(n d log n) for a grid of more than 4 n + 10^6
    cells. One log-density: O(d), or O(d log(cells)) if only occupied cells are stored. Memory: O(n d).

    Rows beyond the outermost edges have density 0. Only ratios of sample weights matter. Weights that are
    whole multiples of the smallest count as repeats of a row, other weights are importances; the n of the
    rules is the effective size (Kish 1965).

    Examples
    --------
    >>> from genrates.estimators import HistogramDensity
    >>> model = HistogramDensity(bins=2).fit([[0.0], [0.1], [0.2], [1.0]])
    >>> model.densities_
    array([1.5, 0.5])
    >>> model.cdf([[0.5], [0.75]])
    array([0.75 , 0.875])
    """

    def __init__(self, *, bins="loo", bin_width=None, origin: float = 0.0):
        self.bins = bins
        self.bin_width = bin_width
        self.origin = origin

    @property
    def minimum_samples(self) -> int:
        """Smallest number of rows that `fit` accepts.

        Returns
        -------
        int
            2, since one row has no range; 1 if `bin_width` is given.
        """
        return 2 if self.bin_width is None else 1

    def fit(self, X, y=None, sample_weight=None):
        """Choose the bins and count the rows in each.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set.
        y : None
            Not used; part of scikit-learn's interface.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weight of each row; None gives all rows weight 1.

        Returns
        -------
        self : HistogramDensity
            The fitted model.

        Raises
        ------
        ValueError
            For a bad `bins`, `bin_width` or `origin`. Without `bin_width`: for fewer than 2 rows or a
            constant column. For "fd": for an interquartile range of zero. For more than 2^24 bins in a
            column, or a cell volume outside the range of floating-point numbers.
        """
        self._check_parameters()
        X, weight = self._check_fit(X, sample_weight)
        if weight is not None:
            X, weight = X[weight > 0], weight[weight > 0]
        edges = self._edges(X, weight)
        shape = tuple(len(e) - 1 for e in edges)
        width = np.array([(e[-1] - e[0]) / m for e, m in zip(edges, shape, strict=True)])
        if not np.all(width >= SMALLEST_WIDTH):
            raise ValueError(
                f"HistogramDensity: bins of width {width.min():g} have no finite density; rescale the data."
            )
        cells = cell_index(X, edges)
        total = len(X) if weight is None else weight.sum()
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            if len(shape) <= _MOST_AXES and float(np.prod(np.array(shape, dtype=float))) <= DENSE_LIMIT:
                size = int(np.prod(shape))
                count = np.bincount(flat_index(cells, shape), weights=weight, minlength=size).reshape(shape)
                kept_cells = None
            else:
                kept_cells, count = occupied(cells, shape, weight)
            volume = np.prod(width)
            densities = count / total / volume
        if not (np.all(np.isfinite(densities)) and np.any(densities > 0)):
            raise ValueError(
                f"HistogramDensity: a cell's volume ({volume:g}) leaves the range of floating-point "
                "numbers; rescale the columns."
            )
        self.bin_edges_, self.cells_, self.densities_ = edges, kept_cells, densities
        one_feature = len(shape) == 1
        self.n_bins_ = shape[0] if one_feature else np.array(shape)
        self.bin_width_ = float(width[0]) if one_feature else width
        return self

    @property
    def breakpoints_(self) -> np.ndarray:
        """Points where the density may jump: the edges; one feature only.

        Returns
        -------
        ndarray of shape (n_bins + 1,)
            The edges.

        Raises
        ------
        AttributeError
            If the model has more than one feature.
        """
        if self.n_features_in_ != 1:
            raise AttributeError("HistogramDensity.breakpoints_ exists in one dimension only.")
        return self.bin_edges_[0]

    @property
    def n_parameters_(self) -> int:
        """Number of stored cells.

        Returns
        -------
        int
            Size of `densities_`.
        """
        return int(self.densities_.size)

    @property
    def nbytes_(self) -> int:
        """Memory of heights, cell indices and edges.

        Returns
        -------
        int
            Total size in bytes.
        """
        cells = 0 if self.cells_ is None else self.cells_.nbytes
        return int(self.densities_.nbytes + cells + sum(e.nbytes for e in self.bin_edges_))

    def _check_parameters(self) -> None:
        """Raise a ValueError for a bad `bins`, `bin_width` or `origin`."""
        if not (isinstance(self.bins, str) and self.bins in ("loo", "fd", "scott")):
            self._check_count("bins", most=MOST_BINS, or_else="'loo', 'fd', 'scott' or ")
        if self.bin_width is not None:
            width = numbers_in(self.bin_width)
            if width is None or width.ndim > 1 or not width.size or not np.all(width >= SMALLEST_WIDTH):
                self._refuse("bin_width", "be None, a positive number or one a column", self.bin_width)
            self._check_origin(float(width.min()))
        elif not is_number(self.origin):
            self._refuse("origin", "be a finite number", self.origin)
        super()._check_parameters()

    def _check_origin(self, width: float) -> None:
        """Raise a ValueError for an origin from which bins of this width are not told apart."""
        if not is_number(self.origin) or np.spacing(abs(float(self.origin))) > width:
            self._refuse("origin", "be a finite number, at most 2^52 bins away from 0", self.origin)

    def _edges(self, X: np.ndarray, weight: np.ndarray | None) -> list[np.ndarray]:
        """Return the edges of each column by the rule that the parameters choose."""
        # column by column, since numpy's reduction along the rows of a narrow array is slow
        low, high = (np.array([extreme(x) for x in X.T]) for extreme in (np.min, np.max))
        if self.bin_width is not None:
            return anchored_edges(low, high, self.bin_width, float(self.origin))
        with np.errstate(over="ignore"):
            span = high - low
        if not np.all(np.isfinite(span)):
            raise ValueError(
                "HistogramDensity: a column's range exceeds the largest floating-point number; rescale it."
            )
        if not np.all(span > 0):
            self._refuse_constant(X)
        if isinstance(self.bins, numbers.Integral):
            return equal_edges(low, high, [int(self.bins)] * len(span))
        rounding = np.array([rounding_of(x, weight) for x in X.T])
        if self.bins == "loo":
            n_bins = loo_bins(X, weight, rounding)
        else:
            n_bins = reference_bins(X, weight, self.bins, rounding)
        return rule_edges(low, high, n_bins, rounding)

    def _log_density(self, X):
        cells = cell_index(X, self.bin_edges_)
        inside = np.all(cells >= 0, axis=1)
        shape = tuple(len(e) - 1 for e in self.bin_edges_)
        height = np.zeros(len(X))
        if self.cells_ is None:
            height[inside] = self.densities_.ravel()[flat_index(cells[inside], shape)]
        else:
            position = find_cells(cells[inside], self.cells_, shape)
            height[inside] = np.where(position >= 0, self.densities_[position], 0.0)
        with np.errstate(divide="ignore"):
            return np.log(height)

    def _occupied(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the occupied cells (m, n_features) and their probabilities (m,), which sum to 1."""
        cells = self.cells_
        height = self.densities_
        if cells is None:
            cells = np.argwhere(height > 0)
            height = height[height > 0]
        mass = height / height.sum()
        return cells, mass

    def _pieces(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return left and right ends (m,) of the occupied bins, and the cdf at the ends (m + 1,)."""
        cells, mass = self._occupied()
        edges = self.bin_edges_[0]
        level = np.concatenate([[0.0], np.cumsum(mass)])
        return edges[cells[:, 0]], edges[cells[:, 0] + 1], level / level[-1]

    def _cdf(self, x):
        left, right, level = self._pieces()
        k = np.maximum(np.searchsorted(left, x, side="right") - 1, 0)
        fraction = np.clip((x - left[k]) / (right[k] - left[k]), 0.0, 1.0)
        return level[k] + fraction * (level[k + 1] - level[k])

    def _ppf(self, q):
        left, right, level = self._pieces()
        k = np.searchsorted(level[1:], q, side="left")
        return left[k] + (q - level[k]) / (level[k + 1] - level[k]) * (right[k] - left[k])

    def _inverse_rosenblatt(self, z):
        """Map uniforms z (n, n_features) to points, by successive conditionals.

        Cells with the same first indices are neighbors in the lexicographic order. So one running sum holds
        the conditional distribution functions of all columns.

        Returns
        -------
        ndarray of shape (n, n_features)
            The points.
        """
        cells, mass = self._occupied()
        level = np.concatenate([[0.0], np.cumsum(mass)])
        m = len(cells)
        first, last = np.zeros(len(z), dtype=np.intp), np.full(len(z), m)
        changed = np.zeros(m, dtype=bool)
        changed[0] = True
        X = np.empty_like(z)
        for j, edge in enumerate(self.bin_edges_):
            changed[1:] |= cells[1:, j] != cells[:-1, j]
            ends = np.append(np.flatnonzero(changed), m)
            target = level[first] + z[:, j] * (level[last] - level[first])
            node = np.searchsorted(level[ends], target, side="right") - 1
            # rounding must not lead out of the cells that the earlier columns chose
            node = np.clip(node, np.searchsorted(ends, first), np.searchsorted(ends, last) - 1)
            first, last = ends[node], ends[node + 1]
            fraction = np.clip((target - level[first]) / (level[last] - level[first]), 0.0, 1.0)
            k = cells[first, j]
            X[:, j] = edge[k] + fraction * (edge[k + 1] - edge[k])
        return X

    def _draw(self, n_samples, rng):
        cells, mass = self._occupied()
        corners = [e[k] for e, k in zip(self.bin_edges_, cells.T, strict=True)]
        widths = np.atleast_1d(self.bin_width_)
        X = np.empty((n_samples, self.n_features_in_))
        for rows, cell in draw_index(mass, n_samples, rng):
            columns = rng.random((len(corners), len(cell)))
            for x, corner, width, edge in zip(columns, corners, widths, self.bin_edges_, strict=True):
                x *= width
                x += np.take(corner, cell, mode="clip")
                np.minimum(x, edge[-1], out=x)  # rounding must not lead beyond the last edge
            X[rows] = columns.T
        return X
