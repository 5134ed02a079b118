"""Replicate errors, validated and scaled so that nothing overflows."""

from dataclasses import dataclass

import numpy as np

#: ways to aggregate an error over replicates, and the power of the error that is averaged
AGGREGATES = {"root_mean_square": 2, "mean": 1}


@dataclass(frozen=True, eq=False)
class ReplicateErrors:
    """Powers e^p of replicate errors e, p = 2 or 1, relative to their mean over replicates.

    Attributes
    ----------
    sizes : ndarray of shape (n_sizes,)
        Sample sizes.
    power : int
        The power p.
    log_errors : ndarray of shape (n_sizes,)
        Log of the aggregated error, (mean e^p)^(1/p).
    relative : ndarray of shape (n_sizes, n_replicates)
        e^p / mean(e^p), so that each row has mean 1.
    log_medians : ndarray of shape (n_sizes,)
        Log of the median error; NaN where it is not positive.
    n_dropped : int
        Number of replicates left out because of a NaN.
    """

    sizes: np.ndarray
    power: int
    log_errors: np.ndarray
    relative: np.ndarray
    log_medians: np.ndarray
    n_dropped: int

    @property
    def n_replicates(self) -> int:
        """Number of replicates without NaN.

        Returns
        -------
        int
        """
        return self.relative.shape[1]

    @property
    def squared_variation(self) -> np.ndarray:
        """Squared coefficient of variation of e^p at each size; 0 for a single replicate.

        Returns
        -------
        ndarray of shape (n_sizes,)
        """
        if self.n_replicates == 1:
            return np.zeros(len(self.sizes))
        return self.relative.var(axis=1, ddof=1)


def replicate_errors(errors, sizes, aggregate: str, caller: str) -> ReplicateErrors:
    """Check errors and sizes, and normalize the errors.

    Parameters
    ----------
    errors, sizes, aggregate
        As in :func:`genrates.rates.fit_rate`.
    caller : str
        Name of the function for error messages.

    Returns
    -------
    ReplicateErrors

    Raises
    ------
    ValueError
        As :func:`genrates.rates.fit_rate`.
    """
    if aggregate not in AGGREGATES:
        raise ValueError(f"{caller}: aggregate must be one of {sorted(AGGREGATES)}, got {aggregate!r}.")
    sizes = check_sizes(sizes, caller)
    errors = np.asarray(errors, dtype=np.float64)
    if errors.ndim != 2 or len(errors) != len(sizes):
        raise ValueError(
            f"{caller}: errors need shape (n_sizes, n_replicates) = ({len(sizes)}, R), got {errors.shape}."
        )
    if len(sizes) < 3:
        raise ValueError(f"{caller}: a rate needs at least 3 sample sizes, got {len(sizes)}.")
    if np.any(np.isinf(errors)):
        raise ValueError(
            f"{caller}: infinite errors at sizes {_sizes_where(sizes, np.isinf(errors).any(axis=1))}."
        )
    complete = ~np.isnan(errors).any(axis=0)
    if not complete.any():
        raise ValueError(f"{caller}: needs a replicate without NaN, got none among {errors.shape[1]}.")
    n_dropped = int(np.sum(~complete))
    errors = errors[:, complete]
    power = AGGREGATES[aggregate]
    if power == 2 and np.any(errors < 0):
        raise ValueError(f"{caller}: a root error cannot be negative; aggregate='mean' allows it.")
    largest = np.abs(errors).max(axis=1)
    if np.any(largest == 0):
        raise ValueError(f"{caller}: all errors are 0 at sizes {_sizes_where(sizes, largest == 0)}: no rate.")
    powers = (errors / largest[:, None]) ** power
    mean = powers.mean(axis=1)
    if np.any(mean <= 0):
        raise ValueError(
            f"{caller}: the mean error is not positive at sizes {_sizes_where(sizes, mean <= 0)}: no rate."
        )
    median = np.median(errors, axis=1)
    return ReplicateErrors(
        sizes=sizes,
        power=power,
        log_errors=np.log(largest) + np.log(mean) / power,
        relative=powers / mean[:, None],
        log_medians=np.log(median, out=np.full(len(sizes), np.nan), where=median > 0),
        n_dropped=n_dropped,
    )


def check_sizes(sizes, caller: str) -> np.ndarray:
    """Return sample sizes as floats, after checking them.

    Parameters
    ----------
    sizes : array-like of shape (n_sizes,)
        Finite, at least 1, increasing.
    caller : str
        Name of the function for error messages.

    Returns
    -------
    ndarray of shape (n_sizes,)

    Raises
    ------
    ValueError
        For sizes that break these rules.
    """
    sizes = np.asarray(sizes, dtype=np.float64)
    if sizes.ndim != 1 or len(sizes) == 0:
        raise ValueError(f"{caller}: sizes must have shape (n_sizes,) with n_sizes >= 1, got {sizes.shape}.")
    if not np.all(np.isfinite(sizes)) or sizes[0] < 1 or np.any(np.diff(sizes) <= 0):
        raise ValueError(f"{caller}: sizes must be finite, at least 1 and increasing, got {sizes.tolist()}.")
    return sizes


def _sizes_where(sizes: np.ndarray, bad: np.ndarray) -> list[float]:
    """Return the sizes at which `bad` is true, for an error message."""
    return sizes[bad].tolist()
