"""Draw the learning curve of the best model, and say whether more data would help."""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from genrates.own.worker import Worker
from genrates.progress import progress_bar
from genrates.rates.limit import fit_limit

_HALVINGS = 4
_REPLICATES = 8
_RESAMPLES = 200
_SMALLEST = 20


@dataclass
class LearningCurve:
    """Held-out log-likelihood against the number of rows learned from.

    Attributes
    ----------
    table : DataFrame
        Columns rows, log_likelihood, low, high (the middle 95 % over random parts), parts.
    rate, rate_low, rate_high : float
        Exponent a in (limit - log-likelihood) ~ rows^(-a), with its 95 % interval; NaN where unknown.
    gain, gain_low, gain_high : float
        What twice as many rows would add to the mean log-likelihood, with its 95 % interval.
    """

    table: pd.DataFrame
    rate: float = float("nan")
    rate_low: float = float("nan")
    rate_high: float = float("nan")
    gain: float = float("nan")
    gain_low: float = float("nan")
    gain_high: float = float("nan")

    def said(self) -> str:
        """Return the answer to whether more data would help.

        Returns
        -------
        str
        """
        if not np.isfinite(self.gain):
            return "Would more data help? Too few sizes could be learned from in time to say."
        interval = f"95 % interval {self.gain_low:.2g} to {self.gain_high:.2g}"
        doubled = (
            f"twice as many rows would raise the log-likelihood by {self.gain:.2g} nats a row ({interval})"
        )
        rate = f"what is missing falls like n^(-{self.rate:.2g})" if np.isfinite(self.rate) else ""
        rate += (
            f", interval {self.rate_low:.2g} to {self.rate_high:.2g}" if np.isfinite(self.rate_low) else ""
        )
        verdict = "Yes" if self.gain_low >= 0.01 else "Hardly" if self.gain_high < 0.01 else "Perhaps"
        return f"Would more data help? {verdict}: {doubled}{'; ' + rate if rate else ''}."


def learn(worker: Worker, name: str, n: int, seconds: float, least: float) -> LearningCurve:
    """Fit the best model to random parts of the training set.

    Parameters
    ----------
    worker : Worker
    name : str
        Of the candidate.
    n : int
        Rows that it learned from.
    seconds : float
        For all fits.
    least : float
        Seconds that one fit to n rows takes.

    Returns
    -------
    LearningCurve
        Without an extrapolation where the time does not suffice for 8 parts of 4 sizes.
    """
    sizes = [n >> k for k in range(_HALVINGS, -1, -1) if n >> k >= _SMALLEST]
    replicates = int(np.clip(seconds / max(least * 2, 1e-3), 1, _REPLICATES))
    end = time.monotonic() + seconds
    values = np.full((len(sizes), replicates), np.nan)
    pairs = [(i, r) for r in range(replicates) for i in range(len(sizes))]
    for i, r in progress_bar(pairs, "learning curve"):
        # All rows have one part only, unless the worker holds more.
        if i == len(sizes) - 1 and r and n == worker.n_train:
            values[i, r] = values[i, 0]
            continue
        trial = worker.try_model(name, end - time.monotonic(), sizes[i], seed=r)
        if trial.scores is not None and np.isfinite(trial.scores).all():
            values[i, r] = trial.scores.mean()
    return _curve(values, np.array(sizes))


def _curve(values: np.ndarray, sizes: np.ndarray) -> LearningCurve:
    there = np.isfinite(values).any(axis=1)
    values, sizes = values[there], sizes[there]
    if not len(sizes):
        return LearningCurve(pd.DataFrame(columns=["rows", "log_likelihood", "low", "high", "parts"]))
    low, high = np.nanquantile(values, [0.025, 0.975], axis=1)
    table = pd.DataFrame(
        {
            "rows": sizes,
            "log_likelihood": np.nanmean(values, axis=1),
            "low": low,
            "high": high,
            "parts": np.isfinite(values).sum(axis=1),
        }
    )
    values = values[:, np.isfinite(values).all(axis=0)]
    if len(sizes) < 4 or values.shape[1] < _REPLICATES:
        return LearningCurve(table)
    fit = fit_limit(-values, sizes, random_state=0)
    rng = np.random.default_rng(0)
    gains = []
    for _ in range(_RESAMPLES):
        part = values[:, rng.integers(values.shape[1], size=values.shape[1])]
        gains.append(_gain(part, fit_limit(-part[:, :7], sizes, n_resamples=100, random_state=0)))
    ends = np.quantile(gains, [0.025, 0.975])
    return LearningCurve(table, fit.rate, fit.rate_low, fit.rate_high, _gain(values, fit), *map(float, ends))


def _gain(values: np.ndarray, fit) -> float:
    """Return what doubling the rows adds under the fitted curve."""
    if not np.isfinite(fit.rate):
        return 0.0
    missing = max(0.0, float(-values[-1].mean() - fit.limit))
    return missing * (1 - 2.0**-fit.rate)
