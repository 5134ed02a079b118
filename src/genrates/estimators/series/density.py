"""The basis row of the lecture's table: a truncated orthogonal series, turned into a density."""

from typing import ClassVar

import numpy as np

from genrates.errors import is_number
from genrates.estimators._numerics.box import box, check_pairs, refuse_outside
from genrates.estimators._numerics.cell_rejection import CellSampler
from genrates.estimators._numerics.effective_size import effective_size
from genrates.estimators.base import DensityEstimator
from genrates.estimators.series._basis import BASES, MOST_TERMS
from genrates.estimators.series._cells import sampling_cells
from genrates.estimators.series._projection import monotone_nodes, project
from genrates.estimators.series._tensor import (
    project_on_grid,
    tensor_coefficients,
    tensor_value,
    truncation_risk,
)

_MOST_GIVEN_TERMS = 2**16  # in one dimension; a fit costs O(M log M)


class SeriesDensity(DensityEstimator):
    r"""Orthogonal series estimate on a box, projected onto the densities.

    .. math:: \hat f_M(u) = \sum_{k < M} \hat\theta_k \phi_k(u), \quad
              \hat\theta_k = \frac1n \sum_i \phi_k(u_i), \quad
              \hat p = \epsilon + (\hat f_M - c)_+, \ \int \hat p = 1

    Here u in [0, 1] is the position inside `bounds`. In d = 2 and 3 dimensions the basis is the tensor
    product of cosines, with M in each dimension. Among all densities above the floor, the estimate is the
    nearest to the series in L2, by the choice of the level c >= 0 (Gajek 1986). Outside the bounds the
    density is 0 and `score_samples` is -inf.

    M minimizes the leave-one-out empirical risk. It estimates the integrated squared error of the series
    without bias, up to a constant:

    .. math:: R(M) = \sum_{k < M} \Big( \hat\theta_k^2
              - \frac{2}{n - 1} \Big( n \hat\theta_k^2 - \frac1n \sum_i \phi_k(u_i)^2 \Big) \Big).

    Root mean integrated squared error: n^(-2/5) over densities of Sobolev smoothness 2 (M ~ n^(1/5)), and
    n^(-s/(2s+1)) for smoothness s. Cosines have zero slope at both ends. A density with another slope there
    counts as smoothness 3/2, so its rate is n^(-3/8).

    Parameters
    ----------
    n_terms : "risk" or int >= 1, default="risk"
        M, the number of basis functions per dimension, the constant included (1 is the uniform density).
        "risk" tries every M up to 1024, 64, 16 in 1, 2, 3 dimensions (64 for Legendre), and no more than a
        column has distinct values.
    bounds : None, (low, high), or one such pair per column, default=None
        The box. An end that is None is the data's end moved outwards by range / (n - 1). On uniform data this
        is the unbiased estimate of the end.
    floor : float in [0, 1), default=None
        Mass that is spread evenly over the box, so that the log-density in the box is finite. None: the mass
        of one point, 1 / (n + 1). With 0 the density may vanish where the series is cut.
    basis : {"cosine", "legendre"}, default="cosine"
        Legendre polynomials have no fixed slope at the ends of the interval; one dimension only.

    Attributes
    ----------
    n_terms_ : int
        M.
    bounds_ : ndarray of shape (n_features, 2)
        The box.
    coefficients_ : ndarray of shape (M,) * n_features
        Coefficients in the orthonormal basis of the unit box.
    level_ : float
        c, in units of the density on the unit box.
    floor_ : float
        epsilon, in units of the density on the unit box.
    intervals_ : ndarray of shape (n_intervals, 2) or None
        Intervals of [0, 1] on which the series exceeds c; None in several dimensions.
    risk_ : ndarray of shape (largest M tried,) or None
        R(1), R(2), ... for `n_terms="risk"`, else None.

    Notes
    -----
    Fit: O(n + M log M) with cosines in one dimension (exact to 1e-13, by fast Fourier transforms of local
    moments), O(n M^d) otherwise. One density or cdf: O(M^d). In one dimension the density integrates to one
    up to rounding errors, in 2 and 3 dimensions up to about 1e-4, because c is found on a grid. Only
    ratios of sample weights matter: whole multiples of the smallest count as repeats of a row, other weights
    as importances. Draws are exact, by rejection.

    References
    ----------
    Cencov, "Evaluation of an unknown distribution density from observations", Soviet Math. 3 (1962).

    Gajek, "On improving density estimators which are not bona fide functions", Ann. Statist. 14 (1986).

    Bowman, "An alternative method of cross-validation", Biometrika 71 (1984), for the risk.

    Examples
    --------
    >>> import numpy as np
    >>> from genrates.estimators import SeriesDensity
    >>> X = np.random.default_rng(0).beta(2, 3, size=(500, 1))
    >>> model = SeriesDensity(bounds=(0, 1)).fit(X)
    >>> model.n_terms_
    5
    >>> model.cdf([[0.0], [1.0]])
    array([0., 1.])
    """

    minimum_samples = 2
    expected_failed_checks: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "check_n_features_in_after_fitting",
            "check_positive_only_tag_during_fit",
            "check_estimators_dtypes",
            "check_sample_weight_equivalence_on_dense_data",
            "check_dtype_object",
        ),
        "fits 4 or more features; a tensor product is for 1 to 3",
    )
    contract_parameters: ClassVar[list[dict]] = [{"n_terms": 12}]

    def __init__(self, *, n_terms="risk", bounds=None, floor: float | None = None, basis: str = "cosine"):
        self.n_terms = n_terms
        self.bounds = bounds
        self.floor = floor
        self.basis = basis

    def fit(self, X, y=None, sample_weight=None):
        """Estimate the coefficients and choose M.

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
        self : SeriesDensity
            The fitted model.

        Raises
        ------
        ValueError
            For more than 3 features, fewer than 2 rows, a constant column without bounds, data outside the
            bounds, or a bad parameter.
        """
        self._check_parameters()
        X, weight = self._check_fit(X, sample_weight)
        if weight is not None:
            X, weight = X[weight > 0], weight[weight > 0]
        if X.shape[1] not in MOST_TERMS[self.basis]:
            raise ValueError(
                "SeriesDensity: needs 1, 2 or 3 features (1 with basis='legendre'), "
                f"got {X.shape[1]} features."
            )
        size = effective_size(len(X), weight)
        self.bounds_ = box("SeriesDensity", "bounds", self.bounds, X, 1 / max(size - 1, 1))
        refuse_outside("SeriesDensity", "bounds", self.bounds_, X)
        U = self._to_unit_box(X)
        n_terms = self.n_terms if self.n_terms != "risk" else self._most_terms(X)
        means, squares = tensor_coefficients(BASES[self.basis], U, weight, n_terms)
        self.risk_ = None
        if self.n_terms == "risk":
            self.risk_ = truncation_risk(means, squares, size)
            n_terms = int(np.argmin(self.risk_)) + 1
        self.n_terms_ = int(n_terms)
        self.coefficients_ = np.ascontiguousarray(means[(slice(n_terms),) * X.shape[1]])
        self.floor_ = 1 / (size + 1) if self.floor is None else float(self.floor)
        if X.shape[1] == 1:
            self.level_, self.intervals_ = project(self._basis, self.coefficients_, self.floor_)
        else:
            self.level_, self.intervals_ = project_on_grid(self._basis, self.coefficients_, self.floor_), None
        self._table = self._sampler = None
        return self

    def _check_parameters(self) -> None:
        """Raise a ValueError for a bad `basis`, `n_terms`, `bounds` or `floor`."""
        self._check_choice("basis", tuple(BASES))
        if not (isinstance(self.n_terms, str) and self.n_terms == "risk"):
            self._check_count("n_terms", most=_MOST_GIVEN_TERMS, or_else="'risk' or ")
        check_pairs("SeriesDensity", "bounds", self.bounds)
        most = max(MOST_TERMS[self.basis])
        if self.bounds is not None and any(map(np.iterable, self.bounds)) and len(self.bounds) > most:
            self._refuse("bounds", f"hold at most {most} pairs with basis={self.basis!r}", self.bounds)
        if self.floor is not None and not (is_number(self.floor) and 0 <= self.floor < 1):
            self._refuse("floor", "be None or a number in [0, 1)", self.floor)
        super()._check_parameters()

    @property
    def n_parameters_(self) -> int:
        """Number of stored parameters: M^d coefficients and the ends of the box.

        Returns
        -------
        int
            Number of parameters.
        """
        return self.coefficients_.size + self.bounds_.size

    @property
    def nbytes_(self) -> int:
        """Memory of the coefficients, the box and the intervals above the level.

        Returns
        -------
        int
            Total size in bytes.
        """
        arrays = (self.coefficients_, self.bounds_, self.intervals_)
        return sum(a.nbytes for a in arrays if a is not None) + 16

    @property
    def breakpoints_(self) -> np.ndarray:
        """Points where the density or its slope jumps; one feature only.

        Returns
        -------
        ndarray
            Ends of the intervals above the level.

        Raises
        ------
        AttributeError
            If the model has more than one feature.
        """
        if self.n_features_in_ != 1:
            raise AttributeError("SeriesDensity.breakpoints_ exists in one dimension only.")
        low, high = self.bounds_[0]
        return low + (high - low) * self.intervals_.ravel()

    @property
    def _basis(self):
        """Basis functions in one dimension."""
        return BASES[self.basis]

    def _most_terms(self, X) -> int:
        """Return the largest M that the risk compares."""
        distinct = min(np.count_nonzero(np.diff(np.sort(column))) + 1 for column in X.T)
        return min(MOST_TERMS[self.basis][X.shape[1]], distinct)

    def _to_unit_box(self, X):
        """Return the positions in the unit box."""
        low, high = self.bounds_.T
        return (X - low) / (high - low)

    def _unit_density(self, U):
        """Return the density at points of the unit box, shape (n,)."""
        if U.shape[1] == 1:
            value = self._basis.value(self.coefficients_, U[:, 0])
        else:
            value = tensor_value(self._basis, self.coefficients_, U)
        return self.floor_ + np.maximum(value - self.level_, 0.0)

    def _density_inside(self, X):
        """Return the density on the unit box at points of the box, shape (n,)."""
        return self._unit_density(np.clip(self._to_unit_box(X), 0, 1))

    def _log_density(self, X):
        inside = np.all((self.bounds_[:, 0] <= X) & (self.bounds_[:, 1] >= X), axis=1)
        density = np.zeros(len(X))
        density[inside] = self._density_inside(X[inside])
        with np.errstate(divide="ignore"):
            return np.log(density) - np.log(np.diff(self.bounds_)).sum()

    def _draw(self, n_samples, rng):
        low, high = self.bounds_.T
        if getattr(self, "_sampler", None) is None:
            corner, size, lower, upper = sampling_cells(self._basis, self.coefficients_)
            lower, upper = (self.floor_ + np.maximum(values - self.level_, 0.0) for values in (lower, upper))
            keep = upper > 0
            # on the unit box, so that the unit of the data does not matter
            cells = corner[keep], size[keep], lower[keep], upper[keep]
            self._sampler = CellSampler("SeriesDensity", self._unit_density, *cells)
        X = self._sampler.draw(n_samples, rng)
        X *= high - low
        X += low
        for x, end in zip(X.T, high, strict=True):
            np.minimum(x, end, out=x)  # rounding must not lead beyond the box
        return X

    # -- one dimension -----------------------------------------------------------------------------

    def _cdf(self, x):
        u = np.clip(self._to_unit_box(x[:, None])[:, 0], 0, 1)
        return self._unit_cdf(u)

    def _unit_cdf(self, u):
        """Return the distribution function at points u of the unit interval."""
        left, before, antiderivative = self._cumulative_table()
        index = np.maximum(np.searchsorted(left, u, side="right") - 1, 0)
        inside = np.clip(u, left[index], self.intervals_[index, 1])
        mass = self._basis.integral(self.coefficients_, inside) - self.level_ * inside - antiderivative[index]
        return np.clip(before[index] + mass + self.floor_ * u, 0, 1)

    def _cumulative_table(self):
        """Return left ends of the intervals, the mass before each, and the antiderivative of f - c there."""
        if getattr(self, "_table", None) is None:
            ends = self.intervals_.ravel()
            ends = self._basis.integral(self.coefficients_, ends) - self.level_ * ends
            mass = ends[1::2] - ends[::2]
            self._table = (self.intervals_[:, 0], np.concatenate([[0.0], np.cumsum(mass)[:-1]]), ends[::2])
        return self._table

    def _ppf(self, q):
        nodes = monotone_nodes(self._basis, self.coefficients_)
        nodes = np.unique(np.concatenate([nodes, self.intervals_.ravel()]))
        if self.floor_ == 0:
            nodes = nodes[(nodes >= self.intervals_[0, 0]) & (nodes <= self.intervals_[-1, 1])]
        levels = self._unit_cdf(nodes)
        index = np.clip(np.searchsorted(levels, q, side="left"), 1, len(nodes) - 1)
        low, high = nodes[index - 1], nodes[index]
        rise = np.maximum(levels[index] - levels[index - 1], np.finfo(float).tiny)
        u = low + (high - low) * np.clip((q - levels[index - 1]) / rise, 0, 1)
        for step in range(60):
            error = self._unit_cdf(u) - q
            if np.all((np.abs(error) < 4e-16) | (high - low < 4e-16)):
                break
            low, high = np.where(error < 0, u, low), np.where(error < 0, high, u)
            slope = self._unit_density(u[:, None])
            newton = u - error / np.where(slope > 0, slope, 1)
            # Newton's step if it stays in the bracket, else bisection; every eighth step is a bisection
            use_newton = (slope > 0) & (newton > low) & (newton < high) & (step % 8 != 7)
            u = np.where(use_newton, newton, 0.5 * (low + high))
        a, b = self.bounds_[0]
        return np.minimum(a + (b - a) * u, b)
