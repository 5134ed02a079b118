"""The file of MLflow's database: looked at before MLflow opens it, and waited for while others hold it."""

import contextlib
import logging
import shlex
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from alembic.util import CommandError

from genrates.errors import ConfigError
from genrates.workflow.quoting import file_address, sqlite_address

#: seconds that a call waits while another process holds the database
PATIENCE = 120.0
#: tables without which a database is not MLflow's
_TABLES = {"alembic_version", "experiments", "runs", "metrics", "params", "tags"}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNWRITABLE = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
}
_WAY_OUT = (
    "Delete it or move it elsewhere, and run the pipeline again: it is rebuilt from the files in {folder}; "
    "only runs that you logged yourself go with it."
)


def patiently(database: Path, call: Callable, *arguments, **keywords) -> Any:
    """Call a function that uses a database; repeat the call while another process holds the database.

    Parameters
    ----------
    database : Path
        The file, for the message.
    call : callable
        What to call. SQLite undoes a call that met a lock, so that it can be repeated.
    *arguments, **keywords
        Handed on.

    Returns
    -------
    object
        What `call` returns.

    Raises
    ------
    ConfigError
        If the database is held for longer than `PATIENCE`, is damaged, or cannot be written.
    """
    deadline, waiting = time.monotonic() + PATIENCE, False
    while True:
        try:
            return call(*arguments, **keywords)
        except Exception as error:
            found = _sqlite_error(error)
            if found is None:
                raise
            code = found.sqlite_errorcode & 0xFF  # the rest tells details of the same error
            if code not in _BUSY or time.monotonic() > deadline:
                said = _said_of(database, code, found)
                if said is None:
                    raise
                raise ConfigError(said) from None
        if not waiting:
            logging.warning("%s is held by another process; waiting for it", database)
        waiting = True
        time.sleep(0.5)


def check_database(database: Path) -> None:
    """Refuse a file that MLflow could not open, or would fill with its tables although it is another's.

    Parameters
    ----------
    database : Path
        The file; it exists.

    Raises
    ------
    ConfigError
        If it is no database, not MLflow's, damaged, or of another version of MLflow.
    """
    if not database.is_file():
        raise ConfigError(f"{database} is not a file, so it is no database of MLflow.\n{_way_out(database)}")
    tables, fault, revision = patiently(database, _look_into, database)
    if fault:
        raise ConfigError(f"{database} is cut off or damaged ({fault}).\n{_way_out(database)}")
    if missing := sorted(_TABLES - set(tables)):
        held = f"the tables {', '.join(sorted(tables)[:5])}" if tables else "no tables"
        raise ConfigError(
            f"{database} is not MLflow's database: it has {held}, but {missing[0]} is not there.\n"
            f"{_way_out(database)}"
        )
    if revision is None:
        raise ConfigError(
            f"{database} is half made: MLflow was interrupted in changing its schema.\n{_way_out(database)}"
        )
    _check_revision(database, revision)


def remove_journals(database: Path) -> None:
    """Remove what SQLite keeps beside a database that is gone; it would spoil the next one.

    Parameters
    ----------
    database : Path
        The file that is gone.
    """
    for suffix in ("-journal", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _look_into(database: Path) -> tuple[list[str], str, str | None]:
    """Return the names of the tables, the first fault that SQLite finds, and MLflow's revision."""
    # `mode=rw`: not made where it is missing. A short wait: one in C cannot be interrupted.
    address = f"{file_address(database)}?mode=rw"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=1.0)) as connection:
        fault = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if fault != "ok":
            return [], fault.splitlines()[-1], None
        if _is_short(database, connection):  # SQLite takes what is missing of the last page for zeros
            return [], "its end is missing", None
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if "alembic_version" not in tables:
            return tables, "", None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return tables, "", row and row[0]


def _is_short(database: Path, connection: sqlite3.Connection) -> bool:
    """Return whether a file is smaller than its pages are."""
    journal, size, count = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "page_size", "page_count")
    )
    # pages of a write-ahead log need not be in the file yet
    return journal != "wal" and database.stat().st_size < size * count


def _check_revision(database: Path, found: str) -> None:
    """Refuse a database of another version of MLflow."""
    import mlflow

    # The folder of MLflow's migrations is read as alembic reads it. Without it, MLflow's own check remains.
    migrations = Path(mlflow.__file__).parent / "store" / "db_migrations"
    if not migrations.is_dir():
        return
    scripts = ScriptDirectory(str(migrations))
    if found == scripts.get_current_head():
        return
    here = f"MLflow {mlflow.__version__}"
    if _is_known(scripts, found):
        raise ConfigError(
            f"{database} was written by an older MLflow than {here} (its schema is {found}).\n"
            f"{_way_out(database)} To keep those, copy it, then run: "
            f"python -m mlflow db upgrade {shlex.quote(sqlite_address(database))}"
        )
    raise ConfigError(
        f"{database} was written by a newer MLflow than {here} (its schema is {found}).\n"
        f"{_way_out(database)} To keep those, install that MLflow."
    )


def _is_known(scripts: ScriptDirectory, revision: str) -> bool:
    try:
        return scripts.get_revision(revision) is not None
    except CommandError:
        return False


def _sqlite_error(error: BaseException) -> sqlite3.Error | None:
    """Return the error of SQLite that led to an error, if one did."""
    seen = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, sqlite3.Error) and hasattr(error, "sqlite_errorcode"):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _said_of(database: Path, code: int, error: sqlite3.Error) -> str | None:
    """Return what a person reads of an error of SQLite; None for one that is not the file's."""
    if code in _BUSY:
        return (
            f"{database} has been held by another process for {PATIENCE:.0f} s.\n"
            f"End that process (`fuser {shlex.quote(str(database))}` names it), and run the pipeline again."
        )
    if code in _DAMAGED:
        return f"{database} is cut off, damaged, or no database ({error}).\n{_way_out(database)}"
    if code in _UNWRITABLE:
        return (
            f"{database} cannot be read or written ({error}).\n"
            "Its disk must have space, and you the right to write to it and its folder."
        )
    return None


def _way_out(database: Path) -> str:
    return _WAY_OUT.format(folder=database.parent)
