"""Downloads of data files: checked by hash, complete, and only once."""

import contextlib
import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from genrates.data.prefix import TableLayout, count_rows, fetch_first_rows, record_path, recorded_hash

_log = logging.getLogger(__name__)
_CHUNK = 1 << 20
_HELP = (
    "On a machine without internet, put the file (under this name, in any subfolder) into a folder and "
    "name it: mirror=DIR, or the environment variable GENRATES_MIRROR=DIR."
)
#: error message of a data set whose file is missing
MISSING = "not there. The step download fetches it: python -m genrates.steps.download data=NAME. " + _HELP


class DownloadError(OSError):
    """A file could not be obtained; the message says what was tried and how to name a mirror."""


def fetch(
    files: dict[str, dict],
    folder: str | Path,
    mirror: str | Path | None = None,
    *,
    attempts: int = 3,
    wait: float = 1.0,
    timeout: float = 30.0,
) -> dict[str, Path]:
    """Obtain `files` in `folder`, each with an accepted sha256.

    A file that is present with an accepted hash is kept. Otherwise it is copied from the mirror, if that
    contains a file of this name (in any subfolder) with an accepted hash, else downloaded. It is written
    under a temporary name and moved into place only if its hash is accepted. So an interrupted download is
    never mistaken for a complete file.

    If only the `first` rows of a large table are needed, only these are downloaded; see
    :func:`genrates.data.prefix.fetch_first_rows` for how a part is checked. The hash of the part on arrival
    is recorded next to it, so that a file which has changed since is downloaded again.

    Parameters
    ----------
    files : dict
        For each file name a dict with "url" and "sha256", one hash or a list of accepted ones. For a .npy
        file of bytes also "table", a dict of "rows", "row_bytes" and "header_bytes", and "first", the number
        of rows needed (None: all).
    folder : path
        Created if missing.
    mirror : path, optional
        A folder that contains files by name; by default the environment variable GENRATES_MIRROR, if set.
    attempts : int, default=3
        Number of attempts to download a file.
    wait : float, default=1.0
        Seconds before the second attempt; doubled before each further one.
    timeout : float, default=30.0
        Seconds without a byte after which an attempt fails.

    Returns
    -------
    dict of str to Path
        For each file name its path.

    Raises
    ------
    DownloadError
        If a file cannot be obtained, with everything that was tried, or if the mirror is not a folder.
    ValueError
        For a file without a sha256, since it could not be checked.
    """
    mirror = mirror or os.environ.get("GENRATES_MIRROR") or None
    if mirror is not None and not Path(mirror).is_dir():
        raise DownloadError(f"The mirror {str(mirror)!r} is no folder.")
    accepted = {name: _accepted_hashes(name, entry) for name, entry in files.items()}
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return {
        name: _obtain(name, files[name], hashes, folder, mirror, attempts, wait, timeout)
        for name, hashes in accepted.items()
    }


def provenance(files: dict[str, dict], paths: dict[str, Path]) -> dict[str, dict]:
    """Return which content of `files` was obtained.

    It is not known in advance: a config may accept several hashes, and the first rows of a table have no
    published hash.

    Parameters
    ----------
    files, paths : dict
        Argument and result of :func:`fetch`.

    Returns
    -------
    dict of str to dict
        For each file name its "sha256" and "bytes", and for a table, which may be a part, its "rows".
    """
    return {
        name: {"sha256": sha256(path), "bytes": path.stat().st_size}
        | ({"rows": count_rows(path)} if files[name].get("table") else {})
        for name, path in paths.items()
    }


def sha256(path: Path) -> str:
    """Return the hash of a file's content, as sha256sum prints it.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _accepted_hashes(name: str, entry: dict) -> set[str]:
    """Return the hashes that the entry of a file accepts, in lower case."""
    if Path(name).name != name:
        raise ValueError(f"metadata.files: {name!r} must be a plain file name.")
    given = entry.get("sha256")
    hashes = {given} if isinstance(given, str) else set(given or ())
    if not hashes:
        raise ValueError(
            f"metadata.files.{name}: no sha256; a file that cannot be checked is not downloaded. "
            "If you trust your copy, write what `sha256sum` says of it there."
        )
    return {str(h).lower() for h in hashes}


def _obtain(name, entry, hashes, folder, mirror, attempts, wait, timeout) -> Path:
    """Return the path of one file, after copying or downloading it where necessary."""
    path, url, first = folder / name, entry.get("url"), entry.get("first")
    tried = []
    if path.is_file():
        # A partial download is accepted only where a part is requested.
        accepted = hashes if first is None else hashes | {recorded_hash(path)}
        if sha256(path) in accepted and _has_enough_rows(path, first):
            return path
        tried.append(f"{path}: there, with another hash or too few rows")
    for found in sorted(Path(mirror).rglob(name)) if mirror else []:
        if not found.is_file():
            continue
        if not _has_enough_rows(found, first):
            tried.append(f"mirror {found}: {count_rows(found)} rows, {first} are asked for")
        elif _write_and_move(path, hashes, lambda part, source=found: shutil.copyfile(source, part)):
            _log.info("%s: taken from the mirror", name)
            return path
        else:
            tried.append(f"mirror {found}: its sha256 is {sha256(found)}")
            _log.warning("%s: the mirror's file has another hash than the config says, not used", found)
    if mirror and not any(t.startswith("mirror ") for t in tried):
        tried.append(f"mirror {mirror}: no file of this name")
    if url and first is not None:
        tried += _download_with_retries(
            path, url, attempts, wait, lambda: _download_first_rows(path, url, first, entry, timeout)
        )
        if path.is_file() and sha256(path) == recorded_hash(path) and _has_enough_rows(path, first):
            return path
    elif url:
        tried += _download_with_retries(
            path, url, attempts, wait, lambda: _download_file(path, url, hashes, timeout)
        )
        if path.is_file() and sha256(path) in hashes:
            return path
    raise DownloadError(
        f"Could not get {name}. Tried:\n  " + "\n  ".join(tried or ["nothing: no url, no mirror"]) + "\n"
        f"It must have sha256 {' or '.join(sorted(hashes))}.\n{_HELP}"
    )


def _has_enough_rows(path: Path, first: int | None) -> bool:
    """Return whether a file has the first rows that are requested (None: no requirement)."""
    return first is None or count_rows(path) >= first


def _download_file(path: Path, url: str, hashes: set[str], timeout: float) -> None:
    """Download a complete file, or raise OSError if its hash is not accepted."""
    from pooch import HTTPDownloader  # here, since only downloads need pooch and requests

    download = HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=timeout, chunk_size=_CHUNK)
    if not _write_and_move(path, hashes, lambda part: download(url, str(part), None)):
        raise OSError("downloaded, but with another sha256")


def _download_first_rows(path: Path, url: str, first: int, entry: dict, timeout: float) -> None:
    """Download only the first rows; their hash is recorded before they are moved into place."""

    def write(part: Path) -> None:
        fetch_first_rows(url, part, first, TableLayout(**entry["table"]), timeout)
        record = {"url": url, "first": first, "sha256": sha256(part)}
        record_path(path).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        _log.info("%s: the first %d rows of %s, sha256 %s", path.name, first, url, record["sha256"])

    _write_and_move(path, None, write)


def _download_with_retries(path: Path, url: str, attempts: int, wait: float, download) -> list[str]:
    """Try to download a file; return the errors of the failed attempts, at most `attempts`."""
    from requests import RequestException

    failures = []
    for attempt in range(attempts):
        if attempt:
            time.sleep(wait * 2 ** (attempt - 1))
        try:
            download()
            return failures
        except (RequestException, OSError, ValueError) as error:
            failures.append(f"{url}: {error}")
        _log.warning("attempt %d of %d: %s", attempt + 1, attempts, failures[-1])
    return failures


def _write_and_move(path: Path, hashes: set[str] | None, write) -> bool:
    """Let `write` fill a temporary file, and move it to `path` if its hash is accepted.

    Returns
    -------
    bool
        Whether the file was moved; if not, it is removed. `hashes` None accepts any content.
    """
    handle, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    part = Path(part)
    try:
        write(part)
        if hashes is not None and sha256(part) not in hashes:
            return False
        part.chmod(0o644)
        os.replace(part, path)
        return True
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
