"""How a fitted model is sampled: by its own method, or by inverting its distribution function.

Both samplers are plain choices of a config (`sampler=own`, `sampler=inversion`): `applies_to` says whether a
model can be drawn from this way, and `draw` does it.
"""

import numpy as np
from sklearn.base import BaseEstimator

from genrates.estimators.base import check_generator


class OwnSampler(BaseEstimator):
    """Draw with the model's own `sample`.

    Parameters
    ----------
    n_samples : int, default=None
        How many points the pipeline draws from each fit; None: as many as the fit has learned from.

    Examples
    --------
    >>> from genrates.estimators import GaussianDensity
    >>> OwnSampler().draw(GaussianDensity().fit([[0.0], [1.0]]), 3, random_state=0).shape
    (3, 1)
    """

    def __init__(self, n_samples: int | None = None):
        self.n_samples = n_samples

    def applies_to(self, model) -> str | None:
        """None, or the reason why this sampler cannot draw from the fitted model."""
        if "sampling" in model.capabilities_:
            return None
        why = getattr(model, "unsupported", {}).get("sampling")
        return f"{type(model).__name__} has no way of drawing new points{f': {why}' if why else ''}"

    def draw(self, model, n_samples: int, random_state=None) -> np.ndarray:
        """New points, shape (n_samples, n_features)."""
        return model.sample(n_samples, random_state=random_state)


class InversionSampler(BaseEstimator):
    r"""Draw by inversion, the lecture's first idea: z uniform on (0, 1), :math:`x = F^{-1}(z)`.

    In one dimension for any model with quantiles (`ppf`). In d dimensions by successive conditionals
    (Rosenblatt 1952, inverted): :math:`x_1 = F_1^{-1}(z_1)`, :math:`x_2 = F_{2|1}^{-1}(z_2 | x_1)`, and so
    on, for any model with a method ``_inverse_rosenblatt``, which maps uniforms (n, d) to points (n, d): the
    normal, the normal mixture and the histogram, all exactly.

    Parameters
    ----------
    model : fitted density estimator, default=None
        What `sample` draws from; `draw` takes the model as an argument instead.

    Notes
    -----
    Complexity: n quantiles in one dimension. In d dimensions O(n d^2) for the normal, O(n K d^2) and some
    five Newton steps a column for a mixture of K, O(n d log(cells)) for the histogram. Memory O(n d).

    The map from z to x is monotone in each coordinate, so that low-discrepancy or antithetic z keep their
    virtues: :meth:`transform` takes them.

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
        """None, or the reason why this sampler cannot draw from the fitted model."""
        name = type(model).__name__
        if model.n_features_in_ == 1:
            return None if "cdf" in model.capabilities_ else f"{name} has no distribution function"
        if hasattr(model, "_inverse_rosenblatt"):
            return None
        return f"{name} has no conditional distribution functions in {model.n_features_in_} dimensions"

    def draw(self, model, n_samples: int, random_state=None) -> np.ndarray:
        """New points, shape (n_samples, n_features).

        Raises
        ------
        ValueError
            If the sampler does not apply to the model.
        """
        return InversionSampler(model).sample(n_samples, random_state=random_state)

    def sample(self, n_samples: int = 1, random_state=None) -> np.ndarray:
        """New points of the wrapped model, shape (n_samples, n_features)."""
        self._require_model()
        z = check_generator(random_state).random((n_samples, self.model.n_features_in_))
        # 0 comes up once in 2^53 draws, and would be mapped to minus infinity
        return self.transform(np.maximum(z, 2.0**-54))

    def transform(self, z) -> np.ndarray:
        """Points (n, n_features) of uniforms z in (0, 1) of the same shape."""
        self._require_model()
        z = np.asarray(z, dtype=np.float64)
        d = self.model.n_features_in_
        if z.ndim != 2 or z.shape[1] != d or not np.all((z >= 0) & (z <= 1)):
            raise ValueError(
                f"InversionSampler: z must lie in [0, 1] and have the shape (n, {d}), got {z.shape}."
            )
        return self.model.ppf(z) if d == 1 else self.model._inverse_rosenblatt(z)

    def _require_model(self) -> None:
        reason = "no model was given" if self.model is None else self.applies_to(self.model)
        if reason is not None:
            raise ValueError(f"InversionSampler: {reason}.")
