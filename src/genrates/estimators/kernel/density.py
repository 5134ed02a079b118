"""The lecture's kernel density estimate: a smooth bump on every data point."""

import numpy as np

from genrates.data.given import numbers_in
from genrates.errors import SMALLEST_WIDTH, is_number, shown
from genrates.estimators._numerics.box import check_pairs
from genrates.estimators.base import DensityEstimator
from genrates.estimators.kernel import _boundary
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel import bandwidth as selectors


class KernelDensity(DensityEstimator):
    r"""Kernel density estimate, exact in the tails and fast, in any dimension.

    .. math:: \hat f(x) = \frac{1}{\sum_i w_i} \sum_i w_i \, |H|^{-1/2} K\!\left(H^{-1/2} (x - x_i)\right)

    with H = h^2 I for a single bandwidth h. The root mean integrated squared error falls like n^(-2/(4 + d))
    for a second-order kernel and a density with two derivatives, h ~ n^(-1/(4 + d)) (Wand and Jones 1995).

    Parameters
    ----------
    bandwidth : str, number, array of shape (d,) or matrix of shape (d, d), default="lscv"
        - "lscv": least-squares cross-validation, the lecture's leave-one-out empirical risk
          (Rudemo 1982, Bowman 1984). In d > 1 a common factor times the columns' standard deviations.
        - "likelihood_cv": leave-one-out likelihood, a common factor as well (Habbema 1974, Duin 1976).
        - "improved_sheather_jones": plug-in by the diffusion equation, one dimension (Botev et al. 2010).
        - "silverman", "scott": normal-reference rules *on the data's scale* (scikit-learn's ignore it).
        - A number h, one h per column, or a symmetric positive definite matrix H. For kernel="gaussian" H is
          the kernel's covariance, so the number h and the matrix h^2 I are the same.
    kernel : str, default="gaussian"
        "gaussian", "epanechnikov", "tophat", "linear", "exponential" or "cosine": radial, with scikit-learn's
        meaning of h. "gaussian4" (fourth order, root MISE n^(-4/9)) and "sinc" (infinite order) exist in one
        dimension only. These two take negative values, so the estimate is clipped at zero and renormalized as
        max(f - c, 0), on the data's range widened by 10 (sinc: 30) bandwidths. The c >= 0 that makes the
        integral one gives the closest density in L2 (Glad, Hjort and Ushakov 2003).
    bounds : None, pair (lower, upper), or one pair per feature, default=None
        Support of the density, None for an open side, e.g. (0, None). In one dimension images of the points
        beyond the edge continue the density with its value and two derivatives (Karunamuni and Alberts 2005),
        which keeps the interior's rate at a jump. In more dimensions the estimate is reflected at the faces.
        "lscv" evaluates the risk of plain reflections. At a steep edge it therefore selects a somewhat small
        bandwidth, and the root MISE falls like n^(-3/8).
    rtol : float, default=0.0
        Relative accuracy of the density. 0: to rounding, everywhere, tails included. From 1e-7 on sums are
        truncated and binned, with `rtol` as the bound on the error. 1e-4 is enough for plots.

    Attributes
    ----------
    bandwidth_ : float (one dimension, or a number given), ndarray of shape (d,) or (d, d)
        The bandwidth, given or selected.
    points_ : ndarray of shape (n, d)
        The training set, without points of weight zero.
    weights_ : ndarray of shape (n,) or None
        Weights of the points, None if all are equal.

    Notes
    -----
    Only ratios of sample weights matter. Whole multiples of the smallest weight act as repeats everywhere,
    bandwidth selection included. Other weights are importances, with Kish's effective size.

    Complexity in one dimension: O(n log n + m) for m queries (sort, cells with moments; no sort for
    `rtol` > 0). In d dimensions: a k-d tree, O(n log n) to build; a query visits about the points within 7
    bandwidths (5 for `rtol` = 1e-4). Memory: O((n + m) d). "lscv" in one dimension: O(n log n); see
    `genrates.estimators.kernel.bandwidth`.

    Examples
    --------
    >>> from genrates.estimators import KernelDensity
    >>> model = KernelDensity(bandwidth=0.5).fit([[3.0], [5.0], [4.0], [4.0]])
    >>> model.score_samples([[4.0], [50.0]]).round(3).tolist()
    [-0.792, -4051.612]
    >>> float(model.ppf([0.5])[0].round(6))
    4.0
    """

    # variants that the contract tests try besides the default
    contract_parameters = (
        {"kernel": "epanechnikov", "bandwidth": "silverman"},
        {"kernel": "tophat", "bandwidth": "likelihood_cv"},
        {"kernel": "exponential", "bandwidth": "scott"},
        {"rtol": 1e-4},
    )

    def __init__(self, *, bandwidth="lscv", kernel: str = "gaussian", bounds=None, rtol: float = 0.0):
        self.bandwidth = bandwidth
        self.kernel = kernel
        self.bounds = bounds
        self.rtol = rtol

    def fit(self, X, y=None, sample_weight=None):
        """Store the points and choose the bandwidth.

        Parameters
        ----------
        X : array of shape (n, d)
            The training set.
        y : None
            Ignored.
        sample_weight : array of shape (n,), optional
            Non-negative weights. Points of weight zero are dropped.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For an unknown kernel or selector, a bandwidth that is not positive (definite) or not of this
            shape, bounds that do not contain the data, `rtol` outside [0, 1), or a constant column where a
            selector needs its scale.
        """
        self._check_parameters()
        original, (X, weight) = X, self._check_fit(X, sample_weight)
        self._check_data(X)
        if weight is not None and not np.all(weight > 0):
            X, weight = X[weight > 0], weight[weight > 0]
        self._engine = None
        self.points_ = X.copy() if np.may_share_memory(X, original) else X
        self.weights_ = weight
        self.bandwidth_ = self._choose_bandwidth(X, weight)
        return self

    # -- parts of fit -------------------------------------------------------------------------------

    def _check_parameters(self):
        """Raise a ValueError for a constructor parameter that no data could make valid."""
        name = type(self).__name__
        self._check_choice("kernel", kernels.KERNELS)
        if not (is_number(self.rtol) and 0 <= self.rtol < 1):
            self._refuse("rtol", "be a number in [0, 1)", self.rtol)
        if not (isinstance(self.bandwidth, str) and self.bandwidth in selectors.SELECTORS):
            self._check_given_bandwidth()
        check_pairs(name, "bounds", self.bounds, open_ends=True)
        self._check_dimensions()
        super()._check_parameters()

    def _check_dimensions(self):
        """Raise a ValueError for parameters that speak of different numbers of columns."""
        h = np.ones(()) if isinstance(self.bandwidth, str) else np.asarray(self.bandwidth)
        counts = {"bandwidth": h.shape[0] if h.ndim else None, "bounds": _boundary.n_pairs(self.bounds)}
        on_the_line = self.kernel not in kernels.SECOND_ORDER
        if on_the_line or (isinstance(self.bandwidth, str) and self.bandwidth == "improved_sheather_jones"):
            counts["kernel" if on_the_line else "bandwidth"] = 1
        given = {name: count for name, count in counts.items() if count is not None}
        if len(set(given.values())) > 1:
            name, *others = sorted(given, key=given.get, reverse=True)
            columns = " and ".join(f"{other} for {given[other]}" for other in others)
            self._refuse(name, f"be for as many columns as {columns}", getattr(self, name))
        bounded = _boundary.is_bounded(self.bounds)
        if bounded and h.ndim == 2 and len(h) > 1:
            self._refuse("bounds", "be None where bandwidth is a matrix: reflection skews it", self.bounds)

    def _check_given_bandwidth(self):
        """Raise a ValueError for a bandwidth that no data could make valid."""
        allowed = ", ".join(repr(s) for s in selectors.SELECTORS)
        must = f"be a positive number, array or matrix, or one of {allowed};"
        h = numbers_in(self.bandwidth)
        if h is None or not h.size or h.ndim > 2 or (h.ndim < 2 and not np.all(h >= SMALLEST_WIDTH)):
            self._refuse("bandwidth", must, self.bandwidth)
        square = h.ndim < 2 or h.shape[0] == h.shape[1]
        if not square or (h.ndim == 2 and not (np.allclose(h, h.T) and np.linalg.eigvalsh(h)[0] > 0)):
            self._refuse(
                "bandwidth", "be symmetric and positive definite where it is a matrix", self.bandwidth
            )

    def _check_data(self, X):
        """Raise a ValueError for a constructor parameter that does not fit the data."""
        d, name = X.shape[1], type(self).__name__
        if self.kernel not in kernels.SECOND_ORDER and d != 1:
            raise ValueError(f"{name}: kernel={self.kernel!r} exists in one dimension, got {d} features.")
        pairs = _boundary.parse(self.bounds, d, name)
        _boundary.check_inside(X, pairs, name)

    def _choose_bandwidth(self, X, weight):
        """Return the bandwidth that the parameter gives or its selector finds."""
        d, name = X.shape[1], type(self).__name__
        if isinstance(self.bandwidth, str):
            if self.bandwidth == "improved_sheather_jones" and d != 1:
                raise ValueError(
                    f"{name}: bandwidth='improved_sheather_jones' exists in one dimension, got {d}."
                )
            if len(X) < 2:
                raise ValueError(
                    f"{name}: bandwidth={self.bandwidth!r} needs 2 points, got n_samples={len(X)}."
                )
            self._refuse_constant(X)
            with np.errstate(over="ignore"):
                span = np.ptp(X, axis=0)
            if not np.all(np.isfinite(span)):
                raise ValueError(
                    f"{name}: a column's range exceeds the largest floating-point number; rescale it."
                )
            try:
                h = self._select(X, weight)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
            if not np.all(h > 0):
                raise ValueError(f"{name}: the data's spread {span} is too small for a double.")
            return float(h[0]) if d == 1 else h
        h = np.array(self.bandwidth, dtype=np.float64)
        if h.shape not in ((), (d,), (d, d)):
            raise ValueError(
                f"{name}: bandwidth must be a positive number, an array of {d} or a {d} x {d} matrix, "
                f"got {shown(self.bandwidth)}."
            )
        if h.ndim == 2 and d == 1:
            return float(np.sqrt(h[0, 0]))
        return float(h.item()) if h.ndim == 0 or d == 1 else h

    def _select(self, X, weight):
        # a shift and a power of two as scale keep squares from overflow and underflow, and change no digit
        """Return the selector's bandwidths, one per column."""
        scale = np.exp2(np.floor(np.log2(np.ptp(X, axis=0))))
        origin = X.min(axis=0)
        pairs = _boundary.parse(self.bounds, X.shape[1], type(self).__name__)
        pairs = [((a - o) / s, (b - o) / s) for (a, b), o, s in zip(pairs, origin, scale, strict=True)]
        unit = X - origin
        unit /= scale
        return scale * selectors.SELECTORS[self.bandwidth](unit, weight, self.kernel, pairs)

    @property
    def breakpoints_(self) -> np.ndarray:
        """Points where the density jumps (one dimension): the edges of every bump of the tophat kernel.

        Returns
        -------
        ndarray of shape (k,)
            Ascending. Empty for the other kernels and in more dimensions.
        """
        if self.kernel != "tophat" or self.n_features_in_ > 1:
            return np.empty(0)
        x = self.points_[:, 0]
        return np.unique(np.concatenate([x - self.bandwidth_, x + self.bandwidth_]))

    @property
    def _is_bounded(self) -> bool:
        """Whether the support has a finite end."""
        return _boundary.is_bounded(self.bounds)

    # -- densities ----------------------------------------------------------------------------------

    def _get_engine(self):
        """Return the engine that sums the kernels (`Line`, `Projected` or `Space`), built once per fit."""
        if getattr(self, "_engine", None) is None:
            pairs = _boundary.parse(self.bounds, self.n_features_in_, type(self).__name__)
            if self.n_features_in_ > 1:
                from genrates.estimators.kernel._space import Space

                self._engine = Space(self.points_, self.weights_, self.bandwidth_, self.kernel, pairs)
            else:
                from genrates.estimators.kernel._bounded_line import bounded_line

                try:
                    self._engine = bounded_line(
                        self.points_[:, 0], self.weights_, self.bandwidth_, self.kernel, pairs[0]
                    )
                except ValueError as error:
                    raise ValueError(f"{type(self).__name__}: {error}") from error
        return self._engine

    def _log_density(self, X):
        """Return the log-density of each row, in nats."""
        return self._get_engine().log_density(X if X.shape[1] > 1 else X[:, 0], float(self.rtol))

    def _draw(self, n_samples, rng):
        """Return draws, shape (n_samples, d)."""
        return self._get_engine().draw(n_samples, rng)

    def _cdf(self, x):
        """Return the distribution function at each x."""
        return self._get_engine().cdf(x)

    def _ppf(self, q):
        """Return the quantile of each level."""
        return self._get_engine().ppf(q)
