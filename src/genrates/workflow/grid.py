"""Sample sizes and replicates that can be run."""

from itertools import pairwise
from typing import Any

from genrates.errors import ConfigError

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
        If the sizes are not positive integers that increase, or exceed the data; if there is no replicate.
    """
    if not (isinstance(sizes, list) and sizes and all(map(_is_count, sizes)) and sorted(set(sizes)) == sizes):
        raise ConfigError(f"{where}: sizes: must be positive integers that increase, got {sizes!r}.")
    try:
        checked_replicates(replicates)
    except ValueError as error:
        raise ConfigError(f"{where}: replicates: {error}, got {replicates!r}.") from None
    if isinstance(replicates, dict) and min(replicates) > sizes[0]:
        raise ConfigError(f"{where}: replicates: no number for n = {sizes[0]}, got {replicates!r}.")
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


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
