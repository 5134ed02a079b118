"""The kernel estimate in which every point's bump reaches to its k-th neighbor."""

from typing import ClassVar

import numpy as np

from genrates.estimators._numerics.effective_size import effective_size
from genrates.estimators._numerics.spread import deviation
from genrates.estimators.base import DensityEstimator
from genrates.estimators.neighbors._line import KthDistance, windows
from genrates.estimators.neighbors._selection import largest_tie, rule, weighted_distances

_MAX_LOG_RANGE = 300.0  # of the bandwidths: their inverse squares are doubles
_MAX_LOG_VOLUMES = 600.0
_REACH = 100.0  # a normal number lies within this many standard deviations


class SamplePointKernelDensity(DensityEstimator):
    r"""Kernel density estimate whose kernels grow until they cover k neighbors (Breiman et al. 1977).

    .. math:: \hat f(x) = \sum_i \frac{w_i}{h_i^d} K\Big(\frac{x - x_i}{h_i}\Big), \qquad
              h_i = \tfrac12 r_k(x_i), \quad \sum_i w_i = 1,

    with the normal kernel K, and r_k(x_i) the distance from a point to its k-th nearest, itself included. Two
    standard deviations of each bump reach as far as k points do. Unlike k nearest neighbors, where the
    distance is taken at x (:class:`~genrates.estimators.NeighborDensity`), this is a density, and a draw is
    a point plus normal noise.

    Where the density is positive and smooth the root mean squared error is of order n^(-2/(4 + d)) with
    k ~ n^(4/(4 + d)). Over the whole line the mass c = k/n beyond the last k points is spread too far. With
    that k its error, c but for logarithms, falls like n^(-1/5) only: it rules in the end.

    Parameters
    ----------
    n_neighbors : {"rate", "global_rate"} or int >= 2, default="rate"
        Number of neighbors k, as in NeighborDensity: "rate" is n^(4/(4+d)) / 2; "global_rate" is 0.8 n^(2/3)
        in one dimension, and "rate" in more. The rules choose more than the largest number of equal rows.

    Attributes
    ----------
    n_neighbors_ : int
        The k in use.
    points_ : ndarray of shape (n, n_features)
        The training set without points of weight zero; sorted if there is one feature.
    weights_ : ndarray of shape (n,) or None
        Weights of the points, None if all are equal.
    bandwidth_ : ndarray of shape (n_features,)
        Geometric mean of the bandwidths, times each column's standard deviation if there are several columns.
    factors_ : ndarray of shape (n,)
        Bandwidth of each point, in units of `bandwidth_`.

    Notes
    -----
    Only ratios of sample weights matter. The k-th distance is then the smallest that holds the weight k.
    In several columns distances are Euclidean after division by the columns' standard deviations.

    In one dimension a fit is O(n log n). Beyond 4096 points, crowded cells are replaced by 16 nodes each: the
    density is exact to a relative 1e-9, the distribution function to 1e-12. In more dimensions k-d trees
    find the neighbors, O(n k log n), and sum the kernels. Memory O(n d).

    References
    ----------
    Breiman, Meisel and Purcell, "Variable kernel estimates of multivariate densities", Technometrics 19
    (1977).

    Examples
    --------
    >>> from genrates.estimators import SamplePointKernelDensity
    >>> model = SamplePointKernelDensity(n_neighbors=2).fit([[3.0], [4.0], [4.5], [9.0]])
    >>> (model.bandwidth_ * model.factors_).round(3)  # half the distances 1, 1/2, 1/2 and 9/2
    array([0.5 , 0.25, 0.25, 2.25])
    """

    minimum_samples = 2
    contract_parameters: ClassVar[list[dict]] = [{"n_neighbors": 5}, {"n_neighbors": "global_rate"}]

    def __init__(self, *, n_neighbors="rate"):
        self.n_neighbors = n_neighbors

    def fit(self, X, y=None, sample_weight=None):
        """Store the points and measure how far their k-th neighbors are.

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
        self : SamplePointKernelDensity
            The fitted model.

        Raises
        ------
        ValueError
            For a bad `n_neighbors`, fewer than 2 rows, k above their number, a row that is repeated k times
            or more, a constant column, or bandwidths that differ by more than a double holds.
        """
        self._check_parameters()
        original, (X, weight) = X, self._check_fit(X, sample_weight)
        if weight is not None:
            X, weight = X[weight > 0], weight[weight > 0]
        self._refuse_constant(X)
        self._refuse_wide(X)
        if X.shape[1] == 1:
            order = np.argsort(X[:, 0], kind="stable")
            X, weight, scale = X[order], None if weight is None else weight[order], np.ones(1)
        else:
            scale = deviation(X, None if weight is None else weight / weight.sum())
        self.points_ = X.copy() if np.may_share_memory(X, original) else X
        self.weights_, self._engine = weight, None
        self.n_neighbors_ = self._choose(effective_size(len(X), weight))
        with np.errstate(over="ignore", divide="ignore"):
            log_distance = np.log(self._kth_distances(scale))
        log_unit = float(np.average(log_distance, weights=weight))
        self._check_range(log_distance)
        self.bandwidth_ = scale * (0.5 * np.exp(log_unit))
        self.factors_ = np.exp(log_distance - log_unit)
        return self

    def _check_parameters(self):
        """Raise a ValueError for a bad `n_neighbors`."""
        if not (isinstance(self.n_neighbors, str) and self.n_neighbors in ("rate", "global_rate")):
            self._check_count("n_neighbors", 2, or_else="'rate', 'global_rate' or ")
        super()._check_parameters()

    def _choose(self, size: float) -> int:
        """Return k by the rule that the parameter names, or raise a ValueError."""
        most, tie = int(size + 1e-9), largest_tie(self.points_, self.weights_)
        least = max(int(np.floor(tie)) + 1, 2)
        if least > most:
            raise ValueError(
                f"SamplePointKernelDensity: a row is repeated {tie:g} times; more neighbors than that are "
                f"needed, but the data are worth {size:g} points."
            )
        if isinstance(self.n_neighbors, str):
            return min(max(rule(self.n_neighbors, size, self.n_features_in_), least), most)
        if not least <= self.n_neighbors <= most:
            raise ValueError(
                f"SamplePointKernelDensity: n_neighbors={self.n_neighbors} must be at least {least} (more "
                f"than the {tie:g} repeats of a row) and at most {most} (the number of points)."
            )
        return int(self.n_neighbors)

    def _kth_distances(self, scale: np.ndarray) -> np.ndarray:
        """Return the distance (n,) of each point to its k-th nearest, in units of `scale`."""
        if self.n_features_in_ == 1:
            x = self.points_[:, 0]
            return KthDistance(*windows(x, self.weights_, self.n_neighbors_), x[0], x[-1])(x)
        from scipy.spatial import cKDTree

        Z = self.points_ / scale
        if self.weights_ is None:
            return cKDTree(Z).query(Z, k=[self.n_neighbors_])[0][:, 0]
        return weighted_distances(cKDTree(Z), self.weights_, Z, [self.n_neighbors_])[:, 0]

    def _refuse_wide(self, X: np.ndarray) -> None:
        """Raise a ValueError for a column so wide that its kernels reach beyond the largest number."""
        with np.errstate(over="ignore"):
            wide = ~np.isfinite(_REACH * np.ptp(X, axis=0))
        if wide.any():
            raise ValueError(
                f"SamplePointKernelDensity: the range of column {int(np.argmax(wide))} is close to the "
                "largest floating-point number; rescale it."
            )

    def _check_range(self, log_distance: np.ndarray) -> None:
        """Raise a ValueError if the kernels' widths or volumes differ by more than a double holds."""
        d, spread = self.n_features_in_, float(np.ptp(log_distance))
        if not (spread < _MAX_LOG_RANGE and d * spread < _MAX_LOG_VOLUMES):
            raise ValueError(
                f"SamplePointKernelDensity: the distances to the {self.n_neighbors_} nearest points differ "
                f"by a factor of exp({spread:.3g}), which floating-point numbers do not hold in {d} "
                "dimensions; look for far values."
            )

    def _get_engine(self):
        """Return the engine that sums the kernels, built once per fit."""
        if getattr(self, "_engine", None) is None:
            from genrates.estimators.kernel._adaptive_engine import Adaptive

            unbounded = [(-np.inf, np.inf)] * self.n_features_in_
            bandwidth = self.bandwidth_ if self.n_features_in_ > 1 else float(self.bandwidth_[0])
            self._engine = Adaptive(
                self.points_, self.weights_, self.factors_, bandwidth, "gaussian", unbounded, None
            )
        return self._engine

    def _log_density(self, X):
        """Return the log-density of each row, in nats."""
        return self._get_engine().log_density(X)

    def _draw(self, n_samples, rng):
        """Return draws, shape (n_samples, n_features)."""
        return self._get_engine().draw(n_samples, rng)

    def _cdf(self, x):
        """Return the distribution function at each x."""
        return self._get_engine().cdf(x)

    def _ppf(self, q):
        """Return the quantile of each level."""
        return self._get_engine().ppf(q)
