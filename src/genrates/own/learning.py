"""How the held-out log-likelihood grows with n, and whether more rows would help."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genrates.estimators.base import DensityEstimator
from genrates.progress import progress_bar

_HALVINGS = 5
_SMALLEST, _SMALLEST_BY_COLUMN = 20, 10  # rows: below, a fit is mostly chance
_SUBSETS = 3  # of each size, at random
_RESAMPLES = 500


@dataclass(frozen=True)
class LearningCurve:
    """Held-out log-likelihood against the number of rows.

    Attributes
    ----------
    sizes : ndarray of shape (k,)
        Numbers of rows, each twice the one before.
    log_likelihood, se : ndarray of shape (k,)
        Mean of the held-out rows, in nats, and its standard error.
    gain, gain_low, gain_high : float
        What twice as many rows as there are would add, in nats, with its 95 % interval; NaN if there are
        fewer than three sizes.
    """

    sizes: np.ndarray
    log_likelihood: np.ndarray
    se: np.ndarray
    gain: float
    gain_low: float
    gain_high: float

    def sentence(self) -> str:
        """Return in words whether more rows would help.

        Returns
        -------
        str
        """
        if math.isnan(self.gain):
            return "Too few rows to say whether more would help."
        interval = f"[{self.gain_low:.3f}, {self.gain_high:.3f}]"
        found = f"Twice as many rows would add {self.gain:.3f} nats a row {interval}"
        if self.gain_low > 0.01:
            return f"{found}: more data would help."
        if self.gain_high < 0.01:
            return f"{found}: more data would hardly help."
        return f"{found}: the held-out rows are too few to tell whether that helps."


def learning_curve(
    make: Callable[[], DensityEstimator], train: np.ndarray, held_out: np.ndarray
) -> LearningCurve:
    """Fit a model to half of the rows, a quarter, and so on.

    The gain of a doubling is taken to shrink by the same factor from one doubling to the next, as that of an
    error that falls like n^-a does: by 2^-a, which is a half for the fastest, a = 1, and else less than one.
    Held-out rows are resampled for the interval.

    Parameters
    ----------
    make : callable
        Returns an unfitted model.
    train, held_out : ndarray of shape (n, d)
        Rows to learn from and to score.

    Returns
    -------
    LearningCurve
    """
    smallest = max(_SMALLEST, _SMALLEST_BY_COLUMN * train.shape[1])
    halvings = min(_HALVINGS, int(math.log2(max(len(train) / smallest, 1))))
    sizes = np.array([len(train) >> k for k in range(halvings, -1, -1)])
    jobs = [(i, s) for i, n in enumerate(sizes) for s in range(_SUBSETS if n < len(train) else 1)]
    scores: list[list[np.ndarray]] = [[] for _ in sizes]
    for i, seed in progress_bar(jobs, "learning curve", len(jobs)):
        rows = np.random.default_rng(seed).permutation(len(train))[: sizes[i]]
        try:
            scores[i].append(make().fit(train[rows]).score_samples(held_out))
        except ValueError:  # a small part may be constant in a column
            continue
    known = [k for k, found in enumerate(scores) if found and all(np.isfinite(s).all() for s in found)]
    curves = np.array([np.mean(scores[k], axis=0) for k in known])
    means = curves.mean(axis=1) if len(known) else np.empty(0)
    se = (
        curves.std(axis=1, ddof=1) / math.sqrt(len(held_out))
        if len(known) and len(held_out) > 1
        else means * 0
    )
    rng = np.random.default_rng(0)
    gains = [
        _next_gain(curves[:, rng.integers(len(held_out), size=len(held_out))].mean(axis=1))
        for _ in range(_RESAMPLES if len(known) >= 3 else 0)
    ]
    low, high = np.quantile(gains, [0.025, 0.975]) if gains else (math.nan, math.nan)
    gain = _next_gain(means) if len(known) >= 3 else math.nan
    return LearningCurve(sizes[known], means, se, gain, float(low), float(high))


def _next_gain(means: np.ndarray) -> float:
    """Return the gain of the next doubling: the last two, continued by their mean ratio."""
    gains = np.maximum(np.diff(means), 0.0)
    earlier, later = gains[:-1].sum(), gains[1:].sum()
    ratio = min(max(later / earlier, 0.5), 1.0) if earlier > 0 else 0.5
    return float(
        gains[-2:].mean() * ratio**1.5
    )  # from the middle of the last two to the next is 1.5 doublings
