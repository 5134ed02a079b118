"""What every density estimator shares: validation at the door, randomness, and its own description."""

import numbers
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data


def check_generator(random_state=None) -> np.random.Generator:
    """Turn `random_state` into a Generator; numpy's and torch's global states are never touched.

    Parameters
    ----------
    random_state : None, int, SeedSequence, Generator or RandomState
        None draws fresh entropy. An int or a SeedSequence gives the same stream each time. A Generator
        is used as it is; a RandomState gives the seed of a new stream, and moves on.

    Raises
    ------
    ValueError
        For anything else.

    >>> float(check_generator(0).random()) == float(check_generator(0).random())
    True
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(0, 2**32, size=4, dtype=np.uint32))
    if random_state is None or isinstance(random_state, numbers.Integral | np.random.SeedSequence):
        return np.random.default_rng(random_state)
    raise ValueError(
        "random_state must be None, an int, a SeedSequence, a Generator or a RandomState, "
        f"got {random_state!r}."
    )


class _Missing:
    """In the place of a method that a class honestly lacks: hasattr is False, and asking for it says why."""

    def __init__(self, capability: str):
        self.capability = capability

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, model, owner):
        if model is None:
            return self
        raise AttributeError(f"{owner.__name__} has no {self.name}: {owner.unsupported[self.capability]}.")


#: the methods that go with a capability
_METHODS = {"likelihood": ("score_samples", "score"), "sampling": ("sample",), "cdf": ("cdf", "ppf")}


class DensityEstimator(DensityMixin, BaseEstimator):
    """Base class of all density estimators.

    A subclass implements `fit`, `_log_density` and `_draw`; one that has a distribution function in one
    dimension implements `_cdf` and `_ppf` too. All fitted state lives in attributes with a trailing
    underscore that are arrays, numbers, strings, None, or lists, tuples and dicts of those, so that
    :mod:`genrates.estimators.persistence` can write any estimator without pickle. What is derived from
    that state and only saves time is built lazily, in attributes with a leading underscore.
    """

    #: fewest rows `fit` accepts
    minimum_samples = 1
    #: capability -> the reason why the class has not got it, as people read it in the table; its methods
    #: ("likelihood": score_samples, score; "sampling": sample) then raise an AttributeError with the reason
    unsupported: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls, **keywords):
        super().__init_subclass__(**keywords)
        unsupported = cls.__dict__.get("unsupported", {})
        # a property: what is lacking depends on a model's parameters, and its methods say so when called
        for capability in unsupported if isinstance(unsupported, dict) else ():
            for name in _METHODS[capability]:
                missing = _Missing(capability)
                missing.__set_name__(cls, name)
                setattr(cls, name, missing)

    def score_samples(self, X) -> np.ndarray:
        """Log-likelihood of each row, in nats, shape (n_samples,); -inf where the density is 0."""
        return self._log_density(self._check_rows(X))

    def score(self, X, y=None) -> float:
        """Mean log-likelihood of the rows of X, in nats."""
        return float(np.mean(self.score_samples(X)))

    def sample(self, n_samples: int = 1, random_state=None) -> np.ndarray:
        """Draw new points from the fitted density, shape (n_samples, n_features)."""
        check_is_fitted(self)
        if not isinstance(n_samples, numbers.Integral) or n_samples < 1:
            raise ValueError(
                f"{type(self).__name__}.sample: n_samples must be an integer >= 1, got {n_samples!r}."
            )
        return self._draw(int(n_samples), check_generator(random_state))

    def cdf(self, X) -> np.ndarray:
        """Distribution function at each row of X, shape (n_samples,). One feature only."""
        X = self._check_rows(X)
        self._require_one_feature("cdf")
        return self._cdf(X[:, 0])

    def ppf(self, q) -> np.ndarray:
        """Quantiles at levels q in [0, 1], same shape as q. One feature only."""
        check_is_fitted(self)
        self._require_one_feature("ppf")
        q = np.asarray(q, dtype=np.float64)
        if not np.all((q >= 0) & (q <= 1)):
            raise ValueError(f"{type(self).__name__}.ppf: levels q must lie in [0, 1].")
        return self._ppf(q.ravel()).reshape(q.shape)

    @property
    def capabilities_(self) -> frozenset[str]:
        """What this fitted model honestly has: of "likelihood", "sampling", "cdf"."""
        check_is_fitted(self)
        one = self.n_features_in_ == 1 and type(self)._cdf is not DensityEstimator._cdf
        return frozenset({"likelihood", "sampling"} | ({"cdf"} if one else set())) - set(self.unsupported)

    @property
    def n_parameters_(self) -> int:
        """How many numbers describe the fitted density."""
        return sum(int(a.size) for a in self._fitted_arrays())

    @property
    def nbytes_(self) -> int:
        """Bytes that the fitted state occupies: the price of keeping the model in memory."""
        return sum(int(a.nbytes) for a in self._fitted_arrays())

    # -- for subclasses ---------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        """Raise a ValueError for a constructor parameter that no data could make valid.

        Called by `fit`, and by the pipeline for every configured model before any job starts.
        """

    def _refuse(self, name: str, must: str, value) -> None:
        raise ValueError(f"{type(self).__name__}: {name} must {must}, got {value!r}.")

    def _check_number(self, name: str, least: float, *, integer: bool = False, above: bool = False) -> None:
        value = getattr(self, name)
        kind = numbers.Integral if integer else numbers.Real
        fine = isinstance(value, kind) and not isinstance(value, bool) and np.isfinite(value)
        if not fine or value < least or (above and value == least):
            sort, bound = "an integer" if integer else "a finite number", ">" if above else ">="
            self._refuse(name, f"be {sort} {bound} {least:g}", value)

    def _log_density(self, X: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _draw(self, n_samples: int, rng: np.random.Generator) -> np.ndarray:
        raise NotImplementedError

    def _cdf(self, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _ppf(self, q: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _check_fit(self, X, sample_weight=None) -> tuple[np.ndarray, np.ndarray | None]:
        """Validate training rows and weights; weights are None (all equal) or non-negative, shape (n,)."""
        X = self._validated(X, ensure_min_samples=self.minimum_samples)
        if sample_weight is None:
            return X, None
        weight = self._validated_weight(sample_weight, len(X))
        return X, weight

    def _validated_weight(self, sample_weight, n_samples: int) -> np.ndarray:
        name = type(self).__name__
        if isinstance(sample_weight, numbers.Real):
            sample_weight = np.full(n_samples, sample_weight, dtype=np.float64)
        weight = check_array(
            sample_weight, ensure_2d=False, dtype=np.float64, order="C", input_name="sample_weight"
        )
        if weight.shape != (n_samples,):
            raise ValueError(
                f"{name}: sample_weight.shape == {weight.shape}, expected ({n_samples},): one weight a row."
            )
        if (weight < 0).any():
            raise ValueError(
                f"{name}: Negative values in sample_weight, the least is {weight.min():g}; weights must be >= 0."
            )
        if not weight.sum() > 0:
            raise ValueError(f"{name}: the sample weights sum to zero; at least one must be positive.")
        return weight

    def _check_rows(self, X) -> np.ndarray:
        check_is_fitted(self)
        return self._validated(X, reset=False)

    def _validated(self, X, **keywords) -> np.ndarray:
        try:
            return validate_data(self, X, dtype=np.float64, order="C", **keywords)
        except ValueError as error:
            # scikit-learn's message on infinity, for one, does not say who complains
            if type(self).__name__ in str(error):
                raise
            raise ValueError(f"{type(self).__name__}: {error}") from error

    def _refuse_constant(self, X: np.ndarray) -> None:
        """Raise a ValueError naming the first column that does not vary."""
        flat = np.flatnonzero(np.ptp(X, axis=0) == 0)
        if flat.size:
            j = int(flat[0])
            raise ValueError(
                f"{type(self).__name__}: column {j} is constant (every value is {X[0, j]:g}); "
                "its scale cannot be estimated. Drop the column or give the scale yourself."
            )

    def _require_one_feature(self, method: str) -> None:
        if self.n_features_in_ != 1:
            raise ValueError(
                f"{type(self).__name__}.{method} exists in one dimension only; "
                f"this model was fitted to {self.n_features_in_} features."
            )

    def _fitted_arrays(self) -> list[np.ndarray]:
        state = (v for k, v in vars(self).items() if k.endswith("_") and not k.startswith("_"))
        return [v for v in state if isinstance(v, np.ndarray) and v.dtype.kind == "f"]
