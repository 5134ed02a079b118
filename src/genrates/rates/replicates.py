"""Replicate errors, validated and brought to a scale on which nothing overflows."""

from dataclasses import dataclass

import numpy as np

#: how an error is aggregated over replicates, and the power of it that is averaged
AGGREGATES = {"root_mean_square": 2, "mean": 1}


@dataclass(frozen=True, eq=False)
class ReplicateErrors:
    """Errors e of shape (n_sizes, n_replicates) as powers e^p, p = 2 or 1, relative to their mean.

    Attributes
    ----------
    sizes : ndarray of shape (n_sizes,)
    power : int
    log_errors : ndarray of shape (n_sizes,)
        Log of the aggregated error, (mean e^p)^(1/p).
    relative : ndarray of shape (n_sizes, n_replicates)
        e^p / mean(e^p), so that each row has mean 1.
    log_medians : ndarray of shape (n_sizes,)
        Log of the median error; NaN where it is not positive.
    n_dropped : int
        Replicates left out because of a NaN.
    """

    sizes: np.ndarray
    power: int
    log_errors: np.ndarray
    relative: np.ndarray
    log_medians: np.ndarray
    n_dropped: int

    @property
    def n_replicates(self) -> int:
        return self.relative.shape[1]

    @property
    def squared_variation(self) -> np.ndarray:
        """Squared coefficient of variation of e^p at each size; 0 for a single replicate."""
        if self.n_replicates == 1:
            return np.zeros(len(self.sizes))
        return self.relative.var(axis=1, ddof=1)


def replicate_errors(errors, sizes, aggregate: str, caller: str) -> ReplicateErrors:
    """Check errors and sizes as :func:`genrates.rates.fit_rate` documents, and normalize them."""
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
        raise ValueError(f"{caller}: infinite errors at sizes {_where(sizes, np.isinf(errors).any(axis=1))}.")
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
        raise ValueError(f"{caller}: all errors are 0 at sizes {_where(sizes, largest == 0)}: no rate.")
    powers = (errors / largest[:, None]) ** power
    mean = powers.mean(axis=1)
    if np.any(mean <= 0):
        raise ValueError(
            f"{caller}: the mean error is not positive at sizes {_where(sizes, mean <= 0)}: no rate."
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
    """Sample sizes as floats of shape (n_sizes,): finite, at least 1, increasing."""
    sizes = np.asarray(sizes, dtype=np.float64)
    if sizes.ndim != 1 or len(sizes) == 0:
        raise ValueError(f"{caller}: sizes must have shape (n_sizes,) with n_sizes >= 1, got {sizes.shape}.")
    if not np.all(np.isfinite(sizes)) or sizes[0] < 1 or np.any(np.diff(sizes) <= 0):
        raise ValueError(f"{caller}: sizes must be finite, at least 1 and increasing, got {sizes.tolist()}.")
    return sizes


def _where(sizes: np.ndarray, bad: np.ndarray) -> list[float]:
    return sizes[bad].tolist()
