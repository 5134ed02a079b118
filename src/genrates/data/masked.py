"""Masked arrays of numpy: `np.asarray` drops the mask, and hidden values would pass for measured ones."""

from typing import Any

import numpy as np


def refuse_masked(values: Any, name: str) -> None:
    """Raise a ValueError for an array with masked entries.

    Parameters
    ----------
    values : object
        What a person gave: an array, a list of arrays, or anything else.
    name : str
        Who refuses, for the message: "GaussianDensity", or "FiniteData: points".

    Raises
    ------
    ValueError
        If an entry is masked. A masked array without masked entries is accepted.

    Examples
    --------
    >>> refuse_masked(np.ma.masked_greater([1.0, 2.0, 1e6], 100), "GaussianDensity")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: GaussianDensity: 1 of 3 entries are masked; masks are not supported. ...
    """
    parts = [part for part in (values if isinstance(values, list | tuple) else [values]) if np.ma.isMA(part)]
    n_masked = sum(int(np.ma.count_masked(part)) for part in parts)
    if n_masked:
        raise ValueError(
            f"{name}: {n_masked} of {sum(part.size for part in parts)} entries are masked; masks are not "
            "supported. Pass the rows without masked entries: X[~X.mask.any(axis=1)]."
        )
