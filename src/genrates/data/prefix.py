"""Download of the first rows of a large .npy file, without the rest of the file."""

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
class TableLayout:
    """Layout of a complete .npy file: a header, then `rows` rows of `row_bytes` unsigned bytes.

    Parameters
    ----------
    rows, row_bytes : int
    header_bytes : int, default=80

    Examples
    --------
    >>> TableLayout(rows=123_202, row_bytes=784, header_bytes=80).total_bytes
    96590448
    """

    rows: int
    row_bytes: int
    header_bytes: int = 80

    @property
    def total_bytes(self) -> int:
        """Length of the complete file.

        Returns
        -------
        int
        """
        return self.header_bytes + self.rows * self.row_bytes


def fetch_first_rows(url: str, path: Path, first: int, table: TableLayout, timeout: float = 30.0) -> None:
    """Write the first rows of the .npy file at `url` to `path`, as a .npy file of shape (first, row_bytes).

    It sends one HTTP request with a Range header. A server that does not support ranges answers with the
    complete file. Then a warning is logged, and only the needed beginning is read.

    A published hash is one of the complete file, so it cannot verify a part. Instead these are checked: the
    length of the complete file as the server reports it, its header (type, order and number of rows), and
    that every requested byte has arrived. `url` should be https, so that the connection protects the content.

    Parameters
    ----------
    url : str
        Address of the complete file.
    path : Path
        The file to write; an existing one is overwritten.
    first : int
        Number of rows, from 1 to `table.rows`.
    table : TableLayout
        Layout of the complete file.
    timeout : float, default=30.0
        Seconds without a byte after which the request fails.

    Raises
    ------
    OSError
        If the server fails, or sends a file with another layout. Errors of requests are among them.
    ValueError
        For a number of rows out of range.
    """
    import requests  # here, since only downloads need it
    from tqdm import tqdm

    if not 1 <= first <= table.rows:
        raise ValueError(f"first must lie in 1, ..., {table.rows} (so many rows are there), got {first!r}.")
    needed = table.header_bytes + first * table.row_bytes
    received = io.BytesIO()
    # Without compression, which would change the lengths.
    headers = {"Range": f"bytes=0-{needed - 1}", "Accept-Encoding": "identity"}
    with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
        response.raise_for_status()
        _check_length(_reported_length(response, url), table)
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


def _reported_length(response, url: str) -> int | None:
    """Return the length of the complete file as the server reports it; None if it does not."""
    if response.status_code == 206:
        match = re.fullmatch(r"bytes 0-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if match is None:
            raise OSError(f"another range came: {response.headers.get('Content-Range')!r}")
        return None if match[1] == "*" else int(match[1])
    _log.warning("%s: the server does not know HTTP ranges; its answer is read from the start and cut", url)
    length = response.headers.get("Content-Length")
    return None if length is None else int(length)


def _check_length(reported: int | None, table: TableLayout) -> None:
    """Raise OSError if the server reports another length than the layout has."""
    if reported is not None and reported != table.total_bytes:
        raise OSError(f"the file there has {reported} bytes, {table.total_bytes} are expected")


def _check_header(received: io.BytesIO, table: TableLayout) -> None:
    """Raise OSError if the received header describes another array than the layout."""
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


def count_rows(path: Path) -> int:
    """Return the number of rows of a .npy file, from its header.

    Parameters
    ----------
    path : Path

    Returns
    -------
    int
        0 if it is not a .npy file.
    """
    try:
        return len(np.load(path, mmap_mode="r", allow_pickle=False))
    except (ValueError, EOFError, OSError, TypeError):
        return 0


def record_path(path: Path) -> Path:
    """Return the path of the file that records a partial download: PATH.prefix.json.

    Parameters
    ----------
    path : Path
        The downloaded file.

    Returns
    -------
    Path
        Its record holds url, number of rows and sha256.
    """
    return path.with_name(f"{path.name}.prefix.json")


def recorded_hash(path: Path) -> str | None:
    """Return the sha256 that a partially downloaded file had when it arrived.

    Parameters
    ----------
    path : Path
        The downloaded file.

    Returns
    -------
    str or None
        None if there is no record of a partial download.
    """
    try:
        return json.loads(record_path(path).read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
