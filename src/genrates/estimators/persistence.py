"""Fitted models on disk, without pickle: a .safetensors file of arrays, with a JSON header.

Loading a file from somebody else runs no code of theirs: the format holds numbers alone, and the header may
only name an estimator class of this package.
"""

import importlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from genrates.estimators.base import DensityEstimator

_HEADER, _ALONE = "genrates", "model"


def save(model: DensityEstimator, path: str | Path) -> None:
    """Write a fitted estimator to `path`: its constructor's parameters and its fitted state.

    The file appears whole or not at all: a job that is killed leaves the one that was there.
    """
    save_all({_ALONE: model}, path)


def save_all(models: dict[str, DensityEstimator], path: str | Path) -> None:
    """Write several fitted estimators to one file, from which :func:`opened` reads each by its name."""
    arrays: dict[str, np.ndarray] = {}
    header = {name: _describe(model, f"{name}.", arrays) for name, model in models.items()}
    with atomic_file(path) as part:
        save_file(arrays, part, metadata={_HEADER: json.dumps(header)})


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
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
    with opened(path) as models:
        return models(_ALONE)


@contextmanager
def opened(path: str | Path) -> Iterator[Callable[[str], DensityEstimator]]:
    """A function that reads one estimator, by its name, of those that :func:`save_all` has written.

    Raises
    ------
    ValueError
        As :func:`load` does; and if there is none of that name.
    """
    with _tensors(path) as file:
        header = json.loads((file.metadata() or {}).get(_HEADER, "null"))
        if header is None:
            raise ValueError(f"{path} is no genrates model: it has no header.")

        def model(name: str) -> DensityEstimator:
            if name not in header:
                raise ValueError(f"{path} holds no model {name!r}; it has {', '.join(map(repr, header))}.")
            return _build(header[name], file.get_tensor, path)

        yield model


def _tensors(path: str | Path):
    try:
        return safe_open(path, "numpy")
    except SafetensorError as error:
        raise ValueError(f"{path} is no genrates model, or not a whole one: {error}.") from None


def _describe(model: DensityEstimator, key: str, arrays: dict[str, np.ndarray]) -> dict:
    """Class, constructor's parameters and fitted state of an estimator, those of another one included."""
    return {
        "class": f"{type(model).__module__}:{type(model).__name__}",
        "params": _pack(model.get_params(deep=False), f"{key}param", arrays),
        "state": _pack(_fitted_state(model), f"{key}state", arrays),
    }


def _build(header: dict, array: Callable[[str], np.ndarray], path: str | Path) -> DensityEstimator:
    model = _estimator_class(header["class"], path)(**_unpack(header["params"], array, path))
    for name, value in _unpack(header["state"], array, path).items():
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
        if value.dtype.kind in "OU":
            if key.rsplit(".", 1)[-1] != "feature_names_in_":
                raise TypeError(f"{key} holds Python objects; a model's state must be numbers.")
            return {"__names__": [str(name) for name in value]}
        # safetensors writes what lies in memory, in whatever order, and calls it C's
        arrays[key] = np.asarray(value, order="C")
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


def _unpack(value, array: Callable[[str], np.ndarray], path: str | Path):
    if not isinstance(value, dict):
        return value
    (kind, content), *rest = value.items()
    assert not rest
    if kind == "__array__":
        return array(content)
    if kind == "__names__":
        return np.array(content, dtype=object)
    if kind == "__estimator__":
        return _build(content, array, path)
    if kind == "__dict__":
        return {k: _unpack(v, array, path) for k, v in content.items()}
    items = [_unpack(v, array, path) for v in content]
    return tuple(items) if kind == "__tuple__" else items
