"""Weighted regression of log error on log n, with a slope that is linear in the response."""

import numpy as np

from genrates.rates.sizes import check_sizes


def delta_weights(squared_variation: np.ndarray, n_replicates: np.ndarray | int = 1) -> np.ndarray:
    """Return regression weights from squared coefficients of variation (CV).

    The log of a mean of R replicates has variance CV^2 / R (delta method), and the weights are the inverse
    variances. But the CV of a few heavy-tailed replicates is uncertain and correlated with their mean, so
    such weights would prefer sizes whose errors happen to be small. Each CV^2 is therefore averaged with the
    mean over all sizes. This costs little efficiency, since CVs hardly change with n.

    Parameters
    ----------
    squared_variation : ndarray of shape (..., n_sizes)
        CV^2 at each size.
    n_replicates : ndarray of shape (n_sizes,) or int, default=1
        Number of replicates of each size, or of all.

    Returns
    -------
    ndarray of shape (..., n_sizes)
        Positive, with sum 1 over the sizes.

    Examples
    --------
    >>> delta_weights(np.array([1.0, 1.0, 4.0])).round(3)
    array([0.4, 0.4, 0.2])
    """
    common = squared_variation.mean(axis=-1, keepdims=True)
    weights = n_replicates / np.where(common > 0, squared_variation + common, 1.0)
    return weights / np.sum(weights, axis=-1, keepdims=True)


def slope_functional(log_sizes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the coefficients c for which the regression slope of a response y is c @ y.

    Parameters
    ----------
    log_sizes : ndarray of shape (n_sizes,)
        Log of the sample sizes.
    weights : ndarray of shape (..., n_sizes)
        With sum 1 over the sizes.

    Returns
    -------
    ndarray of shape (..., n_sizes)
    """
    x = log_sizes - np.sum(weights * log_sizes, axis=-1, keepdims=True)
    return weights * x / np.sum(weights * x * x, axis=-1, keepdims=True)


def log_log_slope(sizes, values, weights=None) -> float:
    """Return the slope of the weighted regression of log(values) on log(sizes).

    Parameters
    ----------
    sizes, values : array-like of shape (n_sizes,)
        Positive, at least 2 of each; sizes are increasing.
    weights : array-like of shape (n_sizes,), optional
        Not negative; equal by default.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For arguments that break these rules, or fewer than 2 positive weights.

    Examples
    --------
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
