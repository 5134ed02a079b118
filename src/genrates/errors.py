"""What a person reads when a config cannot be run: what was given, what is allowed, and where."""

import difflib


class ConfigError(Exception):
    """A config that cannot be run: says what was given, what is allowed, and where."""


def check_choice(name: str, allowed: list[str], what: str, where: str) -> str:
    """`name` if it is one of `allowed`; else a ConfigError with the closest match and the whole list."""
    if name in allowed:
        return name
    close = difflib.get_close_matches(str(name), allowed, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ConfigError(f"{where}: unknown {what} {name!r}.{hint} Allowed: {', '.join(allowed)}.")
