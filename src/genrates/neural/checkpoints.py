"""Checkpoints of one fit: a folder that holds the finished fit, or what an interrupted training has left."""

import hashlib
import json
import logging
import zipfile
from pathlib import Path

import numpy as np

from genrates.estimators.base import DensityEstimator
from genrates.estimators.persistence import load
from genrates.files import atomic_file

_log = logging.getLogger(__name__)
_FITTED_NAME, _UNFINISHED_NAME, _NOTE_NAME = "fitted.safetensors", "last.ckpt", "fit.json"


def claim(folder: str | Path, model: DensityEstimator, X: np.ndarray) -> Path:
    """Return the checkpoint folder of a fit; create it where it is missing.

    A note in the folder, `fit.json`, states which fit it belongs to: the estimator's class, and a hash of
    that class, its parameters and the data. The hash leaves out the trainer's callbacks, because objects
    cannot be compared by content.

    Parameters
    ----------
    folder : str or Path
        The folder.
    model : DensityEstimator
        The estimator that is to be fitted.
    X : ndarray of shape (n_samples, n_features)
        The training set.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        If the folder holds checkpoints of another fit, or checkpoints without a readable note.
    """
    folder, name = Path(folder), type(model).__name__
    note, content = folder / _NOTE_NAME, {"class": name, "sha256": _fit_hash(model, X)}
    if _read_note(note) == content:
        return folder
    if any((folder / file).exists() for file in (_FITTED_NAME, _UNFINISHED_NAME)):
        raise ValueError(
            f"{name}: the checkpoints in {folder} belong to another fit (other parameters, or other data); "
            "delete that folder, or give another one."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_file(note) as part:
        part.write_text(json.dumps(content) + "\n", encoding="utf-8")
    return folder


def fitted_path(folder: Path) -> Path:
    """Return the path of the finished fit in a checkpoint folder.

    Parameters
    ----------
    folder : Path
        The checkpoint folder.

    Returns
    -------
    Path
        The file, whether it exists or not.
    """
    return folder / _FITTED_NAME


def finished(folder: Path) -> DensityEstimator | None:
    """Load the finished fit from a checkpoint folder.

    Parameters
    ----------
    folder : Path
        The checkpoint folder.

    Returns
    -------
    DensityEstimator or None
        None if there is no finished fit, or, with a logged warning, if its file cannot be read.
    """
    path = fitted_path(folder)
    if not path.exists():
        return None
    try:
        return load(path)
    except ValueError as error:
        _log.warning("%s The model is trained again.", error)
        return None


def unfinished(folder: str | Path) -> Path | None:
    """Return the path of the checkpoint that an interrupted training has left.

    Torch's checkpoint files are zip archives with checksums, so an incomplete one is detected without loading
    it.

    Parameters
    ----------
    folder : str or Path
        The checkpoint folder.

    Returns
    -------
    Path or None
        None if there is no checkpoint, or, with a logged warning, if the file is incomplete.
    """
    path = Path(folder, _UNFINISHED_NAME)
    if not path.exists():
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except zipfile.BadZipFile as error:
        broken = str(error)
    if broken is None:
        return path
    _log.warning("%s is not a whole checkpoint (%s). The training begins anew.", path, broken)
    return None


def _fit_hash(model: DensityEstimator, X: np.ndarray) -> str:
    """Return a hash of the model's class, its parameters, and the bytes of X."""
    parameters = model.get_params(deep=False)
    if isinstance(parameters.get("trainer"), dict):
        parameters["trainer"] = {k: v for k, v in parameters["trainer"].items() if k != "callbacks"}
    kind = f"{type(model).__module__}:{type(model).__name__}"
    text = json.dumps([kind, parameters, X.dtype.str, X.shape], sort_keys=True, default=_json_value)
    digest = hashlib.sha256(text.encode())
    digest.update(np.ascontiguousarray(X))
    return digest.hexdigest()


def _json_value(value):
    """Convert a numpy value for JSON; replace any other object by the name of its type."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return type(value).__name__


def _read_note(note: Path) -> dict | None:
    """Return the note's content, or None where it cannot be read."""
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
