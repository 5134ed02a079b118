"""The first rows of a large .npy file on a server: as many bytes as are asked for, and no more."""

import io
import json
import logging
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_log = logging.getLogger(__name__)
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Table:
    """What is known of the whole file: `rows` rows of `row_bytes` unsigned bytes behind a header.

    >>> Table(rows=123_202, row_bytes=784, header_bytes=80).total_bytes
    96590448
    """

    rows: int
    row_bytes: int
    header_bytes: int = 80

    @property
    def total_bytes(self) -> int:
        return self.header_bytes + self.rows * self.row_bytes


def fetch_first(url: str, path: Path, first: int, table: Table, timeout: float = 30.0) -> None:
    """Write the first rows of the .npy file at `url` to `path`: a .npy file of shape (first, row_bytes).

    One HTTP request with a Range header. A server that does not know ranges answers with the whole file:
    a warning says so, and no more of it is read than is needed.

    A published hash speaks of the whole file, so it cannot vouch for a part. What is checked instead: the
    whole file's length as the server states it, its header (type, order, and the very number of rows),
    and that every byte asked for has come. `url` should be https, so that the server vouches for the rest.

    Parameters
    ----------
    url : str
    path : path
        Overwritten.
    first : int
        At least 1, at most `table.rows`.
    table : Table
    timeout : float, default=30.0
        Seconds without a byte after which the request has failed.

    Raises
    ------
    OSError
        (requests' errors among them) If the server fails, or sends what is not known of the file.
    ValueError
        For a number of rows out of range.
    """
    import requests  # 0.1 s, for those who download
    from tqdm import tqdm

    if not 1 <= first <= table.rows:
        raise ValueError(f"first must lie in 1, ..., {table.rows} (so many rows are there), got {first!r}.")
    needed = table.header_bytes + first * table.row_bytes
    received = io.BytesIO()
    # identity: a compressed transfer has other lengths
    headers = {"Range": f"bytes=0-{needed - 1}", "Accept-Encoding": "identity"}
    with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
        response.raise_for_status()
        _check_total(_stated_total(response, url), table)
        bar = tqdm(total=needed, unit="B", unit_scale=True, desc=path.name, disable=not sys.stderr.isatty())
        with bar:
            for chunk in response.iter_content(_CHUNK):
                received.write(chunk[: needed - received.tell()])
                bar.update(len(chunk))
                if received.tell() == needed:
                    break
    if received.tell() != needed:
        raise OSError(f"the transfer ended after {received.tell()} bytes of {needed}")
    _check_header(received, table)
    rows = np.frombuffer(received.getbuffer(), np.uint8, offset=table.header_bytes)
    with open(path, "wb") as file:
        np.save(file, rows.reshape(first, table.row_bytes))


def _stated_total(response, url: str) -> int | None:
    """Length of the whole file, as the server states it."""
    if response.status_code == 206:
        match = re.fullmatch(r"bytes 0-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if match is None:
            raise OSError(f"another range came: {response.headers.get('Content-Range')!r}")
        return None if match[1] == "*" else int(match[1])
    _log.warning("%s: the server does not know HTTP ranges; its answer is read from the start and cut", url)
    length = response.headers.get("Content-Length")
    return None if length is None else int(length)


def _check_total(stated: int | None, table: Table) -> None:
    if stated is not None and stated != table.total_bytes:
        raise OSError(f"the file there has {stated} bytes, {table.total_bytes} are expected")


def _check_header(received: io.BytesIO, table: Table) -> None:
    received.seek(0)
    try:
        if np.lib.format.read_magic(received) != (1, 0):
            raise ValueError("not version 1.0")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(received)
    except ValueError as error:
        raise OSError(f"what came is no .npy file ({error})") from None
    expected = ((table.rows, table.row_bytes), False, np.dtype(np.uint8), table.header_bytes)
    if (shape, fortran, dtype, received.tell()) != expected:
        raise OSError(f"another table: {dtype} {shape}, expected uint8 ({table.rows}, {table.row_bytes})")


def rows_of(path: Path) -> int:
    """How many rows a .npy file has, by its header; 0 where it is none."""
    try:
        return len(np.load(path, mmap_mode="r", allow_pickle=False))
    except (ValueError, EOFError, OSError, TypeError):
        return 0


def note_of(path: Path) -> Path:
    """Where it is written what was fetched, and its hash: PATH.prefix.json."""
    return path.with_name(f"{path.name}.prefix.json")


def noted_hash(path: Path) -> str | None:
    """sha256 that the part in `path` had when it came, None if `path` is no such part."""
    try:
        return json.loads(note_of(path).read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
