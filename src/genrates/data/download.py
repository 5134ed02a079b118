"""Files from elsewhere: whole, checked, and fetched once."""

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

from genrates.data.prefix import Table, fetch_first, note_of, noted_hash, rows_of

_log = logging.getLogger(__name__)
_CHUNK = 1 << 20
_HELP = (
    "On a machine without internet, put the file (under this name, in any subfolder) into a folder and "
    "name it: mirror=DIR, or the environment variable GENRATES_MIRROR=DIR."
)
#: what a data set says whose file is not there
MISSING = "not there. The step download fetches it: python -m genrates.steps.download data=NAME. " + _HELP


class DownloadError(OSError):
    """A file that could not be had: says what was tried, and how to give a mirror."""


def fetch(
    files: dict[str, dict],
    folder: str | Path,
    mirror: str | Path | None = None,
    *,
    attempts: int = 3,
    wait: float = 1.0,
    timeout: float = 30.0,
) -> dict[str, Path]:
    """Have `files` in `folder`, each with the right sha256.

    A file that is there already, and right, is left alone. Otherwise it is taken from the mirror, if that
    holds a file of this name (in any subfolder) with a right hash, else downloaded. It is written under
    another name first and moved into place when its hash is right: a partial file is never taken for
    a whole one, whatever interrupts.

    A large table of which only the `first` rows are wanted is not downloaded whole: see
    :func:`genrates.data.prefix.fetch_first`, also for what can be checked of a part. The hash that the part
    had when it came is kept beside it, so that a file which has changed since is fetched again.

    Parameters
    ----------
    files : dict
        name -> {"url": address, "sha256": hash, or a list of hashes any of which will do}; of a .npy file of
        bytes also "table": {"rows", "row_bytes", "header_bytes"}, and "first": how many rows are wanted
        (None: all).
    folder : path
        Made if it is not there.
    mirror : path, optional
        A folder that holds files by name; default: the environment variable GENRATES_MIRROR, if set.
    attempts : int, default=3
        How often a download is tried.
    wait : float, default=1.0
        Seconds before the second attempt; doubled before each further one.
    timeout : float, default=30.0
        Seconds without a byte after which an attempt has failed.

    Returns
    -------
    dict of name -> path

    Raises
    ------
    DownloadError
        If a file cannot be had, naming everything that was tried; if the mirror is no folder.
    ValueError
        For a file without a sha256: what cannot be checked is not downloaded.
    """
    mirror = mirror or os.environ.get("GENRATES_MIRROR") or None
    if mirror is not None and not Path(mirror).is_dir():
        raise DownloadError(f"The mirror {str(mirror)!r} is no folder.")
    wanted = {name: _hashes(name, entry) for name, entry in files.items()}
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return {
        name: _have(name, files[name], hashes, folder, mirror, attempts, wait, timeout)
        for name, hashes in wanted.items()
    }


def provenance(files: dict[str, dict], paths: dict[str, Path]) -> dict[str, dict]:
    """What was really had of `files`: name -> sha256, bytes and, of a table that may be a part, its rows.

    A config may allow several hashes, and of the first rows of a table nobody knows the hash beforehand.

    Parameters
    ----------
    files, paths : dict
        As :func:`fetch` takes and returns them.
    """
    return {
        name: {"sha256": sha256(path), "bytes": path.stat().st_size}
        | ({"rows": rows_of(path)} if files[name].get("table") else {})
        for name, path in paths.items()
    }


def sha256(path: Path) -> str:
    """Hash of a file's content, as sha256sum prints it."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hashes(name: str, entry: dict) -> set[str]:
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


def _have(name, entry, hashes, folder, mirror, attempts, wait, timeout) -> Path:
    path, url, first = folder / name, entry.get("url"), entry.get("first")
    tried = []
    if path.is_file():
        # a part is as good as the whole only where a part is asked for
        right = hashes if first is None else hashes | {noted_hash(path)}
        if sha256(path) in right and _enough(path, first):
            return path
        tried.append(f"{path}: there, with another hash or too few rows")
    for found in sorted(Path(mirror).rglob(name)) if mirror else []:
        if not found.is_file():
            continue
        if not _enough(found, first):
            tried.append(f"mirror {found}: {rows_of(found)} rows, {first} are asked for")
        elif _moved_into_place(path, hashes, lambda part, source=found: shutil.copyfile(source, part)):
            _log.info("%s: taken from the mirror", name)
            return path
        else:
            tried.append(f"mirror {found}: its sha256 is {sha256(found)}")
            _log.warning("%s: the mirror's file has another hash than the config says, not used", found)
    if mirror and not any(t.startswith("mirror ") for t in tried):
        tried.append(f"mirror {mirror}: no file of this name")
    if url and first is not None:
        tried += _downloaded(path, url, attempts, wait, lambda: _part(path, url, first, entry, timeout))
        if path.is_file() and sha256(path) == noted_hash(path) and _enough(path, first):
            return path
    elif url:
        tried += _downloaded(path, url, attempts, wait, lambda: _whole(path, url, hashes, timeout))
        if path.is_file() and sha256(path) in hashes:
            return path
    raise DownloadError(
        f"Could not get {name}. Tried:\n  " + "\n  ".join(tried or ["nothing: no url, no mirror"]) + "\n"
        f"It must have sha256 {' or '.join(sorted(hashes))}.\n{_HELP}"
    )


def _enough(path: Path, first: int | None) -> bool:
    return first is None or rows_of(path) >= first


def _whole(path: Path, url: str, hashes: set[str], timeout: float) -> None:
    from pooch import HTTPDownloader  # brings requests along

    download = HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=timeout, chunk_size=_CHUNK)
    if not _moved_into_place(path, hashes, lambda part: download(url, str(part), None)):
        raise OSError("downloaded, but with another sha256")


def _part(path: Path, url: str, first: int, entry: dict, timeout: float) -> None:
    """The first rows alone; their hash is noted before they move into place."""

    def write(part: Path) -> None:
        fetch_first(url, part, first, Table(**entry["table"]), timeout)
        about = {"url": url, "first": first, "sha256": sha256(part)}
        note_of(path).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        _log.info("%s: the first %d rows of %s, sha256 %s", path.name, first, url, about["sha256"])

    _moved_into_place(path, None, write)


def _downloaded(path: Path, url: str, attempts: int, wait: float, download) -> list[str]:
    """Why each attempt failed; the last one, if fewer than `attempts`, succeeded."""
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


def _moved_into_place(path: Path, hashes: set[str] | None, write) -> bool:
    """Let `write` fill a file beside `path`; move it there if its hash is right, remove it if not."""
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
