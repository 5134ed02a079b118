"""Fit a model to every replicate's training set: together where its class can, else one after the other."""

import inspect
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genrates.errors import reason_of
from genrates.files import write_json


@dataclass(frozen=True)
class Fit:
    """One fitted model, or why there is none.

    Attributes
    ----------
    model : DensityEstimator or None
        None where the fit failed.
    seconds : float
        What it took; a share of the whole where replicates were fitted together.
    reason : str
        Why it failed; empty otherwise.
    """

    model: object | None
    seconds: float
    reason: str = ""


def resumes(model) -> bool:
    """Return whether an interrupted `fit` of the model can carry on from a folder of checkpoints.

    Parameters
    ----------
    model : DensityEstimator
        An estimator, fitted or not.

    Returns
    -------
    bool
        True where `fit` takes `checkpoints`.
    """
    return "checkpoints" in inspect.signature(model.fit).parameters


def fit_replicates(
    models: Sequence, training_sets: Sequence[np.ndarray], checkpoints: Path | None = None
) -> list[Fit]:
    """Fit one model to each training set.

    Parameters
    ----------
    models : sequence of DensityEstimator
        An unfitted model for each replicate, all of one class.
    training_sets : sequence of ndarray of shape (n, n_features)
        One for each model.
    checkpoints : Path, optional
        Folder below which an interrupted fit has left what it carries on from.

    Returns
    -------
    list of Fit
        In the order of the models.
    """
    if hasattr(models[0], "fit_replicates"):
        try:
            return _fit_together(models, training_sets)
        except Exception:  # one training set is bad: the others are fitted alone, and it gives its own reason
            logging.exception("replicates could not be fitted together")
    return [
        _fit_alone(model, data, None if checkpoints is None else checkpoints / f"{replicate:03d}")
        for replicate, (model, data) in enumerate(zip(models, training_sets, strict=True))
    ]


def _fit_together(models: Sequence, training_sets: Sequence[np.ndarray]) -> list[Fit]:
    """Fit all replicates at once."""
    start = time.perf_counter()
    fitted = type(models[0]).fit_replicates(list(models), list(training_sets))
    seconds = (time.perf_counter() - start) / len(models)
    reasons = [getattr(model, "failure_", None) or "" for model in fitted]
    return [
        Fit(None if reason else model, seconds, reason) for model, reason in zip(fitted, reasons, strict=True)
    ]


def _fit_alone(model, training_set: np.ndarray, checkpoints: Path | None) -> Fit:
    """Fit one replicate; an error of its data becomes the reason."""
    earlier, keywords = 0.0, {}
    if checkpoints is not None:
        earlier, keywords = _begin_attempt(checkpoints), {"checkpoints": checkpoints}
    start, reason = time.perf_counter(), ""
    try:
        model.fit(training_set, **keywords)
    except Exception as error:  # a result of this training set: the others go on
        logging.exception("a fit failed")
        model, reason = None, reason_of(error)
    return Fit(model, earlier + time.perf_counter() - start, reason)


def _begin_attempt(folder: Path) -> float:
    """Note when this attempt at a fit begins; return the seconds that interrupted attempts have used."""
    # An attempt counts up to the last file that it has written.
    notes, earlier = folder / "attempt.json", 0.0
    if notes.exists():
        last = json.loads(notes.read_text())
        written = [path.stat().st_mtime for path in folder.iterdir() if path != notes]
        earlier = last["earlier"] + max([0.0, *(time_ - last["start"] for time_ in written)])
    folder.mkdir(parents=True, exist_ok=True)
    write_json(notes, {"earlier": earlier, "start": time.time()})
    return earlier
