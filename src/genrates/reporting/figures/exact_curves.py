"""Exact error against the tuning parameter, split into bias and spread, where there is a closed form."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from genrates.rates import histogram_mise, kernel_mise, series_mise

#: a sample size so large that no variance is left, and small enough for rounding errors not to show
_N_INFINITE = 10**13


@dataclass(frozen=True)
class ExactCurve:
    """Root errors by tuning value: error^2 = bias^2 + spread^2.

    Attributes
    ----------
    x : ndarray of shape (m,)
        Tuning values, increasing.
    error, bias, spread : ndarray of shape (m,)
        The error and its parts.
    """

    x: np.ndarray
    error: np.ndarray
    bias: np.ndarray
    spread: np.ndarray

    @property
    def optimum(self) -> tuple[float, float]:
        """The tuning value of the smallest error, and that error.

        Returns
        -------
        tuple of float
            Value and error.
        """
        best = int(np.argmin(self.error))
        return float(self.x[best]), float(self.error[best])


def exact_curve(model: dict, truth, n: int, low: float, high: float) -> ExactCurve | None:
    """Return the exact error of a model for tuning values from `low` to `high`.

    Kernel and histogram estimates have a closed form for mixtures of normals. The bins of a histogram begin
    at the config's `origin`. A cosine series has one on a given interval. Here the interval leaves 1/n of
    the mass outside at either end, which is about where the data end. The form is of the series before its
    projection onto the densities, which only lowers the error.

    Parameters
    ----------
    model : dict
        Config of the model.
    truth : Data
        The data set; the closed forms need its `mixture`, or its `ppf` and `pdf`.
    n : int
        Sample size.
    low, high : float
        Smallest and largest tuning value.

    Returns
    -------
    ExactCurve or None
        None where there is no closed form.

    Notes
    -----
    The squared error of all three is bias^2 + (variance of one point) / n, so the error of an infinite
    sample is the bias.
    """
    mixture, metadata = getattr(truth, "mixture", None), model["metadata"]
    if metadata.get("tuned") == "n_terms_" and hasattr(truth, "ppf"):
        return _series_curve(truth, n, low, high)
    histogram = partial(histogram_mise, origin=model.get("origin"))
    mise = {"kernel": kernel_mise, "histogram": histogram}.get(metadata.get("exact"))
    if mise is None or mixture is None:
        return None
    x = np.geomspace(low, high, 400)
    return _split(x, lambda size: mise(mixture, size, x), n)


def _series_curve(truth, n: int, low: float, high: float) -> ExactCurve:
    """Return the exact curve of a cosine series over its number of terms."""
    ends = truth.ppf(np.array([1 / n, 1 - 1 / n]))
    terms = np.arange(max(1, round(low)), round(high) + 1)

    def mise(size: int) -> np.ndarray:
        # series_mise does not count the constant as a term; SeriesDensity does
        errors = series_mise(lambda x: truth.pdf(x[:, None]), *map(float, ends), size, int(terms[-1]) - 1)
        return errors[terms - 1]

    return _split(terms.astype(float), mise, n)


def _split(x: np.ndarray, mise: Callable[[int], np.ndarray], n: int) -> ExactCurve:
    """Return the curve of a squared error at n, split by the squared error of an infinite sample."""
    squared, squared_bias = mise(n), np.maximum(mise(_N_INFINITE), 0.0)
    spread = np.sqrt(np.maximum(squared - squared_bias, 0.0))
    return ExactCurve(x, np.sqrt(squared), np.sqrt(squared_bias), spread)
