"""Try models on a table, each in a process of its own, and rank them by held-out log-likelihood."""

import math
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import wilcoxon

from genrates.errors import reason_of
from genrates.estimators.persistence import load, save
from genrates.own.candidates import Candidate
from genrates.progress import progress_bar

_HELD_OUT = 0.2
_MOST_HELD_OUT = 20_000
_CLOSE = 1.96  # standard errors of a paired difference
_ALIKE = 0.025  # p-value of the signed ranks of paired differences, for tails that own the mean
_COLUMNS = ["rank", "model", "log_likelihood", "se", "no_worse", "fit_seconds", "status", "reason"]


@dataclass
class Trial:
    """What came of one model.

    Attributes
    ----------
    name : str
        The candidate's.
    status : str
        "ok", "infinite", "failed" or "timeout".
    reason : str
        Why it is not "ok", or from how many rows it learned; else empty.
    scores : ndarray of shape (n_held_out,)
        Log-densities of held-out rows, in nats; empty unless "ok" or "infinite".
    seconds : float
        To fit it.
    """

    name: str
    status: str
    reason: str = ""
    scores: np.ndarray = field(default_factory=lambda: np.empty(0))
    seconds: float = math.nan


def split(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return row numbers to learn from and row numbers held out, at random.

    Parameters
    ----------
    n : int
        Number of rows.
    seed : int, default=0
        Of the permutation.

    Returns
    -------
    train, held_out : ndarray
        One row in five is held out, at least one and at most 20 000.
    """
    order = np.random.default_rng(seed).permutation(n)
    count = min(max(1, int(_HELD_OUT * n)), _MOST_HELD_OUT)
    return np.sort(order[count:]), np.sort(order[:count])


def try_all(
    models: Sequence[Candidate], train: np.ndarray, held_out: np.ndarray, folder: Path, minutes: float
) -> list[Trial]:
    """Fit every model and score the held-out rows.

    Parameters
    ----------
    models : sequence of Candidate
        Fast ones first.
    train, held_out : ndarray of shape (n, d)
        Rows to learn from and to score.
    folder : Path
        Where a fitted model NAME.safetensors goes.
    minutes : float
        For all models together. What is left is divided among the models to come; one that takes longer is
        ended, and says so.

    Returns
    -------
    list of Trial
        In the order of `models`.
    """
    end, trials = time.monotonic() + 60 * minutes, []
    for i, model in enumerate(progress_bar(models, "trying models", len(models))):
        left = max(1.0, end - time.monotonic())
        trials.append(_try(model, train, held_out, folder, limit=max(left / 2, left / (len(models) - i))))
    return trials


def _try(model: Candidate, train: np.ndarray, held_out: np.ndarray, folder: Path, limit: float) -> Trial:
    """Fit one model in a process of its own, which is ended after `limit` seconds."""
    said = ""
    if model.most_rows is not None and len(train) > model.most_rows:
        rows = np.random.default_rng(1).permutation(len(train))[: model.most_rows]
        train, said = train[np.sort(rows)], f"learned from {model.most_rows} of {len(train)} rows"
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_fit, args=(model, train, held_out, folder, there), daemon=True)
    process.start()
    there.close()
    try:
        found = here.recv() if here.poll(limit) else None
    except EOFError:
        process.join()
        return Trial(model.name, "failed", f"its process ended with status {process.exitcode}")
    if found is None:
        process.kill()
        process.join()
        return Trial(model.name, "timeout", f"took longer than {limit:.0f} s")
    process.join()
    scores, seconds, error = found
    if error:
        return Trial(model.name, "failed", error)
    if outside := int(np.sum(~np.isfinite(scores))):
        why = f"density 0 at {outside} of {len(scores)} held-out rows"
        return Trial(model.name, "infinite", "; ".join(filter(None, [why, said])), scores, seconds)
    return Trial(model.name, "ok", said, scores, seconds)


def _fit(model: Candidate, train, held_out, folder: Path, pipe) -> None:
    """Fit, save, score, and send what came of it."""
    try:
        start = time.perf_counter()
        fitted = model.estimator.fit(train)
        seconds = time.perf_counter() - start
        scores = fitted.score_samples(held_out)
        if np.isnan(scores).any() or np.isposinf(scores).any():
            raise ValueError("a log-density that is not a number, or +infinite")
        save(fitted, model_file(folder, model.name))
        pipe.send((scores, seconds, ""))
    except Exception as error:  # whatever a model raises is its row's reason
        pipe.send((np.empty(0), math.nan, " ".join(reason_of(error).split())))


def model_file(folder: Path, name: str) -> Path:
    """Return the file of a fitted model.

    Parameters
    ----------
    folder : Path
        The folder of models.
    name : str
        The model's.

    Returns
    -------
    Path
    """
    return folder / f"{name.replace(', ', '-').replace(' ', '_')}.safetensors"


def ranking(trials: Sequence[Trial]) -> pd.DataFrame:
    """Return the table of what came of the models, the best first.

    Parameters
    ----------
    trials : sequence of Trial

    Returns
    -------
    DataFrame
        `rank`, `model`, `log_likelihood` (nats, mean of the held-out rows) and its standard error `se`,
        `no_worse` (neither the mean nor the signed ranks of the paired differences from the best tell the two
        apart, at 2.5 % each), `fit_seconds`, `status`, `reason`.
    """
    means = {trial.name: float(np.mean(trial.scores)) for trial in trials if trial.status == "ok"}
    order = sorted(trials, key=lambda trial: (-means.get(trial.name, -math.inf), trial.status == "failed"))
    best = order[0].scores if means else None
    rows = []
    for rank, trial in enumerate(order, 1):
        row = dict.fromkeys(_COLUMNS) | {"model": trial.name, "status": trial.status, "reason": trial.reason}
        row["fit_seconds"] = trial.seconds
        if trial.name in means:
            row |= {"rank": rank, "log_likelihood": means[trial.name], "se": _standard_error(trial.scores)}
            row["no_worse"] = rank == 1 or _is_no_worse(best - trial.scores)
        rows.append(row)
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"rank": "Int64"})


def _is_no_worse(gap: np.ndarray) -> bool:
    """Return whether paired differences of log-density, best less other, may come from equal models."""
    if not np.any(gap):
        return True
    if gap.mean() > _CLOSE * _standard_error(gap):
        return False
    return bool(wilcoxon(gap, alternative="greater").pvalue >= _ALIKE)


def _standard_error(values: np.ndarray) -> float:
    """Return the standard error of a mean; NaN for one value."""
    return float(np.std(values, ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


def fitted(folder: Path, name: str):
    """Return a fitted model of a folder.

    Parameters
    ----------
    folder : Path
    name : str

    Returns
    -------
    DensityEstimator
    """
    return load(model_file(folder, name))
