"""The error that a person reads when a config cannot be run."""

import difflib
from collections.abc import Sequence


class ConfigError(Exception):
    """A config that cannot be run: says what was given, what is allowed, and where."""


def reason_of(error: Exception) -> str:
    """Return the reason that the table gives for an error.

    Parameters
    ----------
    error : Exception
        What was raised.

    Returns
    -------
    str
        Its message. An error that does not come from a check has its type in front.
    """
    text, kind = str(error), type(error).__name__
    if isinstance(error, ValueError) and text:
        return text
    return f"{kind}: {text}" if text else kind


def check_choice(name: str, allowed: Sequence[str], what: str, where: str) -> str:
    """Return `name` if it is allowed.

    Parameters
    ----------
    name : str
        What was given.
    allowed : sequence of str
        What may be given.
    what : str
        What kind of thing it is: "model", "parameter".
    where : str
        The config key or file that it was given in.

    Returns
    -------
    str
        `name` itself.

    Raises
    ------
    ConfigError
        If `name` is not allowed; the message has the closest match and the whole list.
    """
    if name in allowed:
        return name
    close = difflib.get_close_matches(str(name), allowed, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ConfigError(f"{where}: unknown {what} {name!r}.{hint} Allowed: {', '.join(allowed)}.")
