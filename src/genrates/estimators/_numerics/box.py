"""The bounded box on which a density lives."""

import numpy as np

from genrates.errors import is_number, shown


def check_pairs(name: str, parameter: str, value, *, open_ends: bool = False) -> None:
    """Check that a parameter is None, a pair (low, high), or one such pair per column.

    Parameters
    ----------
    name : str
        The estimator, for the message.
    parameter : str
        The estimator's parameter, for the message.
    value : object
        What was given.
    open_ends : bool, default=False
        Whether an end may be infinite.

    Raises
    ------
    ValueError
        If it is anything else: no data could make it valid.
    """
    if value is None:
        return
    pairs = list(value) if np.iterable(value) and not isinstance(value, str | bytes | dict) else []
    if len(pairs) == 2 and not any(map(np.iterable, pairs)):
        pairs = [pairs]
    if not pairs or not all(_is_pair(pair, open_ends) for pair in pairs):
        kind = "numbers" if open_ends else "finite numbers"
        raise ValueError(
            f"{name}: {parameter} must be None, (low, high) or one such pair a column, of {kind} or None, "
            f"low < high, got {shown(value)}."
        )


def _is_pair(pair, open_ends: bool) -> bool:
    """Return whether a value is (low, high) with low < high, each a number or None."""
    if not np.iterable(pair) or isinstance(pair, str | bytes | dict) or len(pair := list(pair)) != 2:
        return False
    infinite = (-np.inf, np.inf) if open_ends else ()
    if not all(end is None or is_number(end) or (isinstance(end, float) and end in infinite) for end in pair):
        return False
    low, high = (
        default if end is None else end for end, default in zip(pair, (-np.inf, np.inf), strict=True)
    )
    return low < high


def box(name: str, parameter: str, value, X: np.ndarray, margin: float) -> np.ndarray:
    """Return the box that `value` describes; :func:`check_pairs` has accepted it.

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
        If there is not one pair per column, low >= high, or an end is to come from a constant column.
    """
    d = X.shape[1]
    if value is None:
        pairs = [(None, None)] * d
    else:
        pairs = list(value) if np.iterable(value) else []
        if d == 1 and len(pairs) == 2 and not any(map(np.iterable, pairs)):
            pairs = [pairs]
        pairs = [tuple(pair) if np.iterable(pair) else () for pair in pairs]
    if len(pairs) != d:
        raise ValueError(
            f"{name}: {parameter} must be None, (low, high) or {d} such pairs, one per column, "
            f"got {shown(value)}."
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
