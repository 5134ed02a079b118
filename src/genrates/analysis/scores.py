"""Write and read scores.parquet: one row for each number of each fitted model of a cell."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from genrates.files import atomic_file
from genrates.metrics.measurement import Measurement

#: columns of scores.parquet, and what each holds
COLUMNS = {
    "experiment": str,
    "data": str,
    "model": str,
    "metric": str,
    "n": np.int64,
    "replicate": np.int64,
    "value": np.float64,
    "status": str,
    "reason": str,
    "seconds": np.float64,
}
_ARROW = {np.int64: pa.int64(), np.float64: pa.float64()}


def write_scores(path: Path, names: dict[str, str], rows: Sequence[tuple[int, int, Measurement]]) -> None:
    """Write the scores of a cell.

    Parameters
    ----------
    path : Path
        The file to make. It appears complete or not at all.
    names : dict of str
        Values of the columns experiment, data and model.
    rows : sequence of (n, replicate, Measurement)
        One for each number.
    """
    fields = [
        names | {"n": n, "replicate": replicate} | measurement._asdict() for n, replicate, measurement in rows
    ]
    columns = [_column(kind, [row[name] for row in fields]) for name, kind in COLUMNS.items()]
    with atomic_file(path) as part:
        pq.write_table(pa.table(columns, names=list(COLUMNS)), part, write_page_checksum=True)


def read_scores(path: Path) -> pa.Table:
    """Read the scores of a cell.

    Parameters
    ----------
    path : Path
        A file of :func:`write_scores`.

    Returns
    -------
    Table
        A row for each number.

    Raises
    ------
    ValueError
        If the file is damaged: its pages have checksums.
    """
    try:
        table = pq.read_table(path, page_checksum_verification=True)
        table.validate(full=True)
    except pa.ArrowException as error:
        raise ValueError(str(error)) from None
    if missing := {"metric", "n", "replicate", "value", "status", "reason"} - set(table.column_names):
        raise ValueError(f"it has no column {', '.join(sorted(missing))}")
    return table


def _column(kind: type, values: list) -> pa.Array:
    """Return an Arrow column, by way of bytes: from Python's values pyarrow would import pandas."""
    if kind is not str:
        return pa.Array.from_buffers(_ARROW[kind], len(values), [None, pa.py_buffer(np.array(values, kind))])
    text = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, text)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(text), pa.py_buffer(ends), pa.py_buffer(b"".join(text)))
