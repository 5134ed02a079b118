"""Quote names and values for those who read them: a shell, Hydra, an address, a file system."""

import hashlib
import json
import math
import os
import re
import shlex
import string
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from genrates.errors import ConfigError

_LONGEST_VALUE, _LONGEST_NAME = 40, 240  # characters of a value, bytes of a folder's name (systems allow 255)
# Hydra reads these words, bare, as something else than text.
_NOT_TEXT = {"true", "false", "null", "nan", "inf"}
_PLAIN = frozenset(string.ascii_letters + string.digits + "._+-")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_KEY = re.compile(r"\+{0,2}[A-Za-z_$][\w$-]*([./@][\w$-]+)*", re.ASCII)


# -- shell --------------------------------------------------------------------------------------------


def shell_words(words: Iterable[str]) -> str:
    """Return words as one types them in a POSIX shell.

    Parameters
    ----------
    words : iterable of str
        Arguments of a command.

    Returns
    -------
    str
        One line, from which the shell makes the same words again and runs none of them.

    Raises
    ------
    ConfigError
        For a NUL character, which no command can be given, and for bytes that are no text.

    Examples
    --------
    >>> print(shell_words(["a", "b c", "$(touch PWN)"]))
    a 'b c' '$(touch PWN)'
    """
    words = list(words)
    for word in words:
        if "\0" in word or any("\ud800" <= character <= "\udfff" for character in word):
            raise ConfigError(f"{word!r} holds a NUL character or no text; no command can be given it.")
    return shlex.join(words)


# -- Hydra and OmegaConf ------------------------------------------------------------------------------


def hydra_override(key: str, value: Any) -> str:
    """Return KEY=VALUE as Hydra parses it to the same key and value.

    Parameters
    ----------
    key : str
        Names joined by dots; also a group of configs with a leading "+".
    value : object
        None, a bool, number or text, or lists and dicts of those.

    Returns
    -------
    str
        Not quoted for a shell.

    Raises
    ------
    ConfigError
        For a key or a value that Hydra's command line cannot express.

    Examples
    --------
    >>> print(hydra_override("results", "größe $(x)"))
    results="größe $(x)"
    >>> print(hydra_override("model.bandwidth", [0.3, "lscv"]))
    model.bandwidth=[0.3,lscv]
    """
    if not _KEY.fullmatch(key):
        raise ConfigError(f"{key!r} is no key that Hydra's command line can express.")
    return f"{key}={_hydra_value(value)}"


def escape_interpolations(content: Any) -> Any:
    r"""Return a config in which OmegaConf finds no interpolation.

    Parameters
    ----------
    content : object
        Text, or lists and dicts of it; anything else is returned as it is.

    Returns
    -------
    object
        The same with every `${` in a value escaped.

    Examples
    --------
    >>> print(escape_interpolations({"results": "a${b}"})["results"])
    a\${b}
    """
    if isinstance(content, dict):
        return {key: escape_interpolations(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [escape_interpolations(value) for value in content]
    if isinstance(content, str):
        # Backslashes count double before `${`, and nowhere else.
        return re.sub(r"(\\*)\$\{", r"\1\1\\${", content)
    return content


def _hydra_value(value: Any) -> str:
    """Return a value as Hydra reads it."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_hydra_key(key)}:{_hydra_value(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_hydra_value, value)) + "]"
    if isinstance(value, str):
        return value if _is_word(value) else _hydra_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    raise ConfigError(f"{value!r} cannot stand on Hydra's command line: {type(value).__name__}.")


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None and text.lower() not in _NOT_TEXT


def _hydra_text(text: str) -> str:
    """Return text in double quotes: Hydra doubles backslashes before a quote, and only there."""
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', escape_interpolations(text))
    trailing = len(escaped) - len(escaped.rstrip("\\"))
    return f'"{escaped}{trailing * chr(92)}"'


def _hydra_key(key: Any) -> str:
    """Return a key of a dict; Hydra has no quotes there."""
    if not isinstance(key, str):
        return _hydra_value(key)
    if _NAME.fullmatch(key) and key.lower() not in _NOT_TEXT:
        return key
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    escaped = re.sub(r"[\\()\[\]{}:=, \t]", r"\\\g<0>", key)
    try:
        if OverridesParser.create().parse_override(f"k={{{escaped}:0}}").value() == {key: 0}:
            return escaped
    except HydraException:
        pass
    raise ConfigError(f"{key!r} is no key of a dict that Hydra's command line can express.")


# -- addresses ----------------------------------------------------------------------------------------


def sqlite_address(path: str | Path) -> str:
    """Return the address of an SQLite database for SQLAlchemy and MLflow.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    str
        `sqlite:///` and the path. SQLAlchemy ends a path at "?" and decodes nothing; where it holds "?", "%"
        or "#", SQLite itself decodes a `file:` address.

    Examples
    --------
    >>> sqlite_address("/tmp/results/mlflow.db")
    'sqlite:////tmp/results/mlflow.db'
    >>> sqlite_address("/tmp/a?b/mlflow.db")
    'sqlite+pysqlite:///file:/tmp/a%3Fb/mlflow.db?uri=true'
    """
    absolute = str(Path(path).resolve())
    if not set("?%#") & set(absolute):
        return f"sqlite:///{absolute}"
    # With the driver's name: MLflow takes what follows a bare `sqlite:///` for a path, and makes its folder.
    return f"sqlite+pysqlite:///file:{quote(absolute)}?uri=true"


def file_address(path: str | Path) -> str:
    """Return the `file:` address of a file or folder.

    Parameters
    ----------
    path : str or Path
        The file or folder.

    Returns
    -------
    str
        Percent-encoded.

    Examples
    --------
    >>> file_address("/tmp/a?b")
    'file:///tmp/a%3Fb'
    """
    return Path(path).resolve().as_uri()


# -- files and folders --------------------------------------------------------------------------------


def file_name(value: Any) -> str:
    """Return a value as a part of a file's name.

    Parameters
    ----------
    value : object
        Text, a number, or a list of those.

    Returns
    -------
    str
        Letters, digits and any of `._+-~`, in ASCII. A hash is added where the text is too long, holds other
        characters, or reads like a value of another type.

    Examples
    --------
    >>> file_name([0.5, 1]), file_name("a/x.csv"), file_name("1")
    ('0.5x1', 'a_x.csv~73530f40', '1~9a7622b2')
    """
    # a list of one value has the name of that value
    while isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    text = _joined(value)
    plain = "".join(c if c in _PLAIN else "_" for c in text)
    if plain == text and 0 < len(text) <= _LONGEST_VALUE and text.strip(".") and _is_clear(value):
        return text
    return f"{plain[-_LONGEST_VALUE:]}~{_hash(repr(value))}"


def _joined(value: Any) -> str:
    return "x".join(map(_joined, value)) if isinstance(value, list | tuple) else str(value)


def _is_clear(value: Any) -> bool:
    """Return whether no value of another type reads the same: "0.3" reads like 0.3, and "8x8" like [8, 8]."""
    if isinstance(value, list | tuple):
        return all(isinstance(item, int | float) and not isinstance(item, bool) for item in value)
    if isinstance(value, str):
        return value not in ("None", "True", "False") and not all(map(_is_number, value.split("x")))
    return value is None or isinstance(value, int | float)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def shortened(name: str, longest: int) -> str:
    """Return a name that a file system accepts.

    Parameters
    ----------
    name : str
        A file's or folder's name.
    longest : int
        How many characters it may have.

    Returns
    -------
    str
        The name, or its beginning and a hash. At most 240 bytes.
    """
    if len(name) <= longest and len(name.encode()) <= _LONGEST_NAME:
        return name
    head = name[: longest - 9].encode()[: _LONGEST_NAME - 9].decode(errors="ignore")
    return f"{head}~{_hash(name)}"


def check_folder_name(name: Any, where: str) -> str:
    """Return `name` if it is the name of one folder, so that nothing is written elsewhere.

    Parameters
    ----------
    name : object
        What was given; a number is taken as text.
    where : str
        The config key or file, for the error.

    Returns
    -------
    str
        The name.

    Raises
    ------
    ConfigError
        For a name that leads out of a folder or into one of its folders, or that Snakemake would take for a
        pattern.

    Examples
    --------
    >>> check_folder_name("../../x", "cell.variant")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    genrates.errors.ConfigError: cell.variant: must be the name of one folder ... got '../../x'.
    """
    text = str(name) if isinstance(name, str | int | float) and not isinstance(name, bool) else ""
    # matplotlib takes what stands between two dollars for mathematics.
    bad = (
        set("/$") & set(text)
        or text in (".", "..")
        or text != text.strip()
        or len(os.fsencode(text)) > _LONGEST_NAME
    )
    if not text or bad or not _is_plain(text):
        raise ConfigError(
            f"{where}: must be the name of one folder (at most {_LONGEST_NAME} bytes, without /, $, braces "
            f"and control characters; not . or ..), got {name!r}."
        )
    return text


def results_folder(path: Any, where: str = "results") -> str:
    """Return the one spelling of a folder for results.

    Snakemake knows a file by its path's spelling: `results/`, `./results` and the whole path would be folders
    with files of unknown origin.

    Parameters
    ----------
    path : object
        The folder as it was given.
    where : str, default="results"
        The config key, for the error.

    Returns
    -------
    str
        Below the working folder a relative path; elsewhere an absolute one.

    Raises
    ------
    ConfigError
        For a path that Snakemake or a shell would read as something else.

    Examples
    --------
    >>> [results_folder(path) for path in ("results", "./results/", os.path.abspath("results"))]
    ['results', 'results', 'results']
    """
    is_text = isinstance(path, str) and path != "" and _is_plain(path)
    if not is_text or any(text != text.strip() for text in (path, Path(path).name)):
        raise ConfigError(
            f"{where}: must be the path of a folder, without braces, control characters and blanks around "
            f"it, got {path!r}."
        )
    if any(len(os.fsencode(part)) > 255 for part in path.split("/")):
        raise ConfigError(f"{where}: a folder's name of more than 255 bytes in {path!r}.")
    if path.startswith("~"):
        raise ConfigError(f"{where}: {path!r} begins with ~, which stands for no folder here; write it out.")
    here = os.path.realpath(os.getcwd())
    given = Path(here, path)
    # The folder itself may be a link to another disk; the folders above it have one true path.
    whole = given.resolve() if given.name == ".." else given.parent.resolve() / given.name
    found = os.path.relpath(whole, here) if whole.is_relative_to(here) else str(whole)
    if not _is_plain(found):
        raise ConfigError(f"{where}: {path!r} is {found!r}; Snakemake would take its braces for a pattern.")
    return found


def _is_plain(text: str) -> bool:
    """Return whether text has no braces, and no characters that are invisible or no text at all."""
    categories = {unicodedata.category(character) for character in text}
    return not set("{}") & set(text) and not categories & {"Cc", "Cs", "Zl", "Zp"}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
