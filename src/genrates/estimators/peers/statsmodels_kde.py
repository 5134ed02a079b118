"""statsmodels' KDEUnivariate and KDEMultivariate behind the protocol of this package."""

import inspect

import numpy as np

from genrates.data.given import numbers_in
from genrates.errors import SMALLEST_WIDTH
from genrates.estimators._numerics.effective_size import without_rounding
from genrates.estimators.base import DensityEstimator
from genrates.estimators.peers._methods import (
    ConditionalMethod,
    check_magnitude,
    log_of,
    named_errors,
    peer_module,
    quantiles,
)

_MODULE = "statsmodels.nonparametric"
_KERNELS = ("gau", "epa", "uni", "tri", "biw", "triw", "cos", "cos2", "tric")
_UNIVARIATE_RULES = ("normal_reference", "scott", "silverman")
_MULTIVARIATE_RULES = ("normal_reference", "cv_ml", "cv_ls")
_BLOCK = 2**22  # pairs of a query and a training point at a time
# Beyond so many bandwidths the normal distribution function is 0 or 1 to the last bit.
_REACH = 40.0


class StatsmodelsKDE(DensityEstimator):
    """Kernel density estimate of statsmodels: `KDEUnivariate` on the line, `KDEMultivariate` elsewhere.

    Parameters
    ----------
    bw : str, float or array-like of shape (n_features,), default="normal_reference"
        Bandwidth, or the rule that chooses it. `KDEUnivariate` has "normal_reference", "scott" and
        "silverman"; `KDEMultivariate` has "normal_reference", "cv_ml" and "cv_ls", and is used on the line
        too for the last two.
    kernel : str, default="gau"
        Kernel of `KDEUnivariate`, by its name there: "gau", "epa", "uni", "tri", "biw", "triw", "cos", "cos2"
        or "tric". `KDEMultivariate` has the Gaussian alone.

    Attributes
    ----------
    bandwidth_ : ndarray of shape (n_features,)
        The bandwidths in use.
    points_ : ndarray of shape (n, n_features)
        The training set.
    sample_weight_ : ndarray of shape (n,) or None
        Its weights.

    Notes
    -----
    Densities are `KDEUnivariate.evaluate` and `KDEMultivariate.pdf`, O(n) a point, of which the logarithm is
    taken: it is -inf where they underflow, some 38 bandwidths from all points. A compact kernel is evaluated
    point by point, slowly.

    The distribution function is `KDEMultivariate.cdf` at the same bandwidth: the same estimate, exact at any
    point. `KDEUnivariate.cdf` is a sum of quadratures on a grid of its own. Quantiles invert it.

    References
    ----------
    https://www.statsmodels.org/stable/nonparametric.html

    Examples
    --------
    >>> model = StatsmodelsKDE(bw=0.5).fit([[-1.0], [1.0]])
    >>> float(model.cdf([[0.0]])[0].round(12))
    0.5
    """

    minimum_samples = 2
    sample = ConditionalMethod("sampling")
    cdf, ppf = ConditionalMethod("cdf"), ConditionalMethod("cdf")

    _normalize_weight = staticmethod(without_rounding)

    def __init__(self, *, bw="normal_reference", kernel: str = "gau"):
        self.bw = bw
        self.kernel = kernel

    def fit(self, X, y=None, sample_weight=None):
        """Keep the training set and choose the bandwidth.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Training set.
        y : None
            Ignored.
        sample_weight : array-like of shape (n,), default=None
            Non-negative weights, which `KDEUnivariate` takes. Its rules for the bandwidth ignore them.

        Returns
        -------
        StatsmodelsKDE
            The fitted estimator.

        Raises
        ------
        ValueError
            For a bad parameter, one that the number of features rules out, weights for `KDEMultivariate`,
            and where statsmodels is not installed or refuses the data.
        """
        self._check_parameters()
        checked, self.sample_weight_ = self._check_fit(X, sample_weight)
        check_magnitude("StatsmodelsKDE", checked)
        self.points_ = checked.copy() if np.may_share_memory(checked, X) else checked
        self._check_for_features()
        self._peer, self._cumulative = self._made(self.bw), None
        self.bandwidth_ = np.array(self._peer.bw, dtype=np.float64).reshape(-1)
        if not np.all((self.bandwidth_ > 0) & np.isfinite(self.bandwidth_)):
            raise ValueError(f"StatsmodelsKDE: bw={self.bw!r} gives the bandwidths {self.bandwidth_}.")
        return self

    @property
    def unsupported(self) -> dict[str, str]:
        """Capabilities that this estimator with these parameters does not have.

        Returns
        -------
        dict
            Reasons by capability.
        """
        lacking = {"sampling": "statsmodels draws no points from a density"}
        if self.kernel != "gau":
            lacking["cdf"] = (
                f"statsmodels has distribution functions of Gaussian kernels, not of {self.kernel!r}"
            )
        elif getattr(self, "sample_weight_", None) is not None:
            lacking["cdf"] = "statsmodels has no distribution function with weights"
        return lacking

    def _check_parameters(self) -> None:
        self._check_choice("kernel", _KERNELS)
        rules = dict.fromkeys(_UNIVARIATE_RULES + _MULTIVARIATE_RULES)
        if isinstance(self.bw, str):
            if self.bw not in rules:
                self._refuse("bw", f"be one of {', '.join(rules)}, a number, or one a feature", self.bw)
        else:
            self._check_bandwidths()
        if self.kernel != "gau" and isinstance(self.bw, str) and self.bw not in _UNIVARIATE_RULES:
            self._refuse("kernel", f"be 'gau' for bw={self.bw!r}", self.kernel)
        peer_module(_MODULE, "StatsmodelsKDE")

    def _check_bandwidths(self) -> None:
        """Raise a ValueError for bandwidths that are no positive numbers."""
        values = numbers_in(self.bw)
        if values is None or values.ndim > 1 or not values.size or not np.all(values >= SMALLEST_WIDTH):
            self._refuse("bw", "be the name of a rule, or finite numbers > 0", self.bw)

    def _check_for_features(self) -> None:
        """Raise a ValueError for parameters that the number of features rules out."""
        d = self.n_features_in_
        if not isinstance(self.bw, str) and np.size(self.bw) not in (1, d):
            self._refuse("bw", f"be a number or one for each of {d} features", self.bw)
        if self._is_univariate:
            return
        if self.kernel != "gau":
            self._refuse("kernel", f"be 'gau' for {d} features", self.kernel)
        if isinstance(self.bw, str) and self.bw not in _MULTIVARIATE_RULES:
            self._refuse("bw", f"be one of {', '.join(_MULTIVARIATE_RULES)} for {d} features", self.bw)
        if self.sample_weight_ is not None:
            raise ValueError("StatsmodelsKDE: KDEMultivariate takes no sample_weight.")

    @property
    def _is_univariate(self) -> bool:
        rule = self.bw if isinstance(self.bw, str) else "scott"
        return self.n_features_in_ == 1 and rule in _UNIVARIATE_RULES

    def _made(self, bw):
        """Fit the peer to the training set."""
        if not self._is_univariate:
            return self._multivariate(bw)
        make = peer_module(f"{_MODULE}.kde", "StatsmodelsKDE").KDEUnivariate
        # The transform has neither weights nor other kernels. Without it the peer fills a table of n times
        # `gridsize` numbers that nobody reads here.
        fft = self.kernel == "gau" and self.sample_weight_ is None
        keywords = {} if fft else {"gridsize": 2, "weights": self.sample_weight_}
        bw = bw if isinstance(bw, str) else float(np.ravel(bw)[0])
        with named_errors("StatsmodelsKDE"):
            return make(self.points_[:, 0]).fit(kernel=self.kernel, bw=bw, fft=fft, **keywords)

    def _multivariate(self, bw):
        """Make a KDEMultivariate of the training set."""
        make = peer_module(f"{_MODULE}.kernel_density", "StatsmodelsKDE").KDEMultivariate
        d = self.n_features_in_
        bw = bw if isinstance(bw, str) else np.broadcast_to(np.asarray(bw, dtype=np.float64), (d,))
        # not used, but a newer statsmodels warns where it is not given
        seed = {"rng": 0} if "rng" in inspect.signature(make).parameters else {}
        with named_errors("StatsmodelsKDE"):
            return make(self.points_, "c" * d, bw=bw, **seed)

    def _fitted(self):
        """Return the peer; after loading it is made again of the training set."""
        if getattr(self, "_peer", None) is None:
            self._peer = self._made(self.bandwidth_)
        return self._peer

    def _log_density(self, X):
        with np.errstate(over="ignore"):  # far away a squared distance overflows, and the density is 0
            return log_of("StatsmodelsKDE", self._density(self._fitted(), X))

    def _density(self, peer, X: np.ndarray) -> np.ndarray:
        """Evaluate the peer at rows."""
        if not self._is_univariate:
            return np.reshape(peer.pdf(X), len(X))
        if self.kernel == "gau":
            step = max(1, _BLOCK // len(self.points_))
            blocks = [peer.evaluate(X[i : i + step, 0]) for i in range(0, len(X), step)]
            return np.concatenate(blocks)
        # The peer leaves out what a compact kernel does not reach one point at a time, and says NaN where
        # that is everything.
        density = [float(np.squeeze(peer.evaluate(at))) for at in X[:, 0]]
        return np.nan_to_num(density, nan=0.0)

    def _cdf(self, x):
        if getattr(self, "_cumulative", None) is None:
            self._cumulative = self._multivariate(self.bandwidth_)
        return np.reshape(self._cumulative.cdf(x[:, None]), len(x))

    def _ppf(self, q):
        reach = _REACH * float(self.bandwidth_[0])
        return quantiles(self._cdf, q, self.points_.min() - reach, self.points_.max() + reach)
