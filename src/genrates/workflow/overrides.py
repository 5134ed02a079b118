"""Write settings as Hydra's overrides: how a job of the pipeline is repeated by hand."""

import re
import shlex
from typing import Any

# Hydra reads these words, bare, as something else than text.
_NOT_TEXT = {"true", "false", "null", "nan", "inf"}


def to_overrides(settings: dict[str, Any]) -> str:
    """Return overrides as one types them in a shell.

    Parameters
    ----------
    settings : dict
        Config keys and their values.

    Returns
    -------
    str
        Quoted for Hydra, and for the shell, where either needs it.

    Examples
    --------
    >>> print(to_overrides({"model.bandwidth": 0.3, "cell.variant": "kde-bandwidth=0.3", "sizes": [10, 20]}))
    model.bandwidth=0.3 'cell.variant="kde-bandwidth=0.3"' 'sizes=[10,20]'
    """
    return " ".join(map(shlex.quote, override_list(settings)))


def override_list(settings: dict[str, Any]) -> list[str]:
    """Return overrides as Hydra takes them, not quoted for a shell.

    Parameters
    ----------
    settings : dict
        Config keys and their values.

    Returns
    -------
    list of str
        KEY=VALUE.
    """
    return [f"{key}={_as_override(value)}" for key, value in settings.items()]


def _as_override(value: Any) -> str:
    """Return a value as Hydra reads it."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_as_override(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_as_override, value)) + "]"
    if isinstance(value, str):
        is_plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", value) and value.lower() not in _NOT_TEXT
        return value if is_plain else _quoted(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)


def _quoted(text: str) -> str:
    """Return a text in Hydra's quotes: a backslash counts only where backslashes lead to a quote."""
    return '"' + re.sub(r'(\\*)("|\Z)', lambda m: m[1] * 2 + (m[2] and '\\"'), text) + '"'
