"""KDEpy's FFTKDE and TreeKDE behind the protocol of this package."""

from typing import ClassVar

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from genrates.errors import SMALLEST_WIDTH, is_number
from genrates.estimators._numerics.effective_size import without_rounding
from genrates.estimators.base import DensityEstimator
from genrates.estimators.peers._methods import check_magnitude, log_of, named_errors, peer_module

_CLASSES = {"fft": "FFTKDE", "tree": "TreeKDE"}
# KDEpy takes a function as the kernel, too, which no file can hold.
_KERNELS = ("gaussian", "exponential", "box", "tri", "epa", "biweight", "triweight", "tricube", "cosine")
_RULES = ("ISJ", "scott", "silverman")
# KDEpy adds it to every density that it returns.
_ADDED = float(np.finfo(np.float64).eps)
_MOST_GRID_POINTS = 10_000_000


class KDEpyDensity(DensityEstimator):
    """Kernel density estimate of KDEpy, on a grid by fast Fourier transform or point by point.

    Parameters
    ----------
    method : {"fft", "tree"}, default="fft"
        "fft" (`FFTKDE`) knows the density on an equidistant grid, between whose nodes it is interpolated
        linearly, as KDEpy's documentation does. "tree" (`TreeKDE`) computes it at each point.
    kernel : str, default="gaussian"
        One of KDEpy's kernels, by name.
    bw : {"ISJ", "scott", "silverman"} or float, default="ISJ"
        Bandwidth: the kernel's standard deviation, or a rule that chooses it (one feature only). "ISJ" is
        the improved Sheather-Jones rule.
    norm : float >= 1, default=2
        The p of the norm in which the kernel is radial.
    grid_points : int or None, default=None
        Nodes of the grid in each dimension, for "fft"; None leaves it to KDEpy (1024 in all).

    Attributes
    ----------
    bandwidth_ : float
        The bandwidth in use.
    points_ : ndarray of shape (n, n_features)
        The training set.
    sample_weight_ : ndarray of shape (n,) or None
        Its weights.

    Notes
    -----
    KDEpy cuts off a kernel of unbounded support where its values are small, and adds the machine epsilon to
    every density: in the far tails the log-density is -36.04. Outside of the grid, where KDEpy says nothing,
    the log-density is the same number.

    KDEpy's "ISJ" is known to be wrong and not equivariant under scaling (its issues 199 and 201).

    References
    ----------
    https://kdepy.readthedocs.io

    Examples
    --------
    >>> model = KDEpyDensity(method="tree", bw=0.5).fit([[-1.0], [1.0]])
    >>> model.score_samples([[-1.0], [100.0]]).round(2)
    array([ -0.92, -36.04])
    """

    unsupported: ClassVar[dict[str, str]] = {
        "sampling": "KDEpy draws no points",
        "cdf": "KDEpy has no distribution function",
    }

    _normalize_weight = staticmethod(without_rounding)

    def __init__(
        self, *, method: str = "fft", kernel: str = "gaussian", bw="ISJ", norm: float = 2, grid_points=None
    ):
        self.method = method
        self.kernel = kernel
        self.bw = bw
        self.norm = norm
        self.grid_points = grid_points

    def fit(self, X, y=None, sample_weight=None):
        """Keep the training set, choose the bandwidth, and for "fft" compute the density on the grid.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Training set.
        y : None
            Ignored.
        sample_weight : array-like of shape (n,), default=None
            Non-negative weights.

        Returns
        -------
        KDEpyDensity
            The fitted estimator.

        Raises
        ------
        ValueError
            For a bad parameter, where KDEpy is not installed, and where its rule finds no bandwidth.
        """
        self._check_parameters()
        checked, self.sample_weight_ = self._check_fit(X, sample_weight)
        check_magnitude("KDEpyDensity", checked)
        self.points_ = checked.copy() if np.may_share_memory(checked, X) else checked
        peer = self._made(self.bw)
        self.bandwidth_ = float(peer.bw)
        if not 0 < self.bandwidth_ < np.inf:
            raise ValueError(f"KDEpyDensity: the rule {self.bw!r} gives the bandwidth {self.bandwidth_:g}.")
        self._density = self._density_of(peer)
        return self

    def _check_parameters(self) -> None:
        self._check_choice("method", tuple(_CLASSES))
        self._check_choice("kernel", _KERNELS)
        if isinstance(self.bw, str):
            self._check_choice("bw", _RULES)
        elif not is_number(self.bw) or not self.bw >= SMALLEST_WIDTH:
            self._refuse("bw", f"be a finite number > 0 or one of {', '.join(map(repr, _RULES))}", self.bw)
        self._check_number("norm", 1)
        if self.grid_points is not None:
            self._check_count("grid_points", 2, most=_MOST_GRID_POINTS, or_else="None or ")
        peer_module("KDEpy", "KDEpyDensity")
        if not isinstance(self.bw, str):
            self._try_bandwidth()

    def _try_bandwidth(self) -> None:
        """Raise a ValueError for a bandwidth for which the peer cannot evaluate its kernel."""
        try:
            with named_errors("KDEpyDensity"), np.errstate(all="ignore"):
                self._unfitted(self.bw).fit(np.array([[0.0], [self.bw]])).evaluate(4)
        except ValueError as error:
            self._refuse("bw", f"be a bandwidth that KDEpy can use with this kernel ({error})", self.bw)

    def _unfitted(self, bw):
        """Return the peer's object."""
        make = getattr(peer_module("KDEpy", "KDEpyDensity"), _CLASSES[self.method])
        with named_errors("KDEpyDensity"):
            return make(kernel=self.kernel, bw=bw, norm=self.norm)

    def _made(self, bw):
        """Fit the peer to the training set."""
        peer = self._unfitted(bw)
        with named_errors("KDEpyDensity"):
            return peer.fit(self.points_, weights=self.sample_weight_)

    def _density_of(self, peer):
        """Return the density as a function of rows."""
        if self.method == "tree":
            return peer.evaluate
        with named_errors("KDEpyDensity"):
            grid, density = peer.evaluate(None if self.grid_points is None else int(self.grid_points))
        grid = grid.reshape(len(grid), -1)
        # the transform's rounding may leave negative densities
        density = np.where(density > 0, density, _ADDED)
        if grid.shape[1] == 1:
            return lambda X: np.interp(X[:, 0], grid[:, 0], density, left=_ADDED, right=_ADDED)
        axes = [np.unique(column) for column in grid.T]
        values = density.reshape([len(axis) for axis in axes])
        return RegularGridInterpolator(axes, values, bounds_error=False, fill_value=_ADDED)

    def _log_density(self, X):
        if getattr(self, "_density", None) is None:
            self._density = self._density_of(self._made(self.bandwidth_))
        with named_errors("KDEpyDensity"):
            return log_of("KDEpyDensity", self._density(X))
