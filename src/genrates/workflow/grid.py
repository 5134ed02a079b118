"""Sample sizes and replicates that can be run."""

from itertools import pairwise
from typing import Any

from genrates.errors import MOST, ConfigError, is_integer, shown

#: most rows of all training sets of a cell, which are in memory together: 80 GB a column
MOST_ROWS = 10**10
_MOST_FITS = 10**7

#: how many training sets: of every size, or a map from sizes to numbers
Replicates = int | dict[int, int]


def check_grid(sizes: list[int], replicates: Replicates, n_max: int | None, where: str) -> None:
    """Refuse sizes and replicates that cannot be run.

    Parameters
    ----------
    sizes : list of int
        Sample sizes.
    replicates : int or dict of int
        How many training sets of each size.
    n_max : int or None
        How many rows the data set has.
    where : str
        The config key or file, for the error.

    Raises
    ------
    ConfigError
        If the sizes are not positive integers that increase, or exceed the data; if there is no replicate; if
        there are more rows than a memory holds, or more fits than anybody waits for.
    """
    if not (isinstance(sizes, list) and sizes and all(map(_is_count, sizes)) and sorted(set(sizes)) == sizes):
        raise ConfigError(f"{where}: sizes: must be positive integers that increase, got {shown(sizes)}.")
    try:
        checked_replicates(replicates)
    except ValueError as error:
        raise ConfigError(f"{where}: replicates: {error}, got {shown(replicates)}.") from None
    if isinstance(replicates, dict) and min(replicates) > sizes[0]:
        raise ConfigError(f"{where}: replicates: no number for n = {sizes[0]}, got {shown(replicates)}.")
    counts = replicates_of(sizes, replicates)
    for key, value in (("sizes", sizes[-1]), ("replicates", max(counts.values()))):
        if value > MOST:
            raise ConfigError(f"{where}: {key}: must be at most {MOST}, got {shown(value)}.")
    rows = rows_of_training_sets(counts)
    if rows > MOST_ROWS:
        raise ConfigError(
            f"{where}: sizes, replicates: {rows} rows of training sets, which no memory holds; allowed are "
            f"{MOST_ROWS}."
        )
    if (fits := sum(counts.values())) > _MOST_FITS:
        raise ConfigError(f"{where}: replicates: {fits} fits, more than {_MOST_FITS}.")
    if n_max is not None and sizes[-1] > n_max:
        raise ConfigError(f"{where}: sizes: the data set has {n_max} points, got {sizes[-1]}.")


def checked_replicates(replicates: Any) -> Any:
    """Return a number of training sets, or a map from sizes to numbers, after checking it.

    Parameters
    ----------
    replicates : object
        What a config says.

    Returns
    -------
    int or dict of int
        The same.

    Raises
    ------
    ValueError
        For anything else, and for a map in which a larger size has more.
    """
    numbers = replicates if isinstance(replicates, dict) else {1: replicates}
    if not (numbers and all(map(_is_count, numbers)) and all(map(_is_count, numbers.values()))):
        raise ValueError("must be a positive integer, or a map from sizes to positive integers")
    if any(numbers[small] < numbers[large] for small, large in pairwise(sorted(numbers))):
        raise ValueError("a larger size cannot have more than a smaller one")
    return replicates


def replicates_of(sizes: list[int], replicates: Replicates) -> dict[int, int]:
    """Return the number of training sets of each size.

    Parameters
    ----------
    sizes : list of int
        Sample sizes.
    replicates : int or dict of int
        One number for all, or a map whose numbers count from their size on.

    Returns
    -------
    dict of int
        By size.

    Examples
    --------
    >>> replicates_of([100, 316, 1000], {100: 40, 1000: 20})
    {100: 40, 316: 40, 1000: 20}
    """
    numbers = replicates if isinstance(replicates, dict) else {1: replicates}
    return {n: numbers[max(size for size in numbers if size <= n)] for n in sizes}


def rows_of_training_sets(replicates: dict[int, int]) -> int:
    """Return how many rows all training sets have; those of a smaller size are the beginnings of larger ones.

    Parameters
    ----------
    replicates : dict of int
        How many training sets of each size, fewer of larger ones.

    Returns
    -------
    int
        Rows.

    Examples
    --------
    >>> rows_of_training_sets({10: 3, 100: 1})
    120
    """
    sizes = sorted(replicates)
    numbers = [replicates[n] for n in sizes] + [0]
    return sum(n * (here - beyond) for n, (here, beyond) in zip(sizes, pairwise(numbers), strict=True))


def _is_count(value: Any) -> bool:
    return is_integer(value) and value >= 1
