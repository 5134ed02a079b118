"""Settings as the words of a command: how a job of the pipeline is repeated by hand."""

import json
import re
import shlex
from typing import Any

# Hydra reads these words, bare, as something else than text.
_NOT_TEXT = {"true", "false", "null", "nan", "inf"}


def to_overrides(settings: dict[str, Any]) -> str:
    """Overrides as one types them in a shell: quoted for Hydra, and for the shell, where either needs it.

    >>> print(hydra_words({"model.bandwidth": 0.3, "label": "kde-bandwidth=0.3", "sizes": [10, 20]}))
    model.bandwidth=0.3 'label="kde-bandwidth=0.3"' 'sizes=[10,20]'
    """
    return " ".join(shlex.quote(f"{key}={_override_value(value)}") for key, value in settings.items())


def _override_value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_override_value(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_override_value, value)) + "]"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z_][\w.-]*", value) and value.lower() not in _NOT_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False)
