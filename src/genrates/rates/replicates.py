"""Replicate errors, validated and scaled so that nothing overflows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genrates.rates.least_squares import delta_weights
from genrates.rates.sizes import check_sizes

#: ways to aggregate an error over replicates, and the power of the error that is averaged
AGGREGATES = {"root_mean_square": 2, "mean": 1}


#: fewer replicates give too few distinct resamples: their extreme quantiles would look too certain
FEWEST_REPLICATES = 8


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
        e^p / mean(e^p) times the number of replicates over that of the size, 0 where the replicate has no
        error of this size: each row has mean 1.
    counts : ndarray of shape (n_sizes,)
        Number of replicates of each size.
    strata : tuple of int
        Numbers of replicates that have the same sizes, in the order of the columns; those with all sizes come
        first.
    log_medians : ndarray of shape (n_sizes,)
        Log of the median error; NaN where it is not positive.
    n_dropped : int
        Number of replicates left out because too few have the same sizes.
    """

    sizes: np.ndarray
    power: int
    log_errors: np.ndarray
    relative: np.ndarray
    counts: np.ndarray
    strata: tuple[int, ...]
    log_medians: np.ndarray
    n_dropped: int

    @property
    def n_replicates(self) -> int:
        """Number of replicates that have all sizes.

        Returns
        -------
        int
        """
        return self.strata[0]

    @property
    def can_resample(self) -> bool:
        """Whether every stratum has enough replicates for a bootstrap.

        Returns
        -------
        bool
        """
        return min(self.strata) >= FEWEST_REPLICATES

    @property
    def squared_variation(self) -> np.ndarray:
        """Squared coefficient of variation of e^p at each size; 0 for a single replicate.

        Returns
        -------
        ndarray of shape (n_sizes,)
        """
        if self.n_replicates == 1:
            return np.zeros(len(self.sizes))
        share = self.counts / self.relative.shape[1]
        squares = np.mean(self.relative**2, axis=1) * share - 1  # of e^p over its mean, at the size alone
        return np.maximum(squares, 0.0) * self.counts / (self.counts - 1)

    @property
    def weights(self) -> np.ndarray:
        """Regression weights, with sum 1.

        Returns
        -------
        ndarray of shape (n_sizes,)
        """
        return delta_weights(self.squared_variation, self.counts)


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
    (found,) = paired_errors([errors], sizes, aggregate, caller)
    return found


def paired_errors(tables: Sequence, sizes, aggregate: str, caller: str) -> list[ReplicateErrors]:
    """Check errors of several rows on the same samples, and normalize them.

    Parameters
    ----------
    tables : sequence of array-like
        The errors of each row, as in :func:`genrates.rates.fit_rate`. Replicate r of all rows has one sample.
    sizes, aggregate
        As in :func:`genrates.rates.fit_rate`.
    caller : str
        Name of the function for error messages.

    Returns
    -------
    list of ReplicateErrors
        With common strata: replicates that have the same sizes in every row.

    Raises
    ------
    ValueError
        As :func:`genrates.rates.fit_rate`.
    """
    if aggregate not in AGGREGATES:
        raise ValueError(f"{caller}: aggregate must be one of {sorted(AGGREGATES)}, got {aggregate!r}.")
    sizes = check_sizes(sizes, caller)
    tables = [_checked(errors, sizes, AGGREGATES[aggregate], caller) for errors in tables]
    if len(sizes) < 3:
        raise ValueError(f"{caller}: a rate needs at least 3 sample sizes, got {len(sizes)}.")
    order, strata = stratified(~np.isnan(np.vstack(tables)))
    if not strata:
        raise ValueError(f"{caller}: needs a replicate without NaN, got none among {tables[0].shape[1]}.")
    return [
        _normalized(errors[:, order], sizes, aggregate, strata, errors.shape[1], caller) for errors in tables
    ]


def _checked(errors, sizes: np.ndarray, power: int, caller: str) -> np.ndarray:
    """Return the errors of one row as an array, after checking shape and range."""
    errors = np.asarray(errors, dtype=np.float64)
    if errors.ndim != 2 or len(errors) != len(sizes):
        raise ValueError(
            f"{caller}: errors need shape (n_sizes, n_replicates) = ({len(sizes)}, R), got {errors.shape}."
        )
    if np.any(np.isinf(errors)):
        raise ValueError(
            f"{caller}: infinite errors at sizes {_sizes_where(sizes, np.isinf(errors).any(axis=1))}."
        )
    if power == 2 and np.any(errors < 0):
        raise ValueError(f"{caller}: a root error cannot be negative; aggregate='mean' allows it.")
    return errors


def _normalized(
    errors: np.ndarray, sizes: np.ndarray, aggregate: str, strata: tuple[int, ...], n_given: int, caller: str
) -> ReplicateErrors:
    """Return the errors of one row, their replicates in the order of the strata, over their means."""
    power, counts = AGGREGATES[aggregate], np.sum(~np.isnan(errors), axis=1)
    largest = np.nanmax(np.abs(errors), axis=1)
    if np.any(largest == 0):
        raise ValueError(f"{caller}: all errors are 0 at sizes {_sizes_where(sizes, largest == 0)}: no rate.")
    powers = (errors / largest[:, None]) ** power
    mean = np.nanmean(powers, axis=1)
    if np.any(mean <= 0):
        raise ValueError(
            f"{caller}: the mean error is not positive at sizes {_sizes_where(sizes, mean <= 0)}: no rate."
        )
    median, n_replicates = np.nanmedian(errors, axis=1), errors.shape[1]
    return ReplicateErrors(
        sizes=sizes,
        power=power,
        log_errors=np.log(largest) + np.log(mean) / power,
        relative=np.nan_to_num(powers) * (n_replicates / (counts * mean))[:, None],
        counts=counts,
        strata=strata,
        log_medians=np.log(median, out=np.full(len(sizes), np.nan), where=median > 0),
        n_dropped=n_given - n_replicates,
    )


def stratified(present: np.ndarray) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return replicates by the sizes that they have, those with all first.

    Kinds of fewer than 8 are left out, but for the one that has all sizes: the scatter of so few is hardly
    known.

    Parameters
    ----------
    present : ndarray of shape (n_sizes, n_replicates)
        Whether a replicate has an error of a size.

    Returns
    -------
    order : ndarray of shape (n_kept,)
        Columns that are kept; none where no replicate has all sizes.
    strata : tuple of int
        Number of each kind.
    """
    if not present.all(axis=0).any():
        return np.array([], dtype=int), ()
    kinds, kind = np.unique(~present, axis=1, return_inverse=True)  # ~: the complete kind comes first
    columns = [np.flatnonzero(kind.ravel() == k) for k in range(kinds.shape[1])]
    kept = [columns[0], *(found for found in columns[1:] if len(found) >= FEWEST_REPLICATES)]
    return np.concatenate(kept), tuple(map(len, kept))


def _sizes_where(sizes: np.ndarray, bad: np.ndarray) -> list[float]:
    """Return the sizes at which `bad` is true, for an error message."""
    return sizes[bad].tolist()
