"""Files from elsewhere: whole, checked, and fetched once."""

import contextlib
import hashlib
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

_log = logging.getLogger(__name__)
_CHUNK = 1 << 20
_HELP = (
    "On a machine without internet, put the file (under this name, in any subfolder) into a folder and "
    "name it: mirror=DIR, or the environment variable GENRATES_MIRROR=DIR."
)


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

    Parameters
    ----------
    files : dict
        name -> {"url": address, "sha256": hash, or a list of hashes any of which will do}.
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
        name: _have(name, files[name].get("url"), hashes, folder, mirror, attempts, wait, timeout)
        for name, hashes in wanted.items()
    }


def sha256(path: Path) -> str:
    """Hash of a file's content, as sha256sum prints it."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hashes(name: str, entry: dict) -> set[str]:
    if Path(name).name != name:
        raise ValueError(f"card.files: {name!r} must be a plain file name.")
    given = entry.get("sha256")
    hashes = {given} if isinstance(given, str) else set(given or ())
    if not hashes:
        raise ValueError(
            f"card.files.{name}: no sha256; a file that cannot be checked is not downloaded. "
            "If you trust your copy, write what `sha256sum` says of it there."
        )
    return {str(h).lower() for h in hashes}


def _have(name, url, hashes, folder, mirror, attempts, wait, timeout) -> Path:
    path = folder / name
    tried = []
    if path.is_file():
        if sha256(path) in hashes:
            return path
        tried.append(f"{path}: there, with another hash")
    for found in sorted(Path(mirror).rglob(name)) if mirror else []:
        if not found.is_file():
            continue
        if _moved_into_place(path, hashes, lambda part, source=found: shutil.copyfile(source, part)):
            _log.info("%s: taken from the mirror", name)
            return path
        tried.append(f"mirror {found}: its sha256 is {sha256(found)}")
        _log.warning("%s: the mirror's file has another hash than the config says, not used", found)
    if mirror and not any(t.startswith("mirror ") for t in tried):
        tried.append(f"mirror {mirror}: no file of this name")
    if url:
        tried += _downloaded(path, url, hashes, attempts, wait, timeout)
        if path.is_file() and sha256(path) in hashes:
            return path
    raise DownloadError(
        f"Could not get {name}. Tried:\n  " + "\n  ".join(tried or ["nothing: no url, no mirror"]) + "\n"
        f"It must have sha256 {' or '.join(sorted(hashes))}.\n{_HELP}"
    )


def _downloaded(path, url, hashes, attempts, wait, timeout) -> list[str]:
    """Why each attempt failed; the last one, if fewer than `attempts`, succeeded."""
    from pooch import HTTPDownloader  # brings requests along
    from requests import RequestException

    download = HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=timeout, chunk_size=_CHUNK)
    failures = []
    for attempt in range(attempts):
        if attempt:
            time.sleep(wait * 2 ** (attempt - 1))
        try:
            if _moved_into_place(path, hashes, lambda part: download(url, str(part), None)):
                return failures
            failures.append(f"{url}: downloaded, but with another sha256")
        except (RequestException, OSError) as error:
            failures.append(f"{url}: {error}")
        _log.warning("attempt %d of %d: %s", attempt + 1, attempts, failures[-1])
    return failures


def _moved_into_place(path: Path, hashes: set[str], write) -> bool:
    """Let `write` fill a file beside `path`; move it there if its hash is right, remove it if not."""
    handle, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    part = Path(part)
    try:
        write(part)
        if sha256(part) not in hashes:
            return False
        part.chmod(0o644)
        os.replace(part, path)
        return True
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
