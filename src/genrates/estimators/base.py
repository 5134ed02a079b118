"""Base class of all density estimators: input validation, random numbers and self-description."""

import numbers
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from genrates.data.masked import refuse_masked
from genrates.errors import MOST, is_count, is_integer, is_number, shown
from genrates.estimators._numerics.effective_size import normalize


def check_generator(random_state=None) -> np.random.Generator:
    """Return a numpy Generator for `random_state`.

    The global random states of numpy and torch are never used or changed.

    Parameters
    ----------
    random_state : None, int, SeedSequence, Generator or RandomState, default=None
        None takes fresh entropy. An int or a SeedSequence gives the same stream each time. A Generator is
        returned unchanged. A RandomState supplies the seed of a new stream, which advances it.

    Returns
    -------
    numpy.random.Generator
        The source of random numbers.

    Raises
    ------
    ValueError
        If `random_state` has any other type.

    Examples
    --------
    >>> float(check_generator(0).random()) == float(check_generator(0).random())
    True
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(0, 2**32, size=4, dtype=np.uint32))
    if _is_state(random_state):
        return np.random.default_rng(random_state)
    raise ValueError(f"random_state must {_ALLOWED_STATES}, got {shown(random_state)}.")


_ALLOWED_STATES = "be None, an int >= 0, a SeedSequence, a Generator or a RandomState"


def _is_state(value) -> bool:
    """Return whether a value can be the source of random numbers; nothing is drawn from it."""
    kinds = np.random.SeedSequence | np.random.Generator | np.random.RandomState
    return value is None or isinstance(value, kinds) or (is_integer(value) and value >= 0)


class _UnsupportedMethod:
    """Stand-in for a method that a class does not support.

    Access on an instance raises an AttributeError with the reason, so that `hasattr` is False.
    """

    def __init__(self, capability: str):
        self.capability = capability

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, model, owner):
        """Raise an AttributeError with the reason; on the class return the stand-in itself."""
        if model is None:
            return self
        raise AttributeError(f"{owner.__name__} has no {self.name}: {owner.unsupported[self.capability]}.")


#: capability -> the methods that need it
_METHODS_OF_CAPABILITY = {
    "likelihood": ("score_samples", "score"),
    "sampling": ("sample",),
    "cdf": ("cdf", "ppf"),
}


class DensityEstimator(DensityMixin, BaseEstimator):
    """Base class of all density estimators.

    A subclass implements `fit`, `_log_density` and `_draw`. If it has a distribution function in one
    dimension, it also implements `_cdf` and `_ppf`.

    All fitted state lives in attributes with a trailing underscore. They hold arrays, numbers, strings, None,
    or lists, tuples and dicts of those, so that `genrates.estimators.persistence` can write any
    estimator without pickle. Derived values that only save time are built lazily, in attributes with a
    leading underscore.
    """

    #: smallest number of rows that `fit` accepts
    minimum_samples = 1
    #: True where drawing takes so long that draws are better kept than made again
    sampling_is_slow: bool = False
    #: capability -> why the class does not support it, in the words that the report's table prints; the
    #: capability's methods ("likelihood": score_samples, score; "sampling": sample) then raise an
    #: AttributeError with that reason
    unsupported: ClassVar[dict[str, str]] = {}

    # how the weights' common factor is chosen
    _normalize_weight = staticmethod(normalize)

    def __init_subclass__(cls, **keywords):
        super().__init_subclass__(**keywords)
        unsupported = cls.__dict__.get("unsupported", {})
        # Where `unsupported` is a property it depends on the model's parameters; such a class raises the
        # error itself.
        for capability in unsupported if isinstance(unsupported, dict) else ():
            for name in _METHODS_OF_CAPABILITY[capability]:
                missing = _UnsupportedMethod(capability)
                missing.__set_name__(cls, name)
                setattr(cls, name, missing)

    def score_samples(self, X) -> np.ndarray:
        """Return the log-likelihood of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Points to evaluate.

        Returns
        -------
        ndarray of shape (n_samples,)
            Log-likelihoods in nats; -inf where the density is 0.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        ValueError
            If `X` is not finite or has masked entries, or has another number of columns than the training
            set.
        """
        return self._log_density(self._check_rows(X))

    def score(self, X, y=None) -> float:
        """Return the mean log-likelihood of the rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Points to evaluate.
        y : None
            Not used; part of scikit-learn's interface.

        Returns
        -------
        float
            Mean log-likelihood in nats.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        ValueError
            If `X` is not finite, or has another number of columns than the training set.
        """
        return float(np.mean(self.score_samples(X)))

    def sample(self, n_samples: int = 1, random_state=None) -> np.ndarray:
        """Draw new points from the fitted density.

        Parameters
        ----------
        n_samples : int, default=1
            Number of draws, at least 1.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Source of random numbers, see `genrates.estimators.base.check_generator`.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            The draws.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        ValueError
            If `n_samples` is not an integer >= 1, or `random_state` has another type.
        """
        check_is_fitted(self)
        who = f"{type(self).__name__}.sample"
        if not is_integer(n_samples) or n_samples < 1:
            raise ValueError(f"{who}: n_samples must be an integer >= 1, got {shown(n_samples)}.")
        self._check_state(random_state)
        return self._draw(int(n_samples), check_generator(random_state))

    def cdf(self, X) -> np.ndarray:
        """Return the distribution function at each row; one feature only.

        Parameters
        ----------
        X : array-like of shape (n_samples, 1)
            Points to evaluate.

        Returns
        -------
        ndarray of shape (n_samples,)
            Probabilities of values up to each point.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        ValueError
            If the model has more than one feature, or `X` is not finite.
        """
        X = self._check_rows(X)
        self._require_one_feature("cdf")
        return self._cdf(X[:, 0])

    def ppf(self, q) -> np.ndarray:
        """Return the quantiles at given levels; one feature only.

        Parameters
        ----------
        q : array-like
            Levels in [0, 1], of any shape.

        Returns
        -------
        ndarray of the shape of `q`
            The quantiles.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        ValueError
            If the model has more than one feature, or a level lies outside [0, 1].
        """
        check_is_fitted(self)
        self._require_one_feature("ppf")
        refuse_masked(q, f"{type(self).__name__}.ppf: q")
        try:
            q = np.asarray(q, dtype=np.float64)
        except (TypeError, ValueError):
            name = type(self).__name__
            raise ValueError(f"{name}.ppf: levels q must be numbers, got {shown(q)}.") from None
        if not np.all((q >= 0) & (q <= 1)):
            raise ValueError(f"{type(self).__name__}.ppf: levels q must lie in [0, 1].")
        return self._ppf(q.ravel()).reshape(q.shape)

    @property
    def capabilities_(self) -> frozenset[str]:
        """Capabilities that this fitted model supports.

        Returns
        -------
        frozenset of str
            Subset of "likelihood", "sampling" and "cdf".
        """
        check_is_fitted(self)
        has_cdf = self.n_features_in_ == 1 and type(self)._cdf is not DensityEstimator._cdf
        return frozenset({"likelihood", "sampling"} | ({"cdf"} if has_cdf else set())) - set(self.unsupported)

    @property
    def n_parameters_(self) -> int:
        """Number of floating-point numbers in the fitted state.

        Returns
        -------
        int
            Total size of the fitted arrays.
        """
        return sum(int(a.size) for a in self._fitted_arrays())

    @property
    def nbytes_(self) -> int:
        """Memory that the fitted state occupies.

        Returns
        -------
        int
            Total size of the fitted arrays, in bytes.
        """
        return sum(int(a.nbytes) for a in self._fitted_arrays())

    def stored_parameters(self) -> dict:
        """Return what a file keeps of the constructor's parameters.

        Returns
        -------
        dict
            Plain values, arrays and density estimators.
        """
        return self.get_params(deep=False)

    @classmethod
    def from_stored_parameters(cls, stored: dict) -> "DensityEstimator":
        """Return the unfitted estimator that :meth:`stored_parameters` describes.

        Parameters
        ----------
        stored : dict
            What :meth:`stored_parameters` has returned.

        Returns
        -------
        DensityEstimator
            Unfitted.
        """
        return cls(**stored)

    # -- for subclasses ---------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        """Raise a ValueError for a constructor parameter that is invalid for every data set.

        Called by `fit`, and by the pipeline for every configured model before any job starts. A subclass
        checks its own parameters, then calls this method, which checks `random_state`.
        """
        if not _is_state(getattr(self, "random_state", None)):
            self._refuse("random_state", _ALLOWED_STATES, self.random_state)

    def _check_state(self, random_state) -> None:
        """Raise a ValueError unless the argument of a method can be a source of random numbers."""
        if not _is_state(random_state):
            self._refuse("random_state", _ALLOWED_STATES, random_state)

    def _refuse(self, name: str, must: str, value) -> None:
        """Raise a ValueError that says what parameter `name` must be."""
        raise ValueError(f"{type(self).__name__}: {name} must {must}, got {shown(value)}.")

    def _check_number(self, name: str, least: float, most: float = np.inf, *, above: bool = False) -> None:
        """Raise a ValueError unless parameter `name` is a finite number from `least` (above it) to `most`."""
        value = getattr(self, name)
        if not is_number(value) or not least <= value <= most or (above and value == least):
            too_large = is_number(value) and value > most
            bound = f"<= {most:g}" if too_large else f"{'>' if above else '>='} {least:g}"
            self._refuse(name, f"be a finite number {bound}", value)

    def _check_count(self, name: str, least: int = 1, most: int = MOST, or_else: str = "") -> None:
        """Raise a ValueError unless parameter `name` is an integer from `least` to `most`.

        `or_else` is what else is allowed, for the message.
        """
        value = getattr(self, name)
        if not is_count(value, least, most):
            too_large = is_integer(value) and value > most
            bound = f"<= {most}" if too_large else f">= {least}"
            self._refuse(name, f"be {or_else}an integer {bound}", value)

    def _check_choice(self, name: str, allowed) -> None:
        """Raise a ValueError unless parameter `name` is one of the allowed strings."""
        value = getattr(self, name)
        if not (isinstance(value, str) and value in allowed):
            self._refuse(name, f"be one of {', '.join(map(repr, allowed))}", value)

    def _log_density(self, X: np.ndarray) -> np.ndarray:
        """Return the log-densities (n,) of validated rows (n, n_features), in nats."""
        raise NotImplementedError

    def _draw(self, n_samples: int, rng: np.random.Generator) -> np.ndarray:
        """Draw `n_samples` points, shape (n_samples, n_features)."""
        raise NotImplementedError

    def _cdf(self, x: np.ndarray) -> np.ndarray:
        """Return the distribution function at x, shape (n,)."""
        raise NotImplementedError(f"{type(self).__name__} has no distribution function.")

    def _ppf(self, q: np.ndarray) -> np.ndarray:
        """Return the quantiles at levels q, shape (n,)."""
        raise NotImplementedError(f"{type(self).__name__} has no distribution function.")

    def _check_fit(self, X, sample_weight=None) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the validated training set, and its normalized weights (n,) or None if there are none."""
        X = self._validated(X, ensure_min_samples=self.minimum_samples)
        if sample_weight is None:
            return X, None
        weight = self._validated_weight(sample_weight, len(X))
        return X, weight

    def _validated_weight(self, sample_weight, n_samples: int) -> np.ndarray:
        """Return the weights (n_samples,) divided by a common factor, or raise a ValueError.

        Only ratios of weights matter, so they are normalized here, before anything is summed: their sum is
        the effective size of the sample (:func:`genrates.estimators._numerics.effective_size.normalize`).

        Returns
        -------
        ndarray of shape (n_samples,)
            The normalized weights.

        Raises
        ------
        ValueError
            If a weight is negative, NaN or infinite, all are zero, or there is not one a row.
        """
        name = type(self).__name__
        if isinstance(sample_weight, numbers.Real):
            sample_weight = np.full(n_samples, sample_weight, dtype=np.float64)
        refuse_masked(sample_weight, f"{name}: sample_weight")
        with self._named():
            weight = check_array(
                sample_weight, ensure_2d=False, dtype=np.float64, order="C", input_name="sample_weight"
            )
        if weight.shape != (n_samples,):
            raise ValueError(
                f"{name}: sample_weight.shape == {weight.shape}, expected ({n_samples},): one weight a row."
            )
        if (weight < 0).any():
            raise ValueError(
                f"{name}: Negative values in sample_weight, the least is {weight.min():g}; "
                "weights must be >= 0."
            )
        if not weight.max() > 0:
            raise ValueError(f"{name}: the sample weights sum to zero; at least one must be positive.")
        return self._normalize_weight(weight)

    def _check_rows(self, X) -> np.ndarray:
        """Return validated rows of a fitted model's input."""
        check_is_fitted(self)
        return self._validated(X, reset=False)

    def _validated(self, X, **keywords) -> np.ndarray:
        """Return scikit-learn's validated X."""
        name = type(self).__name__
        refuse_masked(X, name)
        if isinstance(X, np.ndarray) and X.ndim == 1:  # scikit-learn's message has all the values in it
            raise ValueError(
                f"{name}: Expected 2D array, got 1D array of {len(X)} values. Reshape your data: X[:, None] "
                "if they are rows of one feature, X[None] if they are one row."
            )
        with self._named():
            return validate_data(self, X, dtype=np.float64, order="C", **keywords)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Put the estimator's name into scikit-learn's errors that lack it; leave out the data's values."""
        try:
            yield
        except ValueError as error:
            said = _without_values(str(error))
            if type(self).__name__ in said and said == str(error):
                raise
            raise ValueError(f"{type(self).__name__}: {said}") from error

    def _refuse_constant(self, X: np.ndarray) -> None:
        """Raise a ValueError that names the first column that does not vary."""
        constant = np.flatnonzero(np.ptp(X, axis=0) == 0)
        if constant.size:
            j = int(constant[0])
            raise ValueError(
                f"{type(self).__name__}: column {j} is constant (every value is {X[0, j]:g}); "
                "its scale cannot be estimated. Drop the column or give the scale yourself."
            )

    def _require_one_feature(self, method: str) -> None:
        """Raise a ValueError unless the model has one feature."""
        if self.n_features_in_ != 1:
            raise ValueError(
                f"{type(self).__name__}.{method} exists in one dimension only; "
                f"this model was fitted to {self.n_features_in_} features."
            )

    def _fitted_arrays(self) -> list[np.ndarray]:
        """Return the fitted attributes that are arrays of floats."""
        state = (v for k, v in vars(self).items() if k.endswith("_") and not k.startswith("_"))
        return [v for v in state if isinstance(v, np.ndarray) and v.dtype.kind == "f"]


def _without_values(said: str) -> str:
    """Return an error of scikit-learn without the data that it prints, all of them."""
    if said.startswith("Complex data not supported"):
        return "Complex data not supported; real and imaginary parts can be columns of their own."
    return re.sub(r" instead:\narray=.*?\.\n(?=Reshape)", ". ", said, flags=re.DOTALL)
