"""What a column is like, as far as it matters to a density: rounding, bounds, tails, ties."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genrates.estimators._numerics.rounding import rounding_of

_MANY = 0.05  # share of tied rows that is worth a word
_NORMAL_REACH = 4.58  # (q99.9 - q0.1) / (q75 - q25) of a normal; of Student's t with 3 degrees of freedom 13


@dataclass(frozen=True)
class Column:
    """Facts about one column.

    Attributes
    ----------
    name : str
        Its name.
    unit : float
        The step that all values are multiples of where values repeat; 0 where they do not.
    is_whole : bool
        Whether all values are whole numbers.
    lower, upper : float or None
        Where the column seems to end: at 0, or at 1 or 100 if it lies between 0 and that.
    is_heavy : bool
        Whether its extremes lie much further out than a normal's.
    tied : float
        Share of the rows whose value is that of another row.
    """

    name: str
    unit: float
    is_whole: bool
    lower: float | None
    upper: float | None
    is_heavy: bool
    tied: float


def remarks(columns: Sequence[Column]) -> list[str]:
    """Return what a person is told of the columns, each kind of fact in one line.

    Parameters
    ----------
    columns : sequence of Column

    Returns
    -------
    list of str
    """
    rounded = [
        f"{c.name} (whole numbers)" if c.unit == 1 and c.is_whole else f"{c.name} ({c.unit:g})"
        for c in columns
        if c.unit
    ]
    bounded = [f"{c.name} ({_ends(c)})" for c in columns if _ends(c)]
    found = {
        "rounded, so spread evenly over the rounding before learning (else spikes would win), and draws are "
        "rounded back": rounded,
        "many rows repeat a value of another row": [
            f"{c.name} ({c.tied:.0%})" for c in columns if c.tied > _MANY and not c.unit
        ],
        "bounded, so models that respect the bounds are tried as well": bounded,
        "heavy tails, so models on a logarithmic scale of the tails are tried as well": [
            c.name for c in columns if c.is_heavy
        ],
    }
    return [f"{what}: {', '.join(names)}" for what, names in found.items() if names]


def _ends(column: Column) -> str:
    ends = [
        f">= {column.lower:g}" if column.lower is not None else "",
        f"<= {column.upper:g}" if column.upper is not None else "",
    ]
    return ", ".join(filter(None, ends))


def facts_of(name: str, x: np.ndarray) -> Column:
    """Return the facts about a column.

    Parameters
    ----------
    name : str
        Its name.
    x : ndarray of shape (n,)
        Its values, not all equal.

    Returns
    -------
    Column

    Examples
    --------
    >>> facts_of("count", np.array([0.0, 3.0, 1.0, 1.0, 2.0, 0.0])).unit
    1.0
    >>> facts_of("share", np.array([0.1, 0.25, 0.71, 0.93])).upper
    1.0
    """
    low, high = float(x.min()), float(x.max())
    distinct = np.unique(x)
    upper = next((end for end in (1.0, 100.0) if low >= 0 and 0.5 * end < high <= end), None)
    lower = 0.0 if low >= 0 and (upper is not None or low < 0.1 * (high - low)) else None
    q = np.quantile(x, [0.001, 0.25, 0.75, 0.999])
    spread = q[2] - q[1]
    reach = (q[3] - q[0]) / spread if spread > 0 else np.inf
    return Column(
        name=name,
        unit=float(rounding_of(x, None)),
        is_whole=bool(np.all(x == np.rint(x))),
        lower=lower,
        upper=upper,
        is_heavy=bool(reach > 2 * _NORMAL_REACH),
        tied=1 - len(distinct) / len(x) if len(distinct) < len(x) else 0.0,
    )
