"""Where a training is written down: a folder of one fit, and of what a killed job has left in it."""

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
_FITTED, _UNFINISHED, _NOTE = "fitted.safetensors", "last.ckpt", "fit.json"


def claim(folder: str | Path, model: DensityEstimator, X: np.ndarray) -> Path:
    """The folder, made where it is missing, with a note that it belongs to this fit.

    The fit is the estimator's class, its parameters and the data, by a hash in `fit.json`. Of the trainer the
    callbacks do not count: objects have no content to compare.

    Raises
    ------
    ValueError
        If checkpoints are there that belong to another fit, or to one that no note speaks of.
    """
    folder, name = Path(folder), type(model).__name__
    note, content = folder / _NOTE, {"class": name, "sha256": _identity(model, X)}
    if _read(note) == content:
        return folder
    if any((folder / file).exists() for file in (_FITTED, _UNFINISHED)):
        raise ValueError(
            f"{name}: the checkpoints in {folder} belong to another fit (other parameters, or other data); "
            "delete that folder, or give another one."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_file(note) as part:
        part.write_text(json.dumps(content) + "\n", encoding="utf-8")
    return folder


def fitted_path(folder: Path) -> Path:
    """Where the finished fit lies."""
    return folder / _FITTED


def finished(folder: Path) -> DensityEstimator | None:
    """The fit that was finished there; None, with a warning, where its file cannot be read."""
    path = fitted_path(folder)
    if not path.exists():
        return None
    try:
        return load(path)
    except ValueError as error:
        _log.warning("%s The model is trained again.", error)
        return None


def unfinished(folder: str | Path) -> Path | None:
    """The checkpoint that a killed training has left; None, with a warning, where it is not whole.

    Torch's files are zip archives with checksums: whether one is whole is seen without loading it.
    """
    path = Path(folder, _UNFINISHED)
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


def _identity(model: DensityEstimator, X: np.ndarray) -> str:
    """Hash of class, parameters, and the bytes of X."""
    parameters = model.get_params(deep=False)
    if isinstance(parameters.get("trainer"), dict):
        parameters["trainer"] = {k: v for k, v in parameters["trainer"].items() if k != "callbacks"}
    kind = f"{type(model).__module__}:{type(model).__name__}"
    text = json.dumps([kind, parameters, X.dtype.str, X.shape], sort_keys=True, default=_plain)
    digest = hashlib.sha256(text.encode())
    digest.update(np.ascontiguousarray(X))
    return digest.hexdigest()


def _plain(value):
    """What JSON takes instead of numpy's values; of anything else the name of its type."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return type(value).__name__


def _read(note: Path) -> dict | None:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
