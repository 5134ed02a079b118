"""What the files of a step were made from: a record beside them, compared before anybody trusts them.

Snakemake keeps such records too, in .snakemake/. They are lost when that folder is deleted, when results come
from another checkout, or when a job ends on a cluster after its pipeline was killed. Ours lie with the files.
FOLDER/made/STEP.json has the slice of config and code (see :mod:`genrates.workflow.slices`) that the step has
used, and a hash of this slice and of the records of the steps before it.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genrates.errors import ConfigError
from genrates.files import atomic_file, record_file, write_json
from genrates.workflow.slices import CellParts, evaluate_slice, sample_slice, train_slice

#: the steps of a cell, in order, with what each depends on beside the steps before it
CELL_STEPS = {"train": train_slice, "sample": sample_slice, "evaluate": evaluate_slice}


@dataclass(frozen=True)
class Origin:
    """What the files of a step are made from.

    Attributes
    ----------
    folder : Path
        Where the files lie.
    step : str
        Name of the step.
    slice : str
        The parts of config and code that it uses.
    above : tuple of str
        Hashes in the records of the steps whose files it reads.
    """

    folder: Path
    step: str
    slice: str
    above: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """Hash of all of it.

        Returns
        -------
        str
            16 hexadecimal digits.
        """
        return _hash(self.step, self.slice, *self.above)

    @property
    def record(self) -> Path:
        """The file that says so.

        Returns
        -------
        Path
        """
        return record_file(self.folder, self.step)

    @property
    def stands(self) -> bool:
        """Whether the files that stand are made from this.

        Returns
        -------
        bool
            False where there is no record, and where the job died.
        """
        return _recorded(self.record).get("hash") == self.hash

    def write(self, died: str = "") -> None:
        """Write the record.

        Parameters
        ----------
        died : str, default=""
            How the job died, where placeholders stand for its files. They count as made from something else:
            the next run tries again.
        """
        content = {"hash": _died(self.hash) if died else self.hash, "died": died}
        write_json(self.record, content | {"slice": json.loads(self.slice), "above": self.above})

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Write the record when the files are complete; meanwhile there is none.

        Yields
        ------
        None
            The files are made meanwhile.
        """
        self.record.unlink(missing_ok=True)
        yield
        self.write()

    def trusted_hash(self) -> str:
        """Return the hash in the record, after a look at whether the files may be used.

        Returns
        -------
        str
            That of this origin, or of placeholders for it.

        Raises
        ------
        ConfigError
            If the files are missing, or made from another config or code.
        """
        found = _recorded(self.record).get("hash")
        if found in (self.hash, _died(self.hash)):
            return found
        what = "was made from another config or other code" if found else "has no files"
        raise ConfigError(
            f"{self.folder}: the step {self.step} {what}; "
            f"run `python -m genrates.steps.{self.step}` with the same overrides first."
        )


def planned_origins(folder: Path, cell: CellParts) -> dict[str, Origin]:
    """Return what the files of a cell should be made from.

    Parameters
    ----------
    folder : Path
        Where they lie.
    cell : CellParts
        The cell.

    Returns
    -------
    dict of Origin
        By step.
    """
    found: dict[str, Origin] = {}
    above: tuple[str, ...] = ()
    for step, slice_of in CELL_STEPS.items():
        found[step] = Origin(folder, step, slice_of(cell), above)
        above = (found[step].hash,)
    return found


def origin_of_step(folder: Path, cell: CellParts, step: str) -> Origin:
    """Return what a step of a cell is about to make its files from.

    Parameters
    ----------
    folder : Path
        Where they lie.
    cell : CellParts
        The cell.
    step : {"train", "sample", "evaluate"}
        Name of the step.

    Returns
    -------
    Origin
        Above it stands what the earlier steps have left, placeholders included.

    Raises
    ------
    ConfigError
        If files of an earlier step are missing, or made from another config or code.
    """
    above: tuple[str, ...] = ()
    for name, slice_of in CELL_STEPS.items():
        origin = Origin(folder, name, slice_of(cell), above)
        if name == step:
            break
        above = (origin.trusted_hash(),)
    return origin


def renew(marker: Path) -> None:
    """Make a file newer than all files there are, in time and content.

    Parameters
    ----------
    marker : Path
        The file. Snakemake runs a job again for an input with new content that is newer than its outputs.
    """
    with atomic_file(marker) as part:
        part.write_text(f"{time.time_ns()}\n")


def _recorded(record: Path) -> dict[str, Any]:
    """Return a record; nothing where there is none, or none that can be read."""
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _died(hash_: str) -> str:
    return _hash(hash_, "died")


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
