"""The bounded box on which a density lives."""

import numbers

import numpy as np


def box(name: str, parameter: str, value, X: np.ndarray, margin: float) -> np.ndarray:
    """Return the box that `value` describes.

    Parameters
    ----------
    name : str
        The estimator, for the message.
    parameter : str
        The estimator's parameter, for the message.
    value : None, pair (low, high), or one such pair per column
        An end that is None lies `margin` ranges outside of the data.
    X : ndarray of shape (n, d)
        The training set.
    margin : float
        Distance from the data to an end that is None, as a fraction of the column's range.

    Returns
    -------
    ndarray of shape (d, 2)
        Lower and upper end of each column.

    Raises
    ------
    ValueError
        If `value` is not of that form, an end is not finite, low >= high, or an end is to come from a
        constant column.
    """
    d = X.shape[1]
    if value is None:
        pairs = [(None, None)] * d
    else:
        pairs = list(value) if np.iterable(value) else []
        if d == 1 and len(pairs) == 2 and not any(map(np.iterable, pairs)):
            pairs = [pairs]
        pairs = [tuple(pair) if np.iterable(pair) else () for pair in pairs]
    if len(pairs) != d or any(len(pair) != 2 or not all(map(_is_end, pair)) for pair in pairs):
        raise ValueError(
            f"{name}: {parameter} must be None, (low, high) or {d} such pairs, one per column, got {value!r}."
        )
    out = np.empty((d, 2))
    for j, pair in enumerate(pairs):
        smallest, largest = X[:, j].min(), X[:, j].max()
        if None in pair and smallest == largest:
            raise ValueError(
                f"{name}: column {j} is constant (every value is {smallest:g}) and an end of its {parameter} "
                "is to come from the data; give both ends, or drop the column."
            )
        low = smallest - margin * (largest - smallest) if pair[0] is None else float(pair[0])
        high = largest + margin * (largest - smallest) if pair[1] is None else float(pair[1])
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise ValueError(
                f"{name}: the {parameter} of column {j} must be finite and low < high, got ({low}, {high})."
            )
        out[j] = low, high
    return out


def refuse_outside(name: str, parameter: str, bounds: np.ndarray, X: np.ndarray) -> None:
    """Check that no row lies outside the box.

    Parameters
    ----------
    name : str
        The estimator, for the message.
    parameter : str
        The estimator's parameter, for the message.
    bounds : ndarray of shape (d, 2)
        Lower and upper end of each column.
    X : ndarray of shape (n, d)

    Raises
    ------
    ValueError
        If a row lies outside.
    """
    for j, (low, high) in enumerate(bounds):
        smallest, largest = X[:, j].min(), X[:, j].max()
        if smallest < low or largest > high:
            raise ValueError(
                f"{name}: column {j} runs from {smallest:g} to {largest:g}, "
                f"outside its {parameter} ({low:g}, {high:g})."
            )


def _is_end(value) -> bool:
    """Return whether `value` can be an end of the box: None or a number."""
    return value is None or isinstance(value, numbers.Real)
