"""Write files and folders that appear complete or not at all, whatever kills the process."""

import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from genrates.errors import ConfigError, UnusableFile

#: what readers of JSON, arrays, archives and tables raise of a file that is not whole
_DAMAGED = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    NotImplementedError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Fill a folder beside its place and move it there when it is complete.

    Parameters
    ----------
    path : Path
        The folder to make. One that exists is replaced.

    Yields
    ------
    Path
        The folder to write into.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    for remnant in path.parent.glob(f".{path.name}.*.part"):  # a killed job leaves one behind
        shutil.rmtree(remnant, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        shutil.rmtree(path, ignore_errors=True)
        part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """Write a file beside its place and move it there when it is complete.

    Parameters
    ----------
    path : str or Path
        The file to make; its folder is made where it is missing. A file that exists is replaced.

    Yields
    ------
    Path
        The file to write to. It has the same suffix.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    for remnant in path.parent.glob(f".{path.stem}.*.part{path.suffix}"):  # a killed job leaves one behind
        remnant.unlink(missing_ok=True)
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def made_by(step: str, path: Path) -> Iterator[None]:
    """Say which file of an earlier step is missing or damaged, and how it is made again.

    Parameters
    ----------
    step : str
        The step that makes the file.
    path : Path
        The file that is read meanwhile.

    Yields
    ------
    None

    Raises
    ------
    UnusableFile
        In one line, if it cannot be read.
    ConfigError
        As it was raised meanwhile.
    """
    try:
        yield
    except ConfigError:
        raise
    except FileNotFoundError:
        raise UnusableFile(path, step, "is missing") from None
    except _DAMAGED as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise UnusableFile(path, step, f"is damaged ({said[:200]})") from None


def record_file(folder: Path, step: str) -> Path:
    """Return the file that says what a step's files were made from.

    Parameters
    ----------
    folder : Path
        Where the files lie.
    step : str
        Name of the step.

    Returns
    -------
    Path
        FOLDER/made/STEP.json.
    """
    return folder / "made" / f"{step}.json"


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file that appears complete or not at all.

    Parameters
    ----------
    path : Path
        The file to make.
    content : object
        What `json.dumps` accepts.
    """
    with atomic_file(path) as part:
        part.write_text(json.dumps(content, indent=1))
