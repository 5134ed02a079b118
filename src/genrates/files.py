"""Files and folders that appear whole or not at all, whatever kills the process that writes them."""

import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def atomic_folder(path: Path):
    """A folder that appears whole or not at all: filled beside its place, then moved there."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    for remnant in path.parent.glob(f".{path.name}.*.part"):  # of a job that was killed
        shutil.rmtree(remnant, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        shutil.rmtree(path, ignore_errors=True)
        part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def atomic_file(path: Path):
    """A file that appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    for remnant in path.parent.glob(f".{path.stem}.*.part{path.suffix}"):  # of a job that was killed
        remnant.unlink(missing_ok=True)
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    with atomic_file(path) as part:
        part.write_text(json.dumps(content, indent=1))
