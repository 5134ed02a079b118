"""Manifold density: a density in few dimensions, mapped to many."""

import inspect
from typing import ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from genrates.errors import shown
from genrates.estimators._numerics.binary import check_bits
from genrates.estimators._numerics.spread import deviation, power_of_two
from genrates.estimators.base import DensityEstimator, check_generator
from genrates.estimators.kernel.density import KernelDensity
from genrates.estimators.manifold._plane import Plane, principal_plane
from genrates.estimators.manifold._surface import Surface

_OUTPUTS = ("auto", "gaussian", "bernoulli", "mean")
_MAX_QUADRATURE_DIMENSIONS = 3


class ManifoldDensity(DensityEstimator):
    r"""Density in the coordinates of a manifold, with noise around it: a way past the curse of dimension.

    The reducer maps x to z in k dimensions. `density` learns p(z) at its rate *in k dimensions*, such as
    n^(-2/(4+k)) for a kernel estimate. The decoder D maps z back, and a new point is D(z) plus noise.

    *PCA.* With V the d x k orthonormal matrix of the first principal directions,

    .. math:: z = V^T (x - \mu), \qquad
              \log \hat p(x) = \log \hat p(z) + \log N(x - \mu - V z;\ 0,\ \hat\sigma^2 I_{d-k}).

    This is exact, because the Jacobian determinant of an orthonormal map is one. The noise lies across the
    plane, and sigma^2 is the mean of the discarded variances, as in probabilistic PCA (Tipping and Bishop
    1999).

    *Any other reducer.* The decoder stretches space, so the model is the one that it draws from,

    .. math:: x = D(z) + \hat\sigma\varepsilon, \qquad
              \hat p(x) = \int \hat p(z)\, N(x;\ D(z),\ \hat\sigma^2 I_d)\, dz,

    which is a density for every D. In up to 3 latent dimensions the integral is computed by adaptive
    Gauss-Hermite quadrature around the code of x (Naylor and Smith 1982). Its leading term is the change of
    variables with the volume det(J^T J)^(1/2). The total mass is within 5e-4 of one if sigma is below half
    the radius of curvature, and within 6e-3 if it is 0.9 of it.

    There is **no likelihood** in more latent dimensions, with 0-1 outputs, or without noise. `unsupported`
    gives the reason, and the model is judged by its draws.

    Parameters
    ----------
    reducer : "pca" or object with fit(X), transform(X) and inverse_transform(Z), default="pca"
        Finds the manifold, for instance an Autoencoder of genrates.neural. It is cloned, not changed.
    density : DensityEstimator or None, default=None
        Learns the latent coordinates; None is KernelDensity().
    latent : int >= 1, default=2
        k for reducer="pca"; at most the number of features. Other reducers have their own.
    output : {"auto", "gaussian", "bernoulli", "mean"}, default="auto"
        What is drawn around the decoder's mean: normal noise, 0 or 1, or nothing. "auto" is the reducer's own
        `output` if it has one, else "gaussian".
    random_state : None or int, default=None
        Seeds the reducer and the density if they have a seed; None leaves theirs unchanged.

    Attributes
    ----------
    density_ : DensityEstimator
        Fitted density of the latent coordinates.
    reducer_ : object or None
        Fitted reducer; None for "pca".
    mean_ : ndarray of shape (d,)
        Mean of the training set; "pca" only.
    components_ : ndarray of shape (k, d)
        Principal directions as orthonormal rows; "pca" only.
    noise_ : float
        sigma; 0 if there is no noise.
    latent_mean_ : ndarray of shape (k,)
        Mean of the latent coordinates.
    latent_sd_ : ndarray of shape (k,)
        Standard deviations of the latent coordinates.

    Notes
    -----
    PCA: the fit costs O(n d min(n, d)) and the density's own fit; a log-density costs O(k d) and the
    density's own. Another reducer: about 30 decodings a point for k = 2, and 16 latent log-densities. Memory
    O(n d).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Z = rng.standard_normal((500, 2)) @ np.diag([3.0, 1.0])
    >>> X = np.hstack([Z, 0.1 * rng.standard_normal((500, 8))])  # a plane in ten dimensions
    >>> model = ManifoldDensity(latent=2, density=KernelDensity(bandwidth="silverman")).fit(X)
    >>> round(model.noise_, 2), model.density_.n_features_in_, model.sample(3, random_state=0).shape
    (0.1, 2, (3, 10))
    """

    minimum_samples = 2
    contract_parameters: ClassVar = [{"latent": 1}]

    def __init__(
        self, *, reducer="pca", density=None, latent: int = 2, output: str = "auto", random_state=None
    ):
        self.reducer = reducer
        self.density = density
        self.latent = latent
        self.output = output
        self.random_state = random_state

    def fit(self, X, y=None, sample_weight=None, *, checkpoints=None):
        """Find the manifold, then learn the density on it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set.
        y : None
            Not used; part of scikit-learn's interface.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weight of each row; only for reducer="pca" and a density that takes weights.
        checkpoints : path, default=None
            Folder in which an interrupted training of the reducer can be resumed, if the reducer supports it;
            see :class:`genrates.neural.Autoencoder`.

        Returns
        -------
        self : ManifoldDensity
            The fitted model.

        Raises
        ------
        ValueError
            For a bad parameter, weights that the reducer does not take, rows that leave no residual to
            estimate the noise from, data other than 0 and 1 if the output is "bernoulli", and any error of
            the reducer or the density.
        """
        self._check_parameters()
        X, weight = self._check_fit(X, sample_weight)
        self._cached_chart = None
        if self._output == "bernoulli":
            check_bits("ManifoldDensity: output='bernoulli' draws bits, so", X)
        Z = self._fit_reducer(X, weight, checkpoints)
        self._fit_noise(X, Z, weight)
        keywords = {} if weight is None else {"sample_weight": weight}
        self.density_ = self._call_part("density", self._seeded(self._density(), 1).fit, Z, **keywords)
        return self

    # -- fitting ------------------------------------------------------------------------------------

    def _check_parameters(self):
        """Raise a ValueError for a bad parameter, also of the density."""
        if not (isinstance(self.reducer, str) and self.reducer == "pca"):
            missing = [m for m in ("fit", "transform", "inverse_transform") if not hasattr(self.reducer, m)]
            if missing or isinstance(self.reducer, type):
                raise ValueError(
                    "ManifoldDensity: reducer must be 'pca' or an object with fit, transform and "
                    f"inverse_transform, got {shown(self.reducer)}."
                )
        if not (self.density is None or isinstance(self.density, DensityEstimator)):
            raise ValueError(
                "ManifoldDensity: density must be None (a KernelDensity) or a density estimator of genrates, "
                f"got {shown(self.density)}."
            )
        self._check_count("latent")
        self._check_choice("output", _OUTPUTS)
        super()._check_parameters()
        if self.density is not None:
            self._call_part("density", self.density._check_parameters)
        if isinstance(self.reducer, DensityEstimator):
            self._call_part("reducer", self.reducer._check_parameters)

    def _call_part(self, part, call, *arguments, **keywords):
        """Call a method of the reducer or the density; its errors name this estimator."""
        try:
            return call(*arguments, **keywords)
        except (ValueError, TypeError) as error:
            raise ValueError(f"ManifoldDensity: {part}: {error}") from error

    def _density(self) -> DensityEstimator:
        """Return an unfitted density for the latent coordinates."""
        return KernelDensity() if self.density is None else clone(self.density)

    def _seeded(self, estimator, seed_index: int):
        """Return the estimator, seeded if both it and this model have a seed."""
        if self.random_state is not None and "random_state" in estimator.get_params(deep=False):
            seeds = check_generator(self.random_state).integers(2**31, size=2)
            estimator.set_params(random_state=int(seeds[seed_index]))
        return estimator

    def _fit_reducer(self, X, weight, checkpoints) -> np.ndarray:
        """Fit the reducer and return the coordinates (n, k) of the rows."""
        if self._is_plane:
            self.reducer_ = None
            self.mean_, self.components_ = principal_plane(X, weight, min(int(self.latent), X.shape[1]))
            return (X - self.mean_) @ self.components_.T
        if weight is not None:
            raise ValueError("ManifoldDensity: sample weights need reducer='pca'; this reducer takes none.")
        reducer = self._seeded(clone(self.reducer), 0)
        can_resume = "checkpoints" in inspect.signature(reducer.fit).parameters
        keywords = {"checkpoints": checkpoints} if can_resume else {}
        self.reducer_ = self._call_part("reducer", reducer.fit, X, **keywords)
        Z = np.asarray(self._call_part("reducer", self.reducer_.transform, X), dtype=np.float64)
        if Z.ndim != 2 or len(Z) != len(X) or not np.all(np.isfinite(Z)):
            raise ValueError(
                f"ManifoldDensity: reducer: transform must give finite coordinates of shape ({len(X)}, k), "
                f"got shape {Z.shape}."
            )
        return Z

    def _fit_noise(self, X, Z, weight) -> None:
        """Set mean and deviation of the latent coordinates, and the noise."""
        w = np.full(len(X), 1 / len(X)) if weight is None else weight / weight.sum()
        self.latent_mean_ = w @ Z
        self.latent_sd_ = deviation(Z, w, self.latent_mean_)
        if not np.all(self.latent_sd_ > 0):
            raise ValueError(
                f"ManifoldDensity: latent coordinate {int(np.argmin(self.latent_sd_))} is constant; the rows "
                "vary in fewer dimensions, or the reducer has collapsed. Use a smaller latent."
            )
        d, k, self.noise_ = X.shape[1], Z.shape[1], 0.0
        if self._output != "gaussian" or (self._is_plane and d == k):
            return
        residual = X - self._chart().decode(Z)
        unit = float(power_of_two(residual).max())
        squares = np.sum((residual / unit) ** 2, axis=1)
        # residuals to the closest point have only d - k of the d directions of the noise
        self.noise_, self._cached_chart = unit * float(np.sqrt(w @ squares / max(d - k, 1))), None
        if not self._is_plane:
            self._refuse_scale(self.latent_sd_.max(), self.noise_)
        if self.noise_ > 0 and k <= min(d, _MAX_QUADRATURE_DIMENSIONS) and not self._is_plane:
            # the encoder's point is not exactly the closest one
            squares = self._chart().squared_distances(X)
            self.noise_, self._cached_chart = float(np.sqrt(w @ squares / max(d - k, 1))), None
        if not self.noise_ > 1e-12 * np.abs(X - w @ X).max():
            raise ValueError(
                f"ManifoldDensity: the rows lie in {k} dimensions and leave no residual to estimate the "
                "noise from; the density would be infinite. Use fewer latent dimensions, or output='mean' "
                "for draws without a likelihood."
            )

    def _refuse_scale(self, *lengths) -> None:
        """Raise a ValueError if the square of a length on a curved surface leaves the range of doubles."""
        for length in lengths:
            if length > 0 and not 1e-140 < length < 1e140:
                raise ValueError(
                    f"ManifoldDensity: the square of {length:g}, a spread of the rows, leaves the range of "
                    "floating-point numbers; rescale the columns."
                )

    # -- densities ----------------------------------------------------------------------------------

    @property
    def unsupported(self) -> dict[str, str]:
        """Capabilities that a model with these parameters does not support.

        Returns
        -------
        dict of str to str
            The reason for each capability.
        """
        reason = None
        if self._output == "mean":
            reason = "its draws lie on a surface of volume zero"
        elif self._output == "bernoulli":
            reason = "the integral over the latent coordinates behind 0-1 outputs is not computed"
        elif not self._is_plane and not self._n_latent <= _MAX_QUADRATURE_DIMENSIONS:
            reason = f"the integral over {self._n_latent} coordinates of a curved surface is not computed"
        return {} if reason is None else {"likelihood": reason}

    @property
    def capabilities_(self) -> frozenset[str]:
        """Capabilities that this fitted model supports.

        Returns
        -------
        frozenset of str
            Subset of "likelihood", "sampling" and "cdf".
        """
        return super().capabilities_ & ({"cdf"} | self.density_.capabilities_) - set(self.unsupported)

    # Properties: if the parameters leave no likelihood, hasattr is False and access raises the reason.
    @property
    def score_samples(self):
        """Method that returns the log-likelihood of each row, in nats.

        Returns
        -------
        callable
            See :meth:`DensityEstimator.score_samples`.

        Raises
        ------
        AttributeError
            If the model has no likelihood.
        """
        return self._with_likelihood(super().score_samples)

    @property
    def score(self):
        """Method that returns the mean log-likelihood of the rows, in nats.

        Returns
        -------
        callable
            See :meth:`DensityEstimator.score`.

        Raises
        ------
        AttributeError
            If the model has no likelihood.
        """
        return self._with_likelihood(super().score)

    def _with_likelihood(self, method):
        """Return the method, or raise an AttributeError if there is no likelihood."""
        if reason := self.unsupported.get("likelihood"):
            raise AttributeError(f"ManifoldDensity has no {method.__name__}: {reason}.")
        return method

    @property
    def _is_plane(self) -> bool:
        """Whether the reducer is "pca"."""
        return isinstance(self.reducer, str)

    @property
    def _n_latent(self) -> float:
        """Number of latent dimensions; before the fit the reducer's own statement, or infinity."""
        if hasattr(self, "latent_mean_"):
            return len(self.latent_mean_)
        return self.latent if self._is_plane else getattr(self.reducer, "latent", np.inf)

    @property
    def _output(self) -> str:
        """Kind of output, with "auto" resolved."""
        if self.output != "auto":
            return self.output
        declared = getattr(self.reducer, "output", "gaussian")
        return declared if declared in _OUTPUTS[1:] else "gaussian"

    def _chart(self) -> Plane | Surface:
        """Return the map between points and coordinates; it is built once."""
        if getattr(self, "_cached_chart", None) is None:
            if self._is_plane:
                self._cached_chart = Plane(self.mean_, self.components_, self.noise_)
            else:
                self._cached_chart = Surface(self.reducer_, self.noise_, self.latent_mean_, self.latent_sd_)
        return self._cached_chart

    def _log_density(self, X):
        return self._chart().log_density(X, self.density_)

    def sample(self, n_samples: int = 1, random_state=None, *, means: bool = False) -> np.ndarray:
        """Draw new points from the fitted density.

        Parameters
        ----------
        n_samples : int, default=1
            Number of draws, at least 1.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Source of random numbers.
        means : bool, default=False
            Whether to return the decoder's means of the same latent draws, without the noise. Pictures show
            these.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            The draws.
        """
        if not means:
            return super().sample(n_samples, random_state)
        check_is_fitted(self)
        return self._means(n_samples, check_generator(random_state))

    def _means(self, n_samples, rng):
        """Return the decoder's means of new latent draws."""
        means = self._chart().decode(self.density_.sample(n_samples, random_state=rng))
        # points of a plane may lie outside [0, 1]
        return np.clip(means, 0, 1) if self._output == "bernoulli" else means

    def _draw(self, n_samples, rng):
        means = self._means(n_samples, rng)
        if self._output == "bernoulli":
            return (rng.random(means.shape) < means).astype(np.float64)
        return self._chart().draw_around(means, rng) if self.noise_ > 0 else means

    def _cdf(self, x):
        self._require_line()
        return self.density_.cdf(x[:, None] - self.mean_)

    def _ppf(self, q):
        self._require_line()
        return self.density_.ppf(q) + self.mean_[0]

    def _require_line(self) -> None:
        """Raise a ValueError unless the reducer is "pca"."""
        if not self._is_plane:
            raise ValueError("ManifoldDensity: a distribution function needs reducer='pca' in one dimension.")

    @property
    def breakpoints_(self) -> np.ndarray:
        """Points where the density jumps, in one dimension: those of the latent density.

        Returns
        -------
        ndarray
            The points; empty if there are none.
        """
        inner = np.asarray(getattr(self.density_, "breakpoints_", ()), dtype=np.float64)
        return inner + self.mean_[0] if self._is_plane and self.n_features_in_ == 1 else np.empty(0)

    @property
    def n_parameters_(self) -> int:
        """Number of parameters of the map, the latent density and the reducer.

        Returns
        -------
        int
            Number of parameters.
        """
        return (
            super().n_parameters_ + self.density_.n_parameters_ + getattr(self.reducer_, "n_parameters_", 0)
        )

    @property
    def nbytes_(self) -> int:
        """Memory of the map, the latent density and the reducer.

        Returns
        -------
        int
            Total size in bytes.
        """
        return super().nbytes_ + self.density_.nbytes_ + getattr(self.reducer_, "nbytes_", 0)
