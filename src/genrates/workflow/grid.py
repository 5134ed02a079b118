"""Sample sizes and replicates that can be run."""

from typing import Any

from genrates.errors import ConfigError


def check_grid(sizes: list[int], replicates: int, n_max: int | None, where: str) -> None:
    """Refuse sizes and replicates that cannot be run.

    Parameters
    ----------
    sizes : list of int
        Sample sizes.
    replicates : int
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

    def is_count(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 1

    if not (isinstance(sizes, list) and sizes and all(map(is_count, sizes)) and sorted(set(sizes)) == sizes):
        raise ConfigError(f"{where}: sizes: must be positive integers that increase, got {sizes!r}.")
    if not is_count(replicates):
        raise ConfigError(f"{where}: replicates: must be a positive integer, got {replicates!r}.")
    if n_max is not None and sizes[-1] > n_max:
        raise ConfigError(f"{where}: sizes: the data set has {n_max} points, got {sizes[-1]}.")
