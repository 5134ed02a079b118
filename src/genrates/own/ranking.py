"""Rank models by the log-likelihood of rows that they have not learned from."""

import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from genrates.own.candidates import Candidate
from genrates.own.worker import SUBSET, Trial, Worker
from genrates.progress import progress_bar

#: rows above which models slower than linear learn from a subset
LARGE = 100_000
_TEST_FRACTION = 0.2
_LEVEL = 1.645  # standard errors: one-sided, 5 %


def spread(values: np.ndarray, columns, seed: int = 0) -> np.ndarray:
    """Return values spread evenly over the steps of columns that have ties.

    Whole and rounded numbers have no density: a model could put a spike on each value, and be infinite. With
    uniform noise of one step the mean log-density is at most that of the probabilities of the values, per
    step (Theis, van den Oord and Bethge 2016, arXiv 1511.01844).

    Parameters
    ----------
    values : ndarray of shape (n, d)
    columns : sequence of Column
    seed : int, default=0

    Returns
    -------
    ndarray of shape (n, d)
    """
    steps = np.array([column.step or 0.0 for column in columns])
    if not steps.any():
        return values
    noise = np.random.default_rng(seed).random(values.shape)
    return values + (noise - 0.5) * (1 - 1e-9) * steps


def split(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to learn from and the held-out ones.

    Parameters
    ----------
    n : int
    seed : int, default=0

    Returns
    -------
    train, test : ndarray of int
        A fifth is held out, at most 20 000 rows of a table of more than 100 000.
    """
    order = np.random.default_rng(seed).permutation(n)
    held_out = max(2, round(_TEST_FRACTION * n))
    if n > LARGE:
        held_out = min(held_out, SUBSET)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def learns_from(candidate: Candidate, n_train: int, n_rows: int) -> int:
    """Return from how many rows a model learns.

    Parameters
    ----------
    candidate : Candidate
    n_train : int
        Rows that are not held out.
    n_rows : int
        Rows of the table.

    Returns
    -------
    int
    """
    return n_train if candidate.family.linear or n_rows <= LARGE else min(n_train, SUBSET)


def try_all(
    worker: Worker, candidates: Sequence[Candidate], n_rows: int, seconds: float, each: float
) -> list[Trial]:
    """Fit all models, within a time limit.

    Parameters
    ----------
    worker : Worker
    candidates : sequence of Candidate
    n_rows : int
        Rows of the table.
    seconds : float
        For all together.
    each : float
        For one.

    Returns
    -------
    list of Trial
    """
    end = time.monotonic() + seconds
    trials = []
    for candidate in progress_bar(candidates, "models"):
        left = min(each, end - time.monotonic())
        trials.append(worker.try_model(candidate.name, left, learns_from(candidate, worker.n_train, n_rows)))
    return trials


def rank(trials: Sequence[Trial], n_train: int) -> pd.DataFrame:
    """Return the ranked table of models.

    A model is "no worse" than the best one if the mean difference of their log-densities on the same
    held-out rows is below 1.645 of its standard errors.

    Parameters
    ----------
    trials : sequence of Trial
    n_train : int
        Rows that are not held out.

    Returns
    -------
    DataFrame
        Columns rank, model, log_likelihood, se, no_worse, fit_seconds, status, reason.
    """
    rows = [_row(trial, n_train) for trial in trials]
    order = {"ok": 0, "infinite": 1, "failed": 2, "skipped": 3}
    ranked = sorted(zip(rows, trials, strict=True), key=lambda p: (order[p[0]["status"]], -_key(p[0])))
    best = ranked[0][1].scores if ranked and ranked[0][0]["status"] == "ok" else None
    for position, (row, trial) in enumerate(ranked, 1):
        row["rank"] = position if row["status"] == "ok" else None
        row["no_worse"] = best is not None and row["status"] == "ok" and _no_worse(best, trial.scores)
    columns = ["rank", "model", "log_likelihood", "se", "no_worse", "fit_seconds", "status", "reason"]
    return pd.DataFrame([row for row, _ in ranked], columns=columns).astype({"rank": "Int64"})


def _row(trial: Trial, n_train: int) -> dict:
    row = {"model": trial.name, "log_likelihood": np.nan, "se": np.nan, "fit_seconds": trial.fit_seconds}
    if trial.scores is None:
        status = "skipped" if trial.reason.startswith("skipped: ") else "failed"
        return row | {"status": status, "reason": trial.reason.removeprefix("skipped: ")}
    if bad := int(np.sum(~np.isfinite(trial.scores))):
        low = "density 0, log-likelihood -inf" if not np.isnan(trial.scores).any() else "no number"
        reason = f"{low} on {bad} of {len(trial.scores)} held-out rows"
        return row | {"log_likelihood": -np.inf, "status": "infinite", "reason": reason}
    part = f"learned from {trial.n_train} of {n_train} rows" if trial.n_train < n_train else ""
    se = np.std(trial.scores, ddof=1) / np.sqrt(len(trial.scores))
    return row | {"log_likelihood": np.mean(trial.scores), "se": se, "status": "ok", "reason": part}


def _key(row: dict) -> float:
    return row["log_likelihood"] if np.isfinite(row["log_likelihood"]) else 0.0


def _no_worse(best: np.ndarray, scores: np.ndarray) -> bool:
    lead = best - scores
    return bool(np.mean(lead) <= _LEVEL * np.std(lead, ddof=1) / np.sqrt(len(lead)))
