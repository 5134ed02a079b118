"""What the rows of fits/index.json and draws/index.json must be like, so that a damaged one is not used."""

import math
from typing import Any

_COSTS = {"seconds", "model_bytes", "n_parameters"}


def fault_of_fit(row: dict[str, Any], recipe: dict[str, Any]) -> str:
    """Return what is wrong with a row of fits/index.json.

    Parameters
    ----------
    row : dict
        The row.
    recipe : dict
        How its draws are made (:meth:`genrates.workflow.job.CellJob.recipe`).

    Returns
    -------
    str
        Empty if nothing is.
    """
    if row.get("status") not in ("ok", "failed"):
        return _of(recipe, f"status {row.get('status')!r}; a fit is 'ok' or 'failed'")
    is_ok = row["status"] == "ok"
    wanted = {"n", "replicate", "status", "reason"} | (_COSTS if is_ok else set())
    if row.keys() != wanted:
        return _of(recipe, f"the keys {', '.join(sorted(row.keys() ^ wanted))} are missing or too many")
    if not isinstance(row["reason"], str) or bool(row["reason"]) == is_ok:
        return _of(recipe, f"status {row['status']!r} with the reason {row['reason']!r}")
    return next(
        (_of(recipe, f"{key} {row[key]!r}") for key in _COSTS & row.keys() if not _is_cost(row[key])), ""
    )


def fault_of_drawing(row: dict[str, Any], recipe: dict[str, Any]) -> str:
    """Return what is wrong with a row of draws/index.json.

    Parameters
    ----------
    row : dict
        The row.
    recipe : dict
        How its draws are made (:meth:`genrates.workflow.job.CellJob.recipe`).

    Returns
    -------
    str
        Empty if nothing is.
    """
    told = row.keys() - recipe.keys()
    if recipe.keys() - row.keys() or told not in (set(), {"seconds"}, {"reason"}, {"error"}):
        return _of(recipe, f"the keys {', '.join(sorted(row))}")
    if any(row[key] != value for key, value in recipe.items()):
        return _of(recipe, "draws by another seed or of another number")
    for key in told:
        if not (_is_cost(row[key]) if key == "seconds" else isinstance(row[key], str) and row[key]):
            return _of(recipe, f"{key} {row[key]!r}")
    return ""


def _of(recipe: dict[str, Any], fault: str) -> str:
    return f"n = {recipe['n']}, replicate {recipe['replicate']}: {fault}"


def _is_cost(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < math.inf
