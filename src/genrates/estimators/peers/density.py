"""A density estimator of scikit-learn behind the protocol of this package."""

import copy
import inspect
import numbers

import numpy as np
from sklearn.base import clone
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.utils.validation import has_fit_parameter

from genrates.estimators._numerics.effective_size import without_rounding
from genrates.estimators.base import DensityEstimator, check_generator
from genrates.estimators.peers._methods import ConditionalMethod, check_magnitude, named_errors

#: The classes that a file may name: these alone are made again when a fit is loaded.
STORED_CLASSES = {
    "sklearn.mixture.BayesianGaussianMixture": BayesianGaussianMixture,
    "sklearn.mixture.GaussianMixture": GaussianMixture,
    "sklearn.neighbors.KernelDensity": KernelDensity,
}
# The fitted state of these is arrays; that of any other peer is taken to be its training set.
_MIXTURES = (GaussianMixture, BayesianGaussianMixture)
_EUCLIDEAN = ("euclidean", "l2")


class PeerDensity(DensityEstimator):
    """A scikit-learn density estimator, with what it can do and reasons for what it cannot.

    Log-likelihoods are the peer's own numbers. Draws are the peer's own too, from a seed that `random_state`
    determines; scikit-learn's mixtures return them component by component, here they are shuffled.

    Parameters
    ----------
    estimator : scikit-learn estimator with fit and score_samples
        It stays unfitted; `fit` works on a clone. Where its own `random_state` is None the clone gets a
        fresh seed, so that numpy's global stream stays as it is.

    Attributes
    ----------
    points_ : ndarray of shape (n, n_features)
        The training set. Not for scikit-learn's normal mixtures, whose state is arrays.
    sample_weight_ : ndarray of shape (n,) or None
        Its weights.

    Notes
    -----
    The peer's public fitted attributes (`bandwidth_`, `means_`, ...) that are arrays, numbers or strings are
    attributes of this object as well. They are the state of a normal mixture. For every other peer the state
    is the training set: a loaded fit is made again from it when it is first used, which gives the same model
    where `random_state` is an integer or the peer has none.

    Only classes in `STORED_CLASSES` can be saved.

    Examples
    --------
    >>> from sklearn.neighbors import KernelDensity
    >>> model = PeerDensity(KernelDensity(bandwidth=0.5)).fit([[0.0], [1.0]])
    >>> float(model.score_samples([[0.0]])[0].round(3)), sorted(model.capabilities_)
    (-0.792, ['likelihood', 'sampling'])
    """

    score_samples, score = ConditionalMethod("likelihood"), ConditionalMethod("likelihood")
    sample = ConditionalMethod("sampling")
    cdf, ppf = ConditionalMethod("cdf"), ConditionalMethod("cdf")

    _normalize_weight = staticmethod(without_rounding)

    def __init__(self, estimator):
        self.estimator = estimator

    def fit(self, X, y=None, sample_weight=None):
        """Fit a clone of the peer.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Training set.
        y : None
            Ignored.
        sample_weight : array-like of shape (n,), default=None
            Non-negative weights, for a peer that takes them.

        Returns
        -------
        PeerDensity
            The fitted estimator.

        Raises
        ------
        ValueError
            For whatever the peer refuses, and for weights that it does not take.
        """
        self._check_parameters()
        if sample_weight is not None and not has_fit_parameter(self.estimator, "sample_weight"):
            raise ValueError(f"{self._name}: the peer's fit takes no sample_weight.")
        for name in _fitted_attributes(self):
            delattr(self, name)
        self._peer = None
        checked, weight = self._check_fit(X, sample_weight)
        check_magnitude(self._name, checked)
        points = checked.copy() if np.may_share_memory(checked, X) else checked
        self._peer = self._fitted_peer(points, weight)
        for name, value in _fitted_attributes(self._peer).items():
            if _is_plain(value):
                setattr(self, name, value)
        if not isinstance(self.estimator, _MIXTURES):
            self.points_, self.sample_weight_ = points, weight
        return self

    # -- what the peer can do -----------------------------------------------------------------------

    @property
    def unsupported(self) -> dict[str, str]:
        """Capabilities that this peer with these parameters does not have.

        Returns
        -------
        dict
            Reasons by capability.
        """
        name = type(self.estimator).__name__
        lacking = {"cdf": f"scikit-learn's protocol has no distribution function, and neither has {name}"}
        if isinstance(self.estimator, BayesianGaussianMixture):
            lacking["likelihood"] = (
                "its score_samples is an expectation of the log-density over the posterior, whose "
                "exponential does not integrate to 1"
            )
        if isinstance(self.estimator, KernelDensity):
            if not _is_euclidean(self.estimator):
                metric = self.estimator.metric
                reason = f"scikit-learn normalizes it for the Euclidean metric alone, not for {metric!r}"
                return lacking | {"likelihood": reason, "sampling": reason}
            if self.estimator.kernel not in ("gaussian", "tophat"):
                kernel = self.estimator.kernel
                lacking["sampling"] = (
                    f"scikit-learn draws with gaussian and tophat kernels, not with {kernel!r}"
                )
        elif not callable(getattr(self.estimator, "sample", None)):
            lacking["sampling"] = f"{name} has no method sample"
        elif self._seeded_by() is None:
            lacking["sampling"] = f"the sample of {name} takes no random_state"
        return lacking

    @property
    def n_parameters_(self) -> int:
        """How many numbers describe the fitted density.

        Returns
        -------
        int
            The free parameters of a mixture; else the numbers of the training set and its weights.
        """
        if not isinstance(self.estimator, _MIXTURES):
            return super().n_parameters_
        k, d = self.means_.shape
        square = d * (d + 1) // 2
        covariances = {"full": k * square, "tied": square, "diag": k * d, "spherical": k}
        return k - 1 + k * d + covariances[self.estimator.covariance_type]

    # -- on disk --------------------------------------------------------------------------------------

    def stored_parameters(self) -> dict:
        """Return the constructor's parameters as plain values, for `genrates.estimators.persistence`.

        Returns
        -------
        dict
            `peer`, the import name of the peer's class, and `parameters`, its constructor's.

        Raises
        ------
        ValueError
            For a peer whose class is not in `STORED_CLASSES`.
        """
        for name, cls in STORED_CLASSES.items():
            if type(self.estimator) is cls:
                return {"peer": name, "parameters": self.estimator.get_params(deep=False)}
        raise ValueError(
            f"{self._name} cannot be saved: a file may name no class but {', '.join(STORED_CLASSES)}."
        )

    @classmethod
    def from_stored_parameters(cls, stored: dict) -> "PeerDensity":
        """Make the unfitted estimator again that :meth:`stored_parameters` has described.

        Parameters
        ----------
        stored : dict
            What :meth:`stored_parameters` has returned.

        Returns
        -------
        PeerDensity

        Raises
        ------
        ValueError
            For a class that is not in `STORED_CLASSES`.
        """
        make = STORED_CLASSES.get(stored.get("peer"))
        if make is None:
            raise ValueError(
                f"PeerDensity: the file names the class {stored.get('peer')!r}; "
                f"only {', '.join(STORED_CLASSES)} are made again."
            )
        return cls(make(**stored["parameters"]))

    # -- for the base class -----------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        if isinstance(self.estimator, type) or not hasattr(self.estimator, "score_samples"):
            self._refuse("estimator", "be an instance with fit and score_samples (see adapt)", self.estimator)
        try:
            # scikit-learn judges parameters before data, and no data are as bad as these
            clone(self.estimator).fit(np.full((2, 1), np.nan))
        except Exception as error:
            # the class is public by its name alone: scikit-learn documents no place to import it from
            if type(error).__name__ == "InvalidParameterError":
                raise ValueError(f"{self._name}: {error}") from error

    def _log_density(self, X):
        # far away a squared distance overflows, and the density is 0
        with named_errors(self._name), np.errstate(over="ignore"):
            return np.asarray(self._fitted().score_samples(X), dtype=np.float64)

    def _draw(self, n_samples, rng):
        seed = int(rng.integers(2**32))
        if self._seeded_by() == "call":
            drawn = self._fitted().sample(n_samples, random_state=seed)
        else:
            drawn = copy.copy(self._fitted()).set_params(random_state=seed).sample(n_samples)
        if isinstance(drawn, tuple):
            return np.asarray(drawn[0], dtype=np.float64)[rng.permutation(n_samples)]
        return np.asarray(drawn, dtype=np.float64)

    # -- helpers ----------------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return f"PeerDensity ({type(self.estimator).__name__})"

    def _seeded_by(self) -> str | None:
        """Return how the peer's sample is seeded: by its "call", its "constructor", or None."""
        if "random_state" in inspect.signature(self.estimator.sample).parameters:
            return "call"
        return "constructor" if "random_state" in self.estimator.get_params(deep=False) else None

    def _fitted_peer(self, points: np.ndarray, weight: np.ndarray | None):
        """Fit a clone of the peer."""
        peer = clone(self.estimator)
        if peer.get_params(deep=False).get("random_state", 0) is None:
            peer.set_params(random_state=int(check_generator().integers(2**32)))
        keywords = {} if weight is None else {"sample_weight": weight}
        with named_errors(self._name):
            return peer.fit(points, **keywords)

    def _fitted(self):
        """Return the fitted peer; after loading it is made again from the stored state."""
        if getattr(self, "_peer", None) is None:
            if isinstance(self.estimator, _MIXTURES):
                peer = clone(self.estimator)
                for name, value in _fitted_attributes(self).items():
                    if name != "feature_names_in_":
                        setattr(peer, name, value)
                self._peer = peer
            else:
                self._peer = self._fitted_peer(self.points_, self.sample_weight_)
        return self._peer


def _fitted_attributes(model) -> dict:
    """Return the public attributes with a trailing underscore."""
    return {k: v for k, v in vars(model).items() if k.endswith("_") and not k.startswith("_")}


def _is_plain(value) -> bool:
    """Whether the persistence can write a value."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fiub"
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | numbers.Real | str | np.generic)


def _is_euclidean(peer: KernelDensity) -> bool:
    power = (peer.metric_params or {}).get("p", 2)
    return peer.metric in _EUCLIDEAN or (peer.metric in ("minkowski", "p") and power == 2)
