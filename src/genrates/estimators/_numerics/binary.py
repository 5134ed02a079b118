"""Rows of zeros and ones: thresholded from numbers, checked, and counted."""

import numpy as np

from genrates.errors import is_number, shown


def check_binarize(name: str, binarize) -> None:
    """Check that `binarize` is None or a finite number.

    Parameters
    ----------
    name : str
        The estimator, for the message.
    binarize : object
        The value that the user gave.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if binarize is not None and not is_number(binarize):
        raise ValueError(f"{name}: binarize must be None or a finite number, got {shown(binarize)}.")


def to_bits(name: str, X: np.ndarray, binarize: float | None) -> np.ndarray:
    """Return the rows as booleans: X > binarize, or X itself if that is None.

    Parameters
    ----------
    name : str
        The estimator, for the message.
    X : ndarray of shape (n, d)
    binarize : float or None
        The threshold.

    Returns
    -------
    ndarray of shape (n, d), bool

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
    """Check that X holds nothing but 0 and 1.

    Parameters
    ----------
    who : str
        Start of the message.
    X : ndarray of shape (n, d)

    Raises
    ------
    ValueError
        If there is another value.
    """
    if not np.all((X == 0) | (X == 1)):
        wrong = X[(X != 0) & (X != 1)].flat[0]
        raise ValueError(
            f"{who} the data must be 0 and 1, but there is a {wrong:g}; choose a data set that is binarized."
        )


def distinct_rows(bits: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct boolean rows and the total weight of each.

    Parameters
    ----------
    bits : ndarray of shape (n, d), bool
    weight : ndarray of shape (n,) or None
        None gives every row the weight 1.

    Returns
    -------
    rows : ndarray of shape (m, d), bool
        Distinct rows. Their order depends on the set of rows alone, so a fit that starts from them does not
        depend on the order of the data.
    weight : ndarray of shape (m,)
        Sum of the weights of all copies of a row.
    """
    packed = np.ascontiguousarray(np.packbits(bits, axis=1))
    _, first, inverse = np.unique(
        packed.view(f"V{packed.shape[1]}").ravel(), return_index=True, return_inverse=True
    )
    return bits[first], np.bincount(inverse.ravel(), weights=weight).astype(np.float64)
