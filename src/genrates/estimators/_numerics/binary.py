"""Rows of zeros and ones: made from numbers, packed, counted."""

import numbers

import numpy as np


def check_binarize(name: str, binarize) -> None:
    """Raise a ValueError unless `binarize` is None or a finite number."""
    if binarize is not None and not (isinstance(binarize, numbers.Real) and np.isfinite(binarize)):
        raise ValueError(f"{name}: binarize must be None or a finite number, got {binarize!r}.")


def to_bits(name: str, X: np.ndarray, binarize: float | None) -> np.ndarray:
    """Boolean rows: X > binarize, or X itself if that is None.

    Raises
    ------
    ValueError
        If `binarize` is None and X holds anything but 0 and 1.
    """
    if binarize is not None:
        return binarize < X
    check_bits(f"{name}: with binarize=None", X)
    return X == 1


def check_bits(who: str, X: np.ndarray) -> None:
    """Raise a ValueError, which begins with `who`, if X holds anything but 0 and 1."""
    if not np.all((X == 0) | (X == 1)):
        wrong = X[(X != 0) & (X != 1)].flat[0]
        raise ValueError(
            f"{who} the data must be 0 and 1, but there is a {wrong:g}; choose a data set that is binarized."
        )


def distinct_rows(bits: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Distinct boolean rows in a fixed order, and how much weight each has.

    The order depends on the set of rows alone, so a fit that starts here does not depend on theirs.
    """
    packed = np.ascontiguousarray(np.packbits(bits, axis=1))
    _, first, inverse = np.unique(
        packed.view(f"V{packed.shape[1]}").ravel(), return_index=True, return_inverse=True
    )
    return bits[first], np.bincount(inverse.ravel(), weights=weight).astype(np.float64)
