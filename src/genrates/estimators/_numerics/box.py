"""The box of a density that lives on one."""

import numbers

import numpy as np


def box(name: str, parameter: str, value, X: np.ndarray, margin: float) -> np.ndarray:
    """The box that `value` describes, shape (n_features, 2).

    Parameters
    ----------
    name, parameter : str
        The estimator and its parameter, for the messages.
    value : None, (low, high), or one such pair per column
        An end that is None is the data's end, moved outwards by `margin` times the data's range.
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
        least, most = X[:, j].min(), X[:, j].max()
        if None in pair and least == most:
            raise ValueError(
                f"{name}: column {j} is constant (every value is {least:g}) and an end of its {parameter} "
                "is to come from the data; give both ends, or drop the column."
            )
        low = least - margin * (most - least) if pair[0] is None else float(pair[0])
        high = most + margin * (most - least) if pair[1] is None else float(pair[1])
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise ValueError(
                f"{name}: the {parameter} of column {j} must be finite and low < high, got ({low}, {high})."
            )
        out[j] = low, high
    return out


def refuse_outside(name: str, parameter: str, bounds: np.ndarray, X: np.ndarray) -> None:
    """Raise a ValueError if a row lies outside the box."""
    for j, (low, high) in enumerate(bounds):
        least, most = X[:, j].min(), X[:, j].max()
        if least < low or most > high:
            raise ValueError(
                f"{name}: column {j} runs from {least:g} to {most:g}, "
                f"outside its {parameter} ({low:g}, {high:g})."
            )


def _is_end(value) -> bool:
    return value is None or isinstance(value, numbers.Real)
