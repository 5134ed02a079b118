"""Write files and folders that appear complete or not at all, whatever kills the process."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


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
