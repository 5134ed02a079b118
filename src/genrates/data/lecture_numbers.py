"""The two lists of numbers on the lecture's slides ("want to create a new number alike")."""

import numpy as np

from genrates.data.base import Data
from genrates.errors import shown

_LISTS = {
    "a": (3, 5, 4, 4, 4, 4, 5, 6, 5, 4, 5, 4, 5, 6, 5, 6, 5, 5, 6, 6),
    "b": (3, 5, 4, 4, 4, 4, 5, 6, 8, 4, 5, 4, 5, 6, 5, 6, 5, 5, 6, 5),
}


class LectureNumbers(Data):
    """One of the slides' two lists of 20 numbers, in the order of the slide for every seed.

    Parameters
    ----------
    version : {"a", "b"}
        "a" is the first list. "b", the "different" one, has an 8 where "a" has a 5, and ends with a 5.

    Raises
    ------
    ValueError
        For any other version.

    Examples
    --------
    >>> LectureNumbers(version="b").sample(20, np.random.default_rng(0)).max()
    np.float64(8.0)
    """

    n_max = 20

    def __init__(self, *, version: str):
        if not isinstance(version, str) or version not in _LISTS:
            raise ValueError(f"LectureNumbers: version must be 'a' or 'b', got {shown(version)}.")
        self.version = version

    def _draw(self, n, rng):
        return np.array(_LISTS[self.version][:n], dtype=np.float64)[:, None]
