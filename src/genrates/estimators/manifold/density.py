"""Find the manifold first: a density in few dimensions, carried to many."""

import inspect
import numbers
from typing import ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from genrates.estimators._numerics.binary import check_bits
from genrates.estimators.base import DensityEstimator, check_generator
from genrates.estimators.kernel.density import KernelDensity
from genrates.estimators.manifold._plane import Plane, principal_plane
from genrates.estimators.manifold._surface import Surface

_OUTPUTS = ("auto", "gaussian", "bernoulli", "mean")
_MOST_FOR_QUADRATURE = 3


class ManifoldDensity(DensityEstimator):
    r"""A density in the coordinates of a manifold, and noise around it: the way past the curse of dimension.

    The reducer maps x to z in k dimensions, `density` learns p(z) there at its rate *in k dimensions*
    (n^(-2/(4+k)) for a kernel estimate), and the decoder D maps z back. New points are D(z) with noise.

    *PCA.* With V the d x k orthonormal matrix of the first principal directions,

    .. math:: z = V^T (x - \mu), \qquad
              \log \hat p(x) = \log \hat p(z) + \log N(x - \mu - V z;\ 0,\ \hat\sigma^2 I_{d-k}),

    which is exact: an orthonormal map has a Jacobian of one. The noise lies across the plane,
    sigma^2 is the mean of the discarded variances, as in probabilistic PCA (Tipping and Bishop 1999).

    *Any other reducer.* Its decoder stretches space, and so the model is the one it draws from,

    .. math:: x = D(z) + \hat\sigma\varepsilon, \qquad
              \hat p(x) = \int \hat p(z)\, N(x;\ D(z),\ \hat\sigma^2 I_d)\, dz,

    a density whatever D is. Up to 3 latent dimensions the integral is taken by adaptive Gauss-Hermite
    quadrature around the code of x (Naylor and Smith 1982); its leading term is the change of variables with
    the volume det(J^T J)^(1/2). The total mass comes out
    within 5e-4 of one where sigma is below half the radius of curvature (within 6e-3 where it is 0.9 of it).
    With more dimensions, with 0-1 outputs, and without noise there is **no likelihood**:
    `lacks` gives the reason, and the model is judged by its samples.

    Parameters
    ----------
    reducer : "pca" or object with fit(X), transform(X) and inverse_transform(Z), default="pca"
        For instance an Autoencoder of genrates.neural. It is cloned, not changed.
    density : DensityEstimator or None, default=None
        Learns the latent coordinates; None: KernelDensity().
    latent : int >= 1, default=2
        k for reducer="pca"; all features where there are fewer. Other reducers know theirs.
    output : {"auto", "gaussian", "bernoulli", "mean"}, default="auto"
        What is drawn around the decoder's mean: normal noise, 0 or 1, or nothing. "auto": what the reducer's
        own `output` says, if it has one, else "gaussian".
    random_state : None or int, default=None
        Seeds the reducer and the density, where they have a seed; None leaves them theirs.

    Attributes
    ----------
    density_ : fitted DensityEstimator of the latent coordinates
    reducer_ : fitted reducer; None for "pca"
    mean_ : ndarray of shape (d,), for "pca"
    components_ : ndarray of shape (k, d), orthonormal rows, for "pca"
    noise_ : float
        sigma; 0 where nothing is left over.
    latent_mean_, latent_sd_ : ndarrays of shape (k,)

    Notes
    -----
    PCA: fit O(n d min(n, d)) and the density's own; a log-density O(k d) and the density's own. Another
    reducer: some 30 decodings a point for k = 2, and 16 latent log-densities. Memory O(n d).

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
        X : array of shape (n, d)
        sample_weight : array of shape (n,), non-negative
            For reducer="pca" and a density that takes weights.
        checkpoints : folder or None
            Where a reducer that can be resumed writes its training down; see
            :class:`genrates.neural.Autoencoder`.

        Raises
        ------
        ValueError
            For parameters that fit nothing, weights where the reducer takes none, rows that leave no
            residual to estimate the noise from, data that are not 0 and 1 where draws are to be, and whatever
            the reducer or the density refuses.
        """
        self._check_parameters()
        X, weight = self._check_fit(X, sample_weight)
        self._made = None
        if self._output == "bernoulli":
            check_bits("ManifoldDensity: output='bernoulli' draws bits, so", X)
        Z = self._fit_reducer(X, weight, checkpoints)
        self._fit_noise(X, Z, weight)
        keywords = {} if weight is None else {"sample_weight": weight}
        self.density_ = self._within("density", self._seeded(self._density(), 1).fit, Z, **keywords)
        return self

    # -- what fit is made of ------------------------------------------------------------------------

    def _check_parameters(self):
        if not (isinstance(self.reducer, str) and self.reducer == "pca"):
            missing = [m for m in ("fit", "transform", "inverse_transform") if not hasattr(self.reducer, m)]
            if missing or isinstance(self.reducer, type):
                raise ValueError(
                    "ManifoldDensity: reducer must be 'pca' or an object with fit, transform and "
                    f"inverse_transform, got {self.reducer!r}."
                )
        if not (self.density is None or isinstance(self.density, DensityEstimator)):
            raise ValueError(
                "ManifoldDensity: density must be None (a KernelDensity) or a density estimator of genrates, "
                f"got {self.density!r}."
            )
        if not isinstance(self.latent, numbers.Integral) or isinstance(self.latent, bool) or self.latent < 1:
            raise ValueError(f"ManifoldDensity: latent must be an integer >= 1, got {self.latent!r}.")
        if self.output not in _OUTPUTS:
            raise ValueError(
                f"ManifoldDensity: output must be one of {', '.join(_OUTPUTS)}, got {self.output!r}."
            )
        try:
            check_generator(self.random_state)
        except ValueError as error:
            raise ValueError(f"ManifoldDensity: {error}") from None
        if self.density is not None:
            self._within("density", self.density._check_parameters)

    def _within(self, part, call, *arguments, **keywords):
        """Call; an error of the reducer or the density says that it is ours."""
        try:
            return call(*arguments, **keywords)
        except (ValueError, TypeError) as error:
            raise ValueError(f"ManifoldDensity: {part}: {error}") from error

    def _density(self) -> DensityEstimator:
        return KernelDensity() if self.density is None else clone(self.density)

    def _seeded(self, estimator, place: int):
        if self.random_state is not None and "random_state" in estimator.get_params(deep=False):
            seeds = check_generator(self.random_state).integers(2**31, size=2)
            estimator.set_params(random_state=int(seeds[place]))
        return estimator

    def _fit_reducer(self, X, weight, checkpoints) -> np.ndarray:
        """Find the surface; the coordinates (n, k) of the rows."""
        if self._is_plane:
            self.reducer_ = None
            self.mean_, self.components_ = principal_plane(X, weight, min(int(self.latent), X.shape[1]))
            return (X - self.mean_) @ self.components_.T
        if weight is not None:
            raise ValueError("ManifoldDensity: sample weights need reducer='pca'; this reducer takes none.")
        reducer = self._seeded(clone(self.reducer), 0)
        resumed = "checkpoints" in inspect.signature(reducer.fit).parameters
        more = {"checkpoints": checkpoints} if resumed else {}
        self.reducer_ = self._within("reducer", reducer.fit, X, **more)
        Z = np.asarray(self._within("reducer", self.reducer_.transform, X), dtype=np.float64)
        if Z.ndim != 2 or len(Z) != len(X) or not np.all(np.isfinite(Z)):
            raise ValueError(
                f"ManifoldDensity: reducer: transform must give finite coordinates of shape ({len(X)}, k), "
                f"got shape {Z.shape}."
            )
        return Z

    def _fit_noise(self, X, Z, weight) -> None:
        w = np.full(len(X), 1 / len(X)) if weight is None else weight / weight.sum()
        self.latent_mean_ = w @ Z
        self.latent_sd_ = np.sqrt(w @ (Z - self.latent_mean_) ** 2)
        if not np.all(self.latent_sd_ > 0):
            raise ValueError(
                f"ManifoldDensity: latent coordinate {int(np.argmin(self.latent_sd_))} is constant; the rows "
                "vary in fewer dimensions, or the reducer has collapsed. Use a smaller latent."
            )
        d, k, self.noise_ = X.shape[1], Z.shape[1], 0.0
        if self._output != "gaussian" or (self._is_plane and d == k):
            return
        squares = np.sum((X - self._chart().decode(Z)) ** 2, axis=1)
        # the closest point takes k of the d directions of the noise away
        self.noise_, self._made = float(np.sqrt(w @ squares / max(d - k, 1))), None
        if self.noise_ > 0 and k <= min(d, _MOST_FOR_QUADRATURE) and not self._is_plane:
            # an encoder does not quite say which point is closest
            squares = self._chart().squared_distances(X)
            self.noise_, self._made = float(np.sqrt(w @ squares / max(d - k, 1))), None
        if not self.noise_ > 1e-12 * np.abs(X - w @ X).max():
            raise ValueError(
                f"ManifoldDensity: the rows lie in {k} dimensions and leave no residual to estimate the "
                "noise from; the density would be infinite. Use fewer latent dimensions, or output='mean' "
                "for draws without a likelihood."
            )

    # -- densities ----------------------------------------------------------------------------------

    @property
    def unsupported(self) -> dict[str, str]:
        """Capabilities that a model with these parameters does not have, each with its reason."""
        reason = None
        if self._output == "mean":
            reason = "its draws lie on a surface of volume zero"
        elif self._output == "bernoulli":
            reason = "the integral over the latent coordinates behind 0-1 outputs is not computed"
        elif not self._is_plane and not self._n_latent <= _MOST_FOR_QUADRATURE:
            reason = f"the integral over {self._n_latent} coordinates of a curved surface is not computed"
        return {} if reason is None else {"likelihood": reason}

    @property
    def capabilities_(self) -> frozenset[str]:
        """What this model honestly has."""
        return super().capabilities_ & ({"cdf"} | self.density_.capabilities_) - set(self.unsupported)

    # properties, so that hasattr is False and the reason is said where the parameters leave no likelihood
    @property
    def score_samples(self):
        """Log-likelihood of each row of X, in nats, shape (n_samples,)."""
        return self._with_likelihood(super().score_samples)

    @property
    def score(self):
        """Mean log-likelihood of the rows of X, in nats."""
        return self._with_likelihood(super().score)

    def _with_likelihood(self, method):
        if reason := self.unsupported.get("likelihood"):
            raise AttributeError(f"ManifoldDensity has no {method.__name__}: {reason}.")
        return method

    @property
    def _is_plane(self) -> bool:
        return isinstance(self.reducer, str)

    @property
    def _n_latent(self) -> float:
        """Latent dimensions; before the fit what the reducer says, or infinity."""
        if hasattr(self, "latent_mean_"):
            return len(self.latent_mean_)
        return self.latent if self._is_plane else getattr(self.reducer, "latent", np.inf)

    @property
    def _output(self) -> str:
        if self.output != "auto":
            return self.output
        said = getattr(self.reducer, "output", "gaussian")
        return said if said in _OUTPUTS[1:] else "gaussian"

    def _chart(self) -> Plane | Surface:
        """The map between space and coordinates, made once."""
        if getattr(self, "_made", None) is None:
            if self._is_plane:
                self._made = Plane(self.mean_, self.components_, self.noise_)
            else:
                self._made = Surface(self.reducer_, self.noise_, self.latent_mean_, self.latent_sd_)
        return self._made

    def _log_density(self, X):
        return self._chart().log_density(X, self.density_)

    def sample(self, n_samples: int = 1, random_state=None, *, means: bool = False) -> np.ndarray:
        """Draw new points, shape (n_samples, n_features).

        Parameters
        ----------
        n_samples : int >= 1
        random_state : None, int, SeedSequence, Generator or RandomState
        means : bool, default=False
            The decoder's means of the same latent draws instead, as pictures are shown: without the noise
            around them.
        """
        if not means:
            return super().sample(n_samples, random_state)
        check_is_fitted(self)
        return self._means(n_samples, check_generator(random_state))

    def _means(self, n_samples, rng):
        means = self._chart().decode(self.density_.sample(n_samples, random_state=rng))
        # a plane leaves the cube of probabilities
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
        if not self._is_plane:
            raise ValueError("ManifoldDensity: a distribution function needs reducer='pca' in one dimension.")

    @property
    def breakpoints_(self) -> np.ndarray:
        """Where the density jumps (one dimension): where the latent one does."""
        inner = np.asarray(getattr(self.density_, "breakpoints_", ()), dtype=np.float64)
        return inner + self.mean_[0] if self._is_plane and self.n_features_in_ == 1 else np.empty(0)

    @property
    def n_parameters_(self) -> int:
        return (
            super().n_parameters_ + self.density_.n_parameters_ + getattr(self.reducer_, "n_parameters_", 0)
        )

    @property
    def nbytes_(self) -> int:
        return super().nbytes_ + self.density_.nbytes_ + getattr(self.reducer_, "nbytes_", 0)
