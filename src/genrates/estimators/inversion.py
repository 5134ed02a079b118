"""Samplers: draw from a fitted model with its own method, or by inverting its distribution function.

A config chooses between them (`sampler=own`, `sampler=inversion`). `applies_to` tells whether the sampler can
draw from a model, and `draw` draws from it.
"""

import numpy as np
from sklearn.base import BaseEstimator

from genrates.errors import MOST, is_count, is_integer, shown
from genrates.estimators.base import DensityEstimator, check_generator


def check_n_samples(name: str, n_samples) -> None:
    """Raise a ValueError for a number of draws that no sampler can make.

    Parameters
    ----------
    name : str
        The sampler, for the message.
    n_samples : object
        What was given.

    Raises
    ------
    ValueError
        Unless it is None or an integer from 1 to 10^9.
    """
    if n_samples is not None and not is_count(n_samples):
        bound = f"<= {MOST}" if is_integer(n_samples) and n_samples > MOST else ">= 1"
        raise ValueError(f"{name}: n_samples must be None or an integer {bound}, got {shown(n_samples)}.")


class OwnSampler(BaseEstimator):
    """Sampler that calls the model's own `sample`.

    Parameters
    ----------
    n_samples : int, default=None
        Number of points that the pipeline draws from each fit. None: the size of the training set.

    Examples
    --------
    >>> from genrates.estimators import GaussianDensity
    >>> OwnSampler().draw(GaussianDensity().fit([[0.0], [1.0]]), 3, random_state=0).shape
    (3, 1)
    """

    def __init__(self, n_samples: int | None = None):
        self.n_samples = n_samples

    def applies_to(self, model) -> str | None:
        """Check whether this sampler can draw from a fitted model.

        Parameters
        ----------
        model : fitted density estimator
            The model to draw from.

        Returns
        -------
        str or None
            None if it can, else the reason why it cannot.
        """
        if "sampling" in model.capabilities_:
            return None
        reason = getattr(model, "unsupported", {}).get("sampling")
        return f"{type(model).__name__} has no way of drawing new points{f': {reason}' if reason else ''}"

    def draw(self, model, n_samples: int, random_state=None) -> np.ndarray:
        """Draw new points from a fitted model.

        Parameters
        ----------
        model : fitted density estimator
            The model to draw from.
        n_samples : int
            Number of draws.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Source of random numbers.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            The draws.
        """
        self._check_parameters()
        return model.sample(n_samples, random_state=random_state)

    def _check_parameters(self) -> None:
        """Raise a ValueError for a bad parameter; called by `draw`, and before any job starts."""
        check_n_samples("OwnSampler", self.n_samples)


class InversionSampler(BaseEstimator):
    """Sampler that inverts the distribution function, the lecture's first idea.

    If z is uniform on (0, 1), then :math:`x = F^{-1}(z)` has the distribution function F.

    In one dimension this works for any model with quantiles (`ppf`). In d dimensions the successive
    conditionals are inverted (Rosenblatt 1952): :math:`x_1 = F_1^{-1}(z_1)`,
    :math:`x_2 = F_{2|1}^{-1}(z_2 | x_1)`, and so on. The model then needs a method ``_inverse_rosenblatt``,
    which maps uniforms (n, d) to points (n, d). The normal, the normal mixture and the histogram have it, and
    theirs is exact.

    Parameters
    ----------
    model : fitted density estimator, default=None
        The model that `sample` draws from. `draw` takes a model as an argument instead.

    Notes
    -----
    Complexity: n quantiles in one dimension. In d dimensions O(n d^2) for the normal, O(n K d^2) and about
    five Newton steps a column for a mixture of K components, O(n d log(cells)) for the histogram. Memory
    O(n d).

    The map from z to x is monotone in each coordinate, so low-discrepancy or antithetic z keep their
    advantage. :meth:`transform` accepts such z.

    References
    ----------
    Rosenblatt, "Remarks on a multivariate transformation", Ann. Math. Statist. 23 (1952).

    Examples
    --------
    >>> from genrates.estimators import GaussianDensity
    >>> model = GaussianDensity().fit([[3.0], [4.0], [5.0]])
    >>> InversionSampler(model).sample(3, random_state=0).shape
    (3, 1)
    >>> InversionSampler(model).transform([[0.5]])
    array([[4.]])
    """

    def __init__(self, model=None):
        self.model = model

    def applies_to(self, model) -> str | None:
        """Check whether this sampler can draw from a fitted model.

        Parameters
        ----------
        model : fitted density estimator
            The model to draw from.

        Returns
        -------
        str or None
            None if it can, else the reason why it cannot.
        """
        name = type(model).__name__
        if model.n_features_in_ == 1:
            return None if "cdf" in model.capabilities_ else f"{name} has no distribution function"
        if hasattr(model, "_inverse_rosenblatt"):
            return None
        return f"{name} has no conditional distribution functions in {model.n_features_in_} dimensions"

    def draw(self, model, n_samples: int, random_state=None) -> np.ndarray:
        """Draw new points from a fitted model.

        Parameters
        ----------
        model : fitted density estimator
            The model to draw from.
        n_samples : int
            Number of draws.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Source of random numbers.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            The draws.

        Raises
        ------
        ValueError
            If the sampler does not apply to the model.
        """
        return InversionSampler(model).sample(n_samples, random_state=random_state)

    def sample(self, n_samples: int = 1, random_state=None) -> np.ndarray:
        """Draw new points from the wrapped model.

        Parameters
        ----------
        n_samples : int, default=1
            Number of draws.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Source of random numbers.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            The draws.

        Raises
        ------
        ValueError
            If there is no wrapped model, or the sampler does not apply to it.
        """
        self._require_model()
        z = check_generator(random_state).random((n_samples, self.model.n_features_in_))
        # the generator returns 0 with probability 2^-53, which would be mapped to minus infinity
        return self.transform(np.maximum(z, 2.0**-54))

    def transform(self, z) -> np.ndarray:
        """Map uniforms to points of the wrapped model.

        Parameters
        ----------
        z : array-like of shape (n, n_features)
            Uniforms in [0, 1].

        Returns
        -------
        ndarray of shape (n, n_features)
            The points.

        Raises
        ------
        ValueError
            If there is no wrapped model, the sampler does not apply to it, or `z` has another shape or range.
        """
        self._require_model()
        z = np.asarray(z, dtype=np.float64)
        d = self.model.n_features_in_
        if z.ndim != 2 or z.shape[1] != d or not np.all((z >= 0) & (z <= 1)):
            raise ValueError(
                f"InversionSampler: z must lie in [0, 1] and have the shape (n, {d}), got {z.shape}."
            )
        return self.model.ppf(z) if d == 1 else self.model._inverse_rosenblatt(z)

    def _check_parameters(self) -> None:
        """Raise a ValueError for a bad parameter; called by `sample`, and before any job starts."""
        if self.model is not None and not isinstance(self.model, DensityEstimator):
            raise ValueError(
                f"InversionSampler: model must be None or a density estimator, got {shown(self.model)}."
            )

    def _require_model(self) -> None:
        """Raise a ValueError unless there is a wrapped model that the sampler applies to."""
        self._check_parameters()
        reason = "no model was given" if self.model is None else self.applies_to(self.model)
        if reason is not None:
            raise ValueError(f"InversionSampler: {reason}.")
