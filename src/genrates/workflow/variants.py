"""Names of cells, as folders and as rows of a table."""

from typing import Any


def cell_label(model: str, changes: list[tuple[str, Any]]) -> str:
    """Folder name of a model with some of its parameters changed.

    >>> cell_label("kde", [("bandwidth", 0.3)])
    'kde-bandwidth=0.3'
    """
    return "-".join([model, *(f"{key}={_slug(value)}" for key, value in changes)])


def _slug(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "x".join(_slug(v) for v in value)
    return "".join(c if c.isalnum() or c in "._+-" else "_" for c in str(value))
