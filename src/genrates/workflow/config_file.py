"""Look at a config's file before Hydra reads it: what would end in a traceback, or in no end, is refused."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from genrates.errors import ConfigError, shown

_LARGEST_FILE = 1_000_000  # bytes
_MOST_NODES = 100_000  # once aliases are written out
_DEEPEST = 50
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def check_file(path: Path) -> None:
    """Refuse a file that is no config.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    ConfigError
        In one line: if it cannot be read, is not UTF-8, is no YAML mapping, names a key twice, or has aliases
        that contain themselves or grow beyond measure.
    """
    text = _text(path)
    try:
        _check_events(path, yaml.parse(text, Loader=_Loader))
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}{_place(error)}: not YAML: {_reason(error)}.") from None


def _text(path: Path) -> str:
    """Return what stands in a file."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ConfigError(f"{path}: larger than {_LARGEST_FILE} bytes, which no config is.")
        content = path.read_bytes()
    except IsADirectoryError:
        raise ConfigError(f"{path}: a folder; a config is a file.") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}.") from None
    if b"\0" in content:
        raise ConfigError(f"{path}: NUL characters; is the file in UTF-16? Save it as UTF-8.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8; save the file in this encoding.") from None


def _check_events(path: Path, events: Iterator) -> None:
    """Walk through what a parser finds, without building it."""
    sizes: dict[str, int] = {}  # nodes behind each anchor, aliases written out
    stack: list[dict] = []  # the collections that are open
    documents, is_empty = 0, True
    for event in events:
        where = f"{path}, line {event.start_mark.line + 1}"
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise ConfigError(f"{where}: a second document ('---'); a config is one.")
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if not stack and isinstance(event, yaml.SequenceStartEvent):
                raise ConfigError(f"{where}: a list; a config holds keys and values: `key: value`.")
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            is_empty = False
            stack.append({"anchor": event.anchor, "size": 1, "keys": [] if is_mapping else None, "count": 0})
            if len(stack) > _DEEPEST:
                raise ConfigError(f"{where}: nested more than {_DEEPEST} deep.")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            closed = stack.pop()
            _add(stack, closed["size"], None, where, sizes, closed["anchor"])
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise ConfigError(f"{where}: the alias *{event.anchor} stands within what it names.")
            _add(stack, sizes[event.anchor], None, where, sizes, None)
        elif isinstance(event, yaml.ScalarEvent):
            is_empty &= not stack and not event.value
            if not stack and event.value:
                raise ConfigError(
                    f"{where}: only {shown(event.value)}; a config holds keys and values: `key: value`."
                )
            _add(stack, 1, event.value, where, sizes, event.anchor)
    if is_empty:
        raise ConfigError(f"{path}: empty; a config holds keys and values: `key: value`.")


def _add(
    stack: list[dict], size: int, scalar: str | None, where: str, sizes: dict[str, int], anchor: str | None
) -> None:
    """Count a node in the collection that it stands in; refuse a key that is there already."""
    if anchor is not None:
        sizes[anchor] = size
    if not stack:
        return
    holder = stack[-1]
    if holder["keys"] is not None and holder["count"] % 2 == 0:
        if scalar is None:
            raise ConfigError(f"{where}: a key must be a word.")
        if scalar in holder["keys"]:
            raise ConfigError(f"{where}: the key {shown(scalar)} stands there twice.")
        holder["keys"].append(scalar)
    holder["count"] += 1
    holder["size"] += size
    if holder["size"] > _MOST_NODES:
        raise ConfigError(f"{where}: aliases stand for more than {_MOST_NODES} values.")


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else f", line {mark.line + 1}"


def _reason(error: yaml.YAMLError) -> str:
    said = getattr(error, "problem", None) or str(error)
    return " ".join(said.split())
