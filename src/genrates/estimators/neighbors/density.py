"""The k-nearest-neighbor row of the lecture's table, normalized on a compact set."""

from typing import ClassVar

import numpy as np

from genrates.estimators._numerics.box import box, check_pairs
from genrates.estimators._numerics.cell_rejection import CellSampler
from genrates.estimators._numerics.effective_size import effective_size
from genrates.estimators._numerics.spread import deviation
from genrates.estimators.base import DensityEstimator
from genrates.estimators.neighbors._cells import COARSE, FINE, integral, refine, single_cell
from genrates.estimators.neighbors._line import KthDistance, windows
from genrates.estimators.neighbors._proposal import Proposal
from genrates.estimators.neighbors._selection import (
    largest_tie,
    likelihood_choice,
    likelihood_choice_1d,
    rule,
    weighted_distances,
)

_MARGIN = 0.1
_N_PROPOSALS = 4096
_FEW_POINTS = 20_000


class NeighborDensity(DensityEstimator):
    r"""k-nearest-neighbor density estimate on a compact region.

    .. math:: \hat p(x) = \frac{1}{Z\, r_k(x)^d} \ \text{ on the region, else } 0, \qquad
              Z = \int_{\text{region}} r_k(x)^{-d} dx

    Here r_k(x) is the distance to the k-th nearest point (Loftsgaarden and Quesenberry 1965). The usual
    factor k / (n V_d), with V_d the volume of the unit ball, gives no density: the tails fall like abs(x)^-d,
    so the integral is infinite. Therefore Z takes its place, **and the estimate is a density on the region
    only**.

    Root mean squared error at a point, or on a compact set where the density is positive: n^(-2/(4+d)) with
    k ~ n^(4/(4+d)). Over the whole line the heavy tails cost more, an excess mass of the order k/n. There the
    best rate is n^(-1/3), up to a logarithm, with k ~ n^(2/3) (`n_neighbors="global_rate"`).

    Parameters
    ----------
    n_neighbors : {"rate", "global_rate", "likelihood_cv"} or int >= 2, default="rate"
        Number of neighbors k. "rate" is n^(4/(4+d)) / 2. "global_rate" is 0.8 n^(2/3) in one dimension, and
        "rate" in more. Both constants suit the normal density at n near 1000. "likelihood_cv" maximizes the
        leave-one-out likelihood over 32 values of k. The rules choose more than the largest number of equal
        rows.
    region : None, (low, high), or one such pair per column, default=None
        The compact set, a box. An end that is None is the data's end moved outwards by a tenth of the range.
        Rows outside the region still count as neighbors.

    Attributes
    ----------
    n_neighbors_ : int
        The k in use.
    region_ : ndarray of shape (n_features, 2)
        The box.
    scale_ : ndarray of shape (n_features,)
        Distances are Euclidean after division by the columns' standard deviations; 1 for a single column.
    log_normalizer_ : float
        log Z, in units of `scale_`.
    normalizer_error_ : float
        Relative error of Z. In one dimension 0, since Z is a sum of logarithms. In 2 dimensions, and in 3 up
        to 20 000 points, the difference between two quadratures, a loose bound. Beyond that, the standard
        error of importance sampling.

    Notes
    -----
    In one dimension the k-th distance is piecewise linear between 2 (n - k) + 1 knots, so density, cdf and
    ppf are exact. The fit is O(n log n) and each query O(log n), whatever k is. In d dimensions a k-d tree
    takes about O(k log n) a query; memory O(n d).

    Draws are exact in up to 3 dimensions, by rejection from Lipschitz bounds on cells. In one dimension a
    draw costs O(1), whatever n is; in 2 and 3 dimensions many draws cost a query. In more dimensions the
    draws are resampled from 8 times as many weighted proposals, so they are close but not exact.

    Only ratios of sample weights matter. The k-th distance is then the smallest that holds the weight k, in
    units in which all weights sum to the effective size: whole multiples of the smallest weight count as
    repeats of a row, other weights are importances.

    References
    ----------
    Loftsgaarden and Quesenberry, "A nonparametric estimate of a multivariate density function", Ann. Math.
    Statist. 36 (1965).

    Mack and Rosenblatt, "Multivariate k-nearest neighbor density estimates", J. Multivariate Anal. 9 (1979).

    Examples
    --------
    >>> from genrates.estimators import NeighborDensity
    >>> model = NeighborDensity(n_neighbors=2, region=(0, 4)).fit([[1.0], [2.0], [3.0]])
    >>> model.cdf([[0.0], [2.0], [4.0]])
    array([0. , 0.5, 1. ])
    >>> float(model.score_samples([[2.0]])[0] - model.score_samples([[1.5]])[0])  # distances 1 and 1/2
    -0.6931471805599453
    """

    minimum_samples = 2
    contract_parameters: ClassVar[list[dict]] = [{"n_neighbors": "likelihood_cv"}, {"n_neighbors": 5}]

    def __init__(self, *, n_neighbors="rate", region=None):
        self.n_neighbors = n_neighbors
        self.region = region

    def fit(self, X, y=None, sample_weight=None):
        """Store the points, choose k and compute the normalizer.

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
        self : NeighborDensity
            The fitted model.

        Raises
        ------
        ValueError
            For a bad `n_neighbors` or `region`, fewer than 2 rows, k above their number, a row that is
            repeated k times or more (the integral would be infinite), or a constant column.
        """
        self._check_parameters()
        X, weight = self._check_fit(X, sample_weight)
        if weight is not None:
            X, weight = X[weight > 0], weight[weight > 0]
        self._refuse_constant(X)
        d = X.shape[1]
        self.region_ = box("NeighborDensity", "region", self.region, X, _MARGIN)
        size = effective_size(len(X), weight)
        if d == 1:
            order = np.argsort(X[:, 0], kind="stable")
            X, weight = X[order], None if weight is None else weight[order]
            self.scale_ = np.ones(1)
        else:
            self.scale_ = deviation(X, None if weight is None else weight / weight.sum())
        self.points_, self.weights_ = X / self.scale_, weight
        self._clear_caches()
        self.n_neighbors_ = self._choose(size)
        if d == 1:
            self.log_normalizer_, self.normalizer_error_ = float(np.log(self._line().total)), 0.0
        else:
            self.log_normalizer_, self.normalizer_error_ = self._integrate()
        return self

    def _check_parameters(self):
        """Raise a ValueError for a bad `n_neighbors` or `region`."""
        rules = ("rate", "global_rate", "likelihood_cv")
        if not (isinstance(self.n_neighbors, str) and self.n_neighbors in rules):
            # the inverse distance to the first neighbor has no integral
            self._check_count("n_neighbors", 2, or_else=", ".join(map(repr, rules)) + " or ")
        check_pairs("NeighborDensity", "region", self.region)
        super()._check_parameters()

    def _choose(self, size: float) -> int:
        """Return k by the rule that the parameters choose, or raise a ValueError."""
        d, most, tie = self.n_features_in_, int(size + 1e-9), largest_tie(self.points_, self.weights_)
        least = max(int(np.floor(tie)) + 1, 2)
        if least > most:
            raise ValueError(
                f"NeighborDensity: a row is repeated {tie:g} times; more neighbors than that are needed, "
                f"but the data are worth {size:g} points."
            )
        if self.n_neighbors == "likelihood_cv":
            if d == 1:
                return likelihood_choice_1d(self._line_for, self.points_, self.weights_, least, most)
            return likelihood_choice(
                self._neighbor_distances, self.points_, self.weights_, least, most, *self._scaled_region()
            )
        if isinstance(self.n_neighbors, str):
            return min(max(rule(self.n_neighbors, size, d), least), most)
        if not least <= self.n_neighbors <= most:
            raise ValueError(
                f"NeighborDensity: n_neighbors={self.n_neighbors} must be at least {least} (more than the "
                f"{tie:g} repeats of a row) and at most {most} (the number of points)."
            )
        return int(self.n_neighbors)

    @property
    def breakpoints_(self) -> np.ndarray:
        """Points where the slope jumps; one feature only.

        Returns
        -------
        ndarray
            The knots if there are at most 10^4, else the ends of the region.

        Raises
        ------
        AttributeError
            If the model has more than one feature.
        """
        if self.n_features_in_ != 1:
            raise AttributeError("NeighborDensity.breakpoints_ exists in one dimension only.")
        return self._line().knots if len(self._line().knots) <= 10_000 else self.region_[0]

    @property
    def n_parameters_(self) -> int:
        """Number of stored coordinates; the points are the model.

        Returns
        -------
        int
            Size of `points_`.
        """
        return self.points_.size

    @property
    def nbytes_(self) -> int:
        """Memory of the points, their weights and the region.

        Returns
        -------
        int
            Total size in bytes.
        """
        return (
            self.points_.nbytes + (0 if self.weights_ is None else self.weights_.nbytes) + self.region_.nbytes
        )

    def _clear_caches(self):
        """Drop everything that was derived from an earlier fit."""
        self._distance = self._tree = self._boxes = self._sampler = None

    # -- any dimension ---------------------------------------------------------------------------------

    def _kth(self, Z):
        """Return the k-th distances (m,) at scaled points Z (m, d)."""
        return (
            self._line()(Z[:, 0])
            if self.n_features_in_ == 1
            else self._neighbor_distances(Z, [self.n_neighbors_])[:, 0]
        )

    def _log_density(self, X):
        inside = np.all((self.region_[:, 0] <= X) & (self.region_[:, 1] >= X), axis=1)
        out = np.full(len(X), -np.inf)
        distance = self._kth(X[inside] / self.scale_)
        out[inside] = (
            -self.n_features_in_ * np.log(distance) - self.log_normalizer_ - np.log(self.scale_).sum()
        )
        return out

    def _draw(self, n_samples, rng):
        d = self.n_features_in_
        if d == 1:
            x = self._line().draw(n_samples, rng)
            return np.clip(x, *self.region_[0], out=x)[:, None]
        if d <= 3:
            if getattr(self, "_sampler", None) is None:
                corner, size, distance = refine(self._kth, *self._cells(), FINE)
                half_diagonal = 0.5 * np.sqrt((size**2).sum(axis=1))
                bounds = (distance + half_diagonal) ** -float(d), (distance - half_diagonal) ** -float(d)
                self._sampler = CellSampler(
                    "NeighborDensity", lambda z: self._kth(z) ** -float(d), corner, size, *bounds
                )
            Z = self._sampler.draw(n_samples, rng)
        else:
            Z, log_q = self._proposal().draw(max(8 * n_samples, _N_PROPOSALS), rng)
            log_weight = -d * np.log(self._kth(Z)) - log_q
            weight = np.exp(log_weight - log_weight.max())
            Z = Z[rng.choice(len(Z), n_samples, p=weight / weight.sum(), replace=n_samples > len(Z))]
        low, high = self.region_.T
        return np.clip(Z * self.scale_, low, high)

    # -- one dimension ---------------------------------------------------------------------------------

    def _line(self) -> KthDistance:
        """Return the k-th distance as a piecewise linear function."""
        if getattr(self, "_distance", None) is None:
            self._distance = self._line_for(self.n_neighbors_)
        return self._distance

    def _line_for(self, k: int) -> KthDistance:
        """Return the distance to the neighbor of rank k as a piecewise linear function."""
        return KthDistance(*windows(self.points_[:, 0], self.weights_, k), *self.region_[0])

    def _cdf(self, x):
        low, high = self.region_[0]
        return np.clip(self._line().cdf(np.clip(x, low, high)), 0, 1)

    def _ppf(self, q):
        return self._line().ppf(q)

    # -- several dimensions ----------------------------------------------------------------------------

    def _neighbor_distances(self, Z, k: list[int]) -> np.ndarray:
        """Return the distances (m, len(k)) from scaled points Z within which the weights k lie."""
        if getattr(self, "_tree", None) is None:
            from scipy.spatial import cKDTree

            self._tree = cKDTree(self.points_)
        if self.weights_ is None:
            return self._tree.query(Z, k=k)[0]
        return weighted_distances(self._tree, self.weights_, Z, k)

    def _scaled_region(self):
        """Return the lowest and the highest corner of the region, in units of `scale_`."""
        return self.region_[:, 0] / self.scale_, self.region_[:, 1] / self.scale_

    def _cells(self):
        """Return the cells for the integral: corners, sizes and k-th distances."""
        if getattr(self, "_boxes", None) is None:
            # queries are cheap if there are few points
            fineness = COARSE if len(self.points_) > _FEW_POINTS / 4 else FINE
            self._boxes = refine(self._kth, *single_cell(self._kth, *self._scaled_region()), fineness)
        return self._boxes

    def _proposal(self) -> Proposal:
        """Return the proposal for importance sampling."""
        return Proposal(self.points_, self._kth, *self._scaled_region())

    def _integrate(self) -> tuple[float, float]:
        """Return log Z and its relative error."""
        d = self.n_features_in_
        if d == 2 or (d == 3 and len(self.points_) <= _FEW_POINTS):
            with np.errstate(over="ignore", invalid="ignore"):
                total, error = integral(self._kth, *self._cells())
            if not 0 < total < np.inf:
                raise ValueError(
                    "NeighborDensity: the density leaves the range of floating-point numbers: some points "
                    "are too close to each other beside the size of the region. Look for far values."
                )
            return float(np.log(total)), error
        # fixed nodes, so that equal data give an equal fit
        Z, log_q = self._proposal().draw(_N_PROPOSALS, np.random.default_rng(0))
        # in logs, since distance^-d leaves the range of doubles from about 400 dimensions on
        log_ratio = -d * np.log(self._kth(Z)) - log_q
        largest = float(log_ratio.max())
        ratio = np.zeros(_N_PROPOSALS)
        ratio[: len(Z)] = np.exp(log_ratio - largest)
        mean = float(ratio.mean())
        return largest + float(np.log(mean)), float(ratio.std() / mean / np.sqrt(_N_PROPOSALS))
