"""Fitted models on disk, without pickle: one .npz of arrays and a JSON header.

Loading a file from somebody else runs no code of theirs: arrays are read with allow_pickle=False, and
the header may only name an estimator class of this package.
"""

import importlib
import json
import os
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from genrates.estimators.base import DensityEstimator

_HEADER = "__genrates__"


def save(model: DensityEstimator, path: str | Path) -> None:
    """Write a fitted estimator to `path` (.npz): its constructor's parameters and its fitted state.

    The file appears whole or not at all: a job that is killed leaves the one that was there.
    """
    arrays: dict[str, np.ndarray] = {}
    arrays[_HEADER] = np.array(json.dumps(_describe(model, "", arrays)))
    with written_beside(path) as part, open(part, "wb") as file:
        np.savez(file, **arrays)


@contextmanager
def written_beside(path: str | Path):
    """Where to write a file that moves to `path` when it is whole."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load(path: str | Path) -> DensityEstimator:
    """Read an estimator written by :func:`save`.

    Raises
    ------
    ValueError
        If the file is no such model or not whole, or names a class that is not an estimator of this package.
    """
    try:
        with _opened(path) as arrays:
            if _HEADER not in arrays:
                raise ValueError(f"{path} is no genrates model: it has no header.")
            return _build(json.loads(str(arrays[_HEADER])), arrays, path)
    except (zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path} is no genrates model, or not a whole one: {error}.") from None


def _opened(path: str | Path):
    try:
        arrays = np.load(path, allow_pickle=False)
    except ValueError:  # numpy takes what it does not know for a pickle
        arrays = None
    if not isinstance(arrays, np.lib.npyio.NpzFile):
        raise ValueError(f"{path} is no genrates model: it is no .npz file.")
    return arrays


def _describe(model: DensityEstimator, key: str, arrays: dict[str, np.ndarray]) -> dict:
    """Class, constructor's parameters and fitted state of an estimator, those of another one included."""
    return {
        "class": f"{type(model).__module__}:{type(model).__name__}",
        "params": _pack(model.get_params(deep=False), f"{key}param", arrays),
        "state": _pack(_fitted_state(model), f"{key}state", arrays),
    }


def _build(header: dict, arrays, path: str | Path) -> DensityEstimator:
    model = _estimator_class(header["class"], path)(**_unpack(header["params"], arrays, path))
    for name, value in _unpack(header["state"], arrays, path).items():
        setattr(model, name, value)
    return model


def _fitted_state(model: DensityEstimator) -> dict:
    return {k: v for k, v in vars(model).items() if k.endswith("_") and not k.startswith("_")}


def _estimator_class(name: str, path: str | Path) -> type[DensityEstimator]:
    module, _, cls = name.partition(":")
    if module.split(".")[0] != "genrates":
        raise ValueError(f"{path} names the class {name!r}; only estimators of genrates are loaded.")
    found = getattr(importlib.import_module(module), cls, None)
    if not (isinstance(found, type) and issubclass(found, DensityEstimator)):
        raise ValueError(f"{path} names {name!r}, which is no density estimator.")
    return found


def _pack(value, key: str, arrays: dict[str, np.ndarray]):
    """JSON for plain values; an array (or a nested estimator's arrays) goes to `arrays` under a key."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "O":
            if key.rsplit(".", 1)[-1] != "feature_names_in_":
                raise TypeError(f"{key} holds Python objects; a model's state must be numbers or strings.")
            value = value.astype(str)
        arrays[key] = value
        return {"__array__": key}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {"__dict__": {k: _pack(v, f"{key}.{k}", arrays) for k, v in value.items()}}
    if isinstance(value, list | tuple):
        items = [_pack(v, f"{key}.{i}", arrays) for i, v in enumerate(value)]
        return {"__tuple__" if isinstance(value, tuple) else "__list__": items}
    if isinstance(value, DensityEstimator):
        return {"__estimator__": _describe(value, f"{key}.", arrays)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(
        f"{key} is a {type(value).__name__}; a model's state must be arrays, numbers, strings, or density "
        "estimators of this package."
    )


def _unpack(value, arrays, path: str | Path):
    if not isinstance(value, dict):
        return value
    (kind, content), *rest = value.items()
    assert not rest
    if kind == "__array__":
        return arrays[content]
    if kind == "__estimator__":
        return _build(content, arrays, path)
    if kind == "__dict__":
        return {k: _unpack(v, arrays, path) for k, v in content.items()}
    items = [_unpack(v, arrays, path) for v in content]
    return tuple(items) if kind == "__tuple__" else items
