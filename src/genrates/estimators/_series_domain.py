"""The box on which a series lives."""

import numbers

import numpy as np


def unit_bounds(bounds, X: np.ndarray, size: float) -> np.ndarray:
    """Bounds as an array of shape (n_features, 2); an end that is None is estimated from the data.

    An estimated end is the data's end moved outwards by range / (size - 1).
    """
    d = X.shape[1]
    if bounds is None:
        pairs = [(None, None)] * d
    else:
        pairs = list(bounds) if np.iterable(bounds) else []
        if d == 1 and len(pairs) == 2 and not any(map(np.iterable, pairs)):
            pairs = [pairs]
        pairs = [tuple(pair) if np.iterable(pair) else () for pair in pairs]
    if len(pairs) != d or any(len(pair) != 2 or any(map(_no_end, pair)) for pair in pairs):
        raise ValueError(
            f"SeriesDensity: bounds must be None, (low, high) or {d} such pairs, one per column, "
            f"got {bounds!r}."
        )
    out = np.empty((d, 2))
    for j, pair in enumerate(pairs):
        least, most = X[:, j].min(), X[:, j].max()
        if None in pair and least == most:
            raise ValueError(
                f"SeriesDensity: column {j} is constant (every value is {least:g}) and an end of its bounds "
                "is to come from the data; give both ends, or drop the column."
            )
        margin = (most - least) / max(size - 1, 1)
        low = least - margin if pair[0] is None else float(pair[0])
        high = most + margin if pair[1] is None else float(pair[1])
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise ValueError(
                f"SeriesDensity: the bounds of column {j} must be finite and low < high, got ({low}, {high})."
            )
        if least < low or most > high:
            raise ValueError(
                f"SeriesDensity: column {j} runs from {least:g} to {most:g}, "
                f"outside its bounds ({low:g}, {high:g})."
            )
        out[j] = low, high
    return out


def _no_end(value) -> bool:
    return not (value is None or isinstance(value, numbers.Real))
