"""Write fitted models to disk without pickle: a .safetensors file of arrays, with a JSON header.

Loading a file from somebody else runs no code of theirs: the format holds numbers alone, and the header may
only name an estimator class of this package, or of a package that the person at the keyboard allows.
"""

import importlib
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from genrates.estimators.base import DensityEstimator
from genrates.files import atomic_file

_HEADER, _CHECKSUMS, _ALONE = "genrates", "genrates.checksums", "model"


def save(model: DensityEstimator, path: str | Path) -> None:
    """Write a fitted estimator: its constructor's parameters and its fitted state.

    Parameters
    ----------
    model : DensityEstimator
        A fitted estimator.
    path : str or Path
        The file to make. It appears complete or not at all.

    Raises
    ------
    TypeError
        If a parameter or fitted attribute is neither an array, a number, a string, a container of those, nor
        a density estimator.

    Examples
    --------
    >>> import tempfile
    >>> from genrates.estimators import GaussianDensity
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(GaussianDensity().fit([[0.0], [2.0]]), f"{folder}/model.safetensors")
    ...     load(f"{folder}/model.safetensors").mean_
    array([1.])
    """
    save_all({_ALONE: model}, path)


def save_all(
    models: Mapping[str, DensityEstimator],
    path: str | Path,
    training_sets: Mapping[str, np.ndarray] | None = None,
) -> None:
    """Write several fitted estimators to one file, from which :func:`open_models` reads each by its name.

    Parameters
    ----------
    models : mapping of str to DensityEstimator
        Fitted estimators by name.
    path : str or Path
        The file to make. It appears complete or not at all.
    training_sets : mapping of str to ndarray, optional
        What each model was fitted to. A part of its state that is the training set, or the training set
        sorted, is then not stored: whoever reads the model must give the training set again.
    """
    arrays: dict[str, np.ndarray] = {}
    header = {}
    for name, model in models.items():
        known = _forms_of(None if training_sets is None else training_sets[name])
        header[name] = _Writer(arrays, known).describe(model, f"{name}.")
    text = json.dumps(header)
    checksums = {key: _checksum(array) for key, array in arrays.items()} | {
        _HEADER: zlib.crc32(text.encode())
    }
    with atomic_file(path) as part:
        save_file(arrays, part, metadata={_HEADER: text, _CHECKSUMS: json.dumps(checksums)})


def load(path: str | Path) -> DensityEstimator:
    """Read an estimator written by :func:`save`.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    DensityEstimator
        The fitted estimator.

    Raises
    ------
    ValueError
        If the file is no such model or not complete, or names a class that is not an estimator of this
        package or of `allowed_packages`.
    """
    with open_models(path) as read:
        return read(_ALONE)


def allowed_packages() -> list[str]:
    """Return the packages whose classes a file may name: genrates, and those in GENRATES_ALLOW.

    The environment variable is a comma-separated list. No file can allow itself.

    Returns
    -------
    list of str
        Names of top-level packages.
    """
    by_hand = os.environ.get("GENRATES_ALLOW", "").split(",")
    return ["genrates", *(name.strip() for name in by_hand if name.strip())]


@contextmanager
def open_models(path: str | Path) -> Iterator[Callable[..., DensityEstimator]]:
    """Open a file of :func:`save_all`.

    Parameters
    ----------
    path : str or Path
        The file.

    Yields
    ------
    callable
        `read(name, training_set=None)` returns the estimator of that name. `training_set` is an array, or a
        function without arguments that gives it; needed only where the model was stored without it.

    Raises
    ------
    ValueError
        As :func:`load` does; from `read` also if there is no model of that name, or if its training set is
        needed and missing, or another one.
    """
    with _tensors(path) as file:
        texts = file.metadata() or {}
        checksums, header = (_parsed(texts.get(key, "null"), path) for key in (_CHECKSUMS, _HEADER))
        if zlib.crc32(texts[_HEADER].encode()) != checksums.get(_HEADER):
            raise ValueError(f"{path} is damaged: its header has another checksum than when it was written.")

        def array(key: str) -> np.ndarray:
            found = file.get_tensor(key)
            if _checksum(found) != checksums.get(key):
                raise ValueError(f"{path} is damaged: {key} has another checksum than when it was written.")
            return found

        def read(name: str, training_set=None) -> DensityEstimator:
            if name not in header:
                raise ValueError(f"{path} holds no model {name!r}; it has {', '.join(map(repr, header))}.")
            return _Reader(array, training_set, path).build(header[name])

        yield read


def _tensors(path: str | Path):
    """Open the arrays of a file."""
    try:
        return safe_open(path, "numpy")
    except SafetensorError as error:
        raise ValueError(f"{path} is no genrates model, or not a complete one: {error}.") from None


def _parsed(text: str, path: str | Path) -> dict:
    """Read JSON of a file: its header, which has models by name, or its checksums."""
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no genrates model: its header cannot be read ({error}).") from None
    if not isinstance(header, dict):
        raise ValueError(f"{path} is no genrates model: it has no header.")
    return header


def _forms_of(training_set: np.ndarray | None) -> dict[str, np.ndarray]:
    """Return the forms in which a model keeps its training set, by name."""
    if training_set is None:
        return {}
    forms = {"rows": training_set}
    if training_set.ndim == 2 and training_set.shape[1] == 1:
        column = training_set[:, 0]
        ascending = np.sort(column)
        forms |= {"column": column, "sorted column": ascending, "sorted rows": ascending[:, None]}
    return forms


def _checksum(array: np.ndarray) -> int:
    return zlib.crc32(array.tobytes())


class _Writer:
    """Turns estimators into a header of plain JSON and arrays by key."""

    def __init__(self, arrays: dict[str, np.ndarray], known: dict[str, np.ndarray]):
        self.arrays, self.known = arrays, known

    def describe(self, model: DensityEstimator, key: str) -> dict:
        """Return class, constructor's parameters and fitted state, those of nested estimators included."""
        return {
            "class": _name_of(type(model)),
            "params": self.pack(model.stored_parameters(), f"{key}param"),
            "state": self.pack(_fitted_state(model), f"{key}state"),
        }

    def pack(self, value, key: str):
        """Return JSON for a value; an array goes to `arrays` under a key."""
        if isinstance(value, np.ndarray):
            return self._pack_array(value, key)
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, dict):
            return {"__dict__": {k: self.pack(v, f"{key}.{k}") for k, v in value.items()}}
        if isinstance(value, list | tuple):
            items = [self.pack(v, f"{key}.{i}") for i, v in enumerate(value)]
            return {"__tuple__" if isinstance(value, tuple) else "__list__": items}
        if isinstance(value, DensityEstimator):
            return {"__estimator__": self.describe(value, f"{key}.")}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise TypeError(
            f"{key} is a {type(value).__name__}; a model's state must be arrays, numbers, strings, or "
            "density estimators of this package."
        )

    def _pack_array(self, value: np.ndarray, key: str) -> dict:
        if value.dtype.kind in "OU":
            if key.rsplit(".", 1)[-1] != "feature_names_in_":
                raise TypeError(f"{key} holds Python objects; a model's state must be numbers.")
            return {"__names__": [str(name) for name in value]}
        for form, array in self.known.items():
            same_kind = value.shape == array.shape and value.dtype == array.dtype
            if same_kind and value.tobytes() == array.tobytes():
                return {"__training_set__": {"form": form, "checksum": _checksum(array)}}
        # safetensors writes what lies in memory, in whatever order, and calls it C's
        self.arrays[key] = np.asarray(value, order="C")
        return {"__array__": key}


class _Reader:
    """Makes estimators again from what a :class:`_Writer` has written."""

    def __init__(self, array: Callable[[str], np.ndarray], training_set, path: str | Path):
        self.array, self.training_set, self.path = array, training_set, path

    def build(self, header: dict) -> DensityEstimator:
        """Return the estimator that a header describes.

        Parameters
        ----------
        header : dict
            Class, constructor's parameters and fitted state.

        Returns
        -------
        DensityEstimator
            The fitted estimator.

        Raises
        ------
        ValueError
            If the header is malformed, or names no density estimator of this package.
        """
        try:
            cls = _class_of(header["class"], self.path)
            model = cls.from_stored_parameters(self.unpack(header["params"]))
            for name, value in self.unpack(header["state"]).items():
                if not _is_fitted_attribute(name):
                    raise ValueError(f"{self.path} is no genrates model: {name!r} is no fitted attribute.")
                setattr(model, name, value)
        except (KeyError, TypeError, AttributeError, RecursionError, SafetensorError) as error:
            raise ValueError(f"{self.path} is no genrates model: {type(error).__name__} {error}.") from None
        return model

    def unpack(self, value):
        """Return the value that JSON stands for."""
        if not isinstance(value, dict):
            return value
        if len(value) != 1:
            raise ValueError(f"{self.path} is no genrates model: one entry expected, got {list(value)}.")
        (kind, content), *_ = value.items()
        match kind:
            case "__array__":
                return self.array(content)
            case "__training_set__":
                return self._known(**content)
            case "__names__":
                return np.array(content, dtype=object)
            case "__estimator__":
                return self.build(content)
            case "__dict__":
                return {k: self.unpack(v) for k, v in content.items()}
            case "__list__":
                return [self.unpack(v) for v in content]
            case "__tuple__":
                return tuple(self.unpack(v) for v in content)
        raise ValueError(f"{self.path} is no genrates model: unknown entry {kind!r}.")

    def _known(self, form: str, checksum: int) -> np.ndarray:
        """Return the training set in the form that the model keeps."""
        if self.training_set is None:
            raise ValueError(f"{self.path} was stored without its training set; give it to read the model.")
        if callable(self.training_set):
            self.training_set = self.training_set()
        found = _forms_of(self.training_set)[form]
        if _checksum(found) != checksum:
            raise ValueError(f"{self.path} was stored without its training set, and another one was given.")
        return found.copy()


def _fitted_state(model: DensityEstimator) -> dict:
    return {name: value for name, value in vars(model).items() if _is_fitted_attribute(name)}


def _is_fitted_attribute(name: str) -> bool:
    return name.endswith("_") and not name.startswith("_")


def _name_of(cls: type) -> str:
    """Return the public name of an estimator class where it has one, else module and name."""
    package = ".".join(cls.__module__.split(".")[:2])
    public = getattr(importlib.import_module(package), cls.__name__, None)
    return f"{package if public is cls else cls.__module__}:{cls.__name__}"


def _class_of(name: str, path: str | Path) -> type[DensityEstimator]:
    module, _, cls = name.partition(":")
    if module.split(".")[0] not in allowed_packages():
        raise ValueError(
            f"{path} names the class {name!r}; only estimators of genrates are loaded, and of the packages "
            "in the environment variable GENRATES_ALLOW."
        )
    try:
        found = getattr(importlib.import_module(module), cls, None)
    except ImportError as error:
        raise ValueError(f"{path} names {name!r}, which cannot be imported: {error}.") from None
    if not (isinstance(found, type) and issubclass(found, DensityEstimator)):
        raise ValueError(f"{path} names {name!r}, which is no density estimator.")
    return found
