"""Means and standard deviations of columns of any magnitude that a double can hold."""

import numpy as np


def power_of_two(X: np.ndarray) -> np.ndarray:
    """Return a power of two near the largest absolute value of each column; 1 for a column of zeros.

    Division by it keeps squares from overflow and underflow, and changes no digit.

    Parameters
    ----------
    X : ndarray of shape (n, d)

    Returns
    -------
    ndarray of shape (d,)

    Examples
    --------
    >>> power_of_two(np.array([[3.0, 0.0], [-5.0, 0.0]]))
    array([4., 1.])
    """
    # the exponent of a double reaches from -1074 to 1023; both a power and its inverse must be finite
    largest = np.abs(X).max(axis=0)
    exponent = np.clip(np.frexp(largest)[1] - 1, -1022, 1022)
    return np.where(largest > 0, np.ldexp(1.0, exponent), 1.0)


def deviation(X: np.ndarray, weight: np.ndarray | None, center: np.ndarray | None = None) -> np.ndarray:
    """Return the standard deviation of each column, with divisor n.

    The columns are scaled before they are squared, so columns near 1e-300 or 1e300 lose nothing.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    weight : ndarray of shape (n,) or None
        Non-negative weights of sum 1; None weighs all rows equally.
    center : ndarray of shape (d,), default=None
        What the deviation is taken from; None: the mean.

    Returns
    -------
    ndarray of shape (d,)

    Examples
    --------
    >>> deviation(np.array([[3e300], [5e300]]), None)
    array([1.e+300])
    """
    unit = power_of_two(X)
    scaled = X / unit
    if center is None:
        scaled -= scaled.mean(axis=0) if weight is None else weight @ scaled
    else:
        scaled -= center / unit
    # once more, since the spread may be tiny beside the values
    inner = power_of_two(scaled)
    square = np.square(scaled / inner)
    return unit * (inner * np.sqrt(square.mean(axis=0) if weight is None else weight @ square))


def refuse_variance(name: str, variance: np.ndarray, sd: np.ndarray) -> None:
    """Raise a ValueError for a variance that a double does not hold to full precision.

    Parameters
    ----------
    name : str
        The estimator, for the message.
    variance : ndarray of shape (d,)
        Of each column; what is too large is infinite or NaN.
    sd : ndarray of shape (d,)
        Standard deviation of each column, for the message.

    Raises
    ------
    ValueError
        If a variance is infinite, or below the smallest normal number.
    """
    wrong = ~((variance >= np.finfo(np.float64).tiny) & (variance < np.inf))
    if wrong.any():
        j = int(np.argmax(wrong))
        raise ValueError(
            f"{name}: column {j} has the standard deviation {sd[j]:g}, and a variance of that size leaves "
            "the range of floating-point numbers; rescale the column."
        )
