"""Exact error against the tuning parameter, split into bias and spread, where there is a closed form."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from genrates.rates import histogram_mise, kernel_mise, series_mise

#: so many points that the variance is gone, and not so many that rounding comes up
_ENDLESS = 10**13


@dataclass(frozen=True)
class ExactCurve:
    """Root errors at the tuning values `x`; error^2 = bias^2 + spread^2.

    Attributes
    ----------
    x, error, bias, spread : ndarrays of one shape
    """

    x: np.ndarray
    error: np.ndarray
    bias: np.ndarray
    spread: np.ndarray

    @property
    def optimum(self) -> tuple[float, float]:
        """The tuning value of the smallest error, and that error."""
        best = int(np.argmin(self.error))
        return float(self.x[best]), float(self.error[best])


def exact_curve(model: dict, truth, n: int, low: float, high: float) -> ExactCurve | None:
    """The exact curve of a `model` (its config) on `truth` for tuning values in [low, high].

    Kernel and histogram estimates have one on mixtures of normals; a histogram's bins begin where the config
    says (`origin`). A cosine series has one on a given interval; it gets the one that leaves 1/n of the mass
    outside at either end, about where the data end, and is the series before its projection onto the
    densities, which only improves it.

    All three have an error whose square is bias^2 + (variance of one point)/n: the error of a sample
    without end is the bias.
    """
    mixture, metadata = getattr(truth, "mixture", None), model["metadata"]
    if metadata.get("tuned") == "n_terms_" and hasattr(truth, "ppf"):
        ends = truth.ppf(np.array([1 / n, 1 - 1 / n]))
        terms = np.arange(max(1, round(low)), round(high) + 1)

        def mise(size: int) -> np.ndarray:  # the constant is one of our terms, none of theirs
            pdf = lambda x: truth.pdf(x[:, None])  # noqa: E731
            return series_mise(pdf, *map(float, ends), size, int(terms[-1]) - 1)[terms - 1]

        return _split(terms.astype(float), mise, n)
    in_bins = partial(histogram_mise, origin=model.get("origin"))
    closed = {"kernel": kernel_mise, "histogram": in_bins}.get(metadata.get("exact"))
    if closed is None or mixture is None:
        return None
    x = np.geomspace(low, high, 400)
    return _split(x, lambda size: closed(mixture, size, x), n)


def _split(x: np.ndarray, mise: Callable[[int], np.ndarray], n: int) -> ExactCurve:
    squared, squared_bias = mise(n), np.maximum(mise(_ENDLESS), 0.0)
    return ExactCurve(
        x, np.sqrt(squared), np.sqrt(squared_bias), np.sqrt(np.maximum(squared - squared_bias, 0.0))
    )
