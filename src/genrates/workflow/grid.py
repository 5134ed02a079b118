"""Sample sizes and replicates that can be run."""

from genrates.errors import MOST, ConfigError, is_integer, shown

#: most rows of all training sets of a cell, which are in memory together: 80 GB a column
MOST_ROWS = 10**10
_MOST_FITS = 10**7


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
        If the sizes are not positive integers that increase, or exceed the data; if there is no replicate; if
        there are more rows than a memory holds, or more fits than anybody waits for.
    """
    if not (isinstance(sizes, list) and sizes and all(is_integer(n) and n >= 1 for n in sizes)):
        raise ConfigError(f"{where}: sizes: must be positive integers that increase, got {shown(sizes)}.")
    if sorted(set(sizes)) != sizes:
        raise ConfigError(f"{where}: sizes: must be positive integers that increase, got {shown(sizes)}.")
    if not is_integer(replicates) or replicates < 1:
        raise ConfigError(f"{where}: replicates: must be a positive integer, got {shown(replicates)}.")
    for key, value in (("sizes", sizes[-1]), ("replicates", replicates)):
        if value > MOST:
            raise ConfigError(f"{where}: {key}: must be at most {MOST}, got {shown(value)}.")
    if replicates * sizes[-1] > MOST_ROWS:
        raise ConfigError(
            f"{where}: replicates: {replicates} training sets of {sizes[-1]} rows are "
            f"{replicates * sizes[-1]} rows, which no memory holds; allowed are {MOST_ROWS}."
        )
    if len(sizes) * replicates > _MOST_FITS:
        raise ConfigError(
            f"{where}: replicates: {replicates} of {len(sizes)} sizes are more than {_MOST_FITS} fits."
        )
    if n_max is not None and sizes[-1] > n_max:
        raise ConfigError(f"{where}: sizes: the data set has {n_max} points, got {sizes[-1]}.")
