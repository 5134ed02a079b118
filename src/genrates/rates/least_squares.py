"""Weighted regression of log error on log n: a slope that is linear in its response."""

import numpy as np

from genrates.rates.replicates import check_sizes


def delta_weights(squared_variation: np.ndarray) -> np.ndarray:
    """Regression weights, with sum 1, from squared coefficients of variation of shape (..., n_sizes).

    A log of a mean has variance CV^2 / R (delta method), so the weights are their inverses. But the CV of
    a few heavy-tailed replicates is hardly known, and goes up and down together with their mean: weights
    that believed it would prefer the sizes whose luck was good. Each CV^2 is therefore averaged with the
    mean over all sizes, which costs little efficiency, since CVs hardly change with n.

    >>> delta_weights(np.array([1.0, 1.0, 4.0])).round(3)
    array([0.4, 0.4, 0.2])
    """
    common = squared_variation.mean(axis=-1, keepdims=True)
    variance = np.where(common > 0, squared_variation + common, 1.0)
    return (1 / variance) / np.sum(1 / variance, axis=-1, keepdims=True)


def slope_functional(log_sizes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The c of shape (..., n_sizes) with slope = c @ y, for weights (..., n_sizes) with sum 1."""
    x = log_sizes - np.sum(weights * log_sizes, axis=-1, keepdims=True)
    return weights * x / np.sum(weights * x * x, axis=-1, keepdims=True)


def log_log_slope(sizes, values, weights=None) -> float:
    """Slope of the weighted regression of log(values) on log(sizes).

    Parameters
    ----------
    sizes, values : array-like of shape (n_sizes,)
        Positive; sizes increasing, at least 2.
    weights : array-like of shape (n_sizes,), optional
        Equal by default.

    >>> round(log_log_slope([10, 100, 1000], [1.0, 0.1, 0.01]), 12)
    -1.0
    """
    sizes, values = check_sizes(sizes, "log_log_slope"), np.asarray(values, dtype=np.float64)
    if values.shape != sizes.shape or len(sizes) < 2:
        raise ValueError(
            f"log_log_slope: need 2 or more sizes and as many values, got {sizes.shape}, {values.shape}."
        )
    if not np.all(np.isfinite(values) & (values > 0)):
        raise ValueError("log_log_slope: values must be positive and finite.")
    weights = np.ones_like(sizes) if weights is None else np.asarray(weights, dtype=np.float64)
    if weights.shape != sizes.shape or not np.all(weights >= 0) or np.count_nonzero(weights) < 2:
        raise ValueError(
            "log_log_slope: weights must be as many as sizes, not negative, and 2 of them positive."
        )
    return float(slope_functional(np.log(sizes), weights / weights.sum()) @ np.log(values))
