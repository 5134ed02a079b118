"""One column of a table: what its cells mean, and how a number is written back."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from genrates.errors import ConfigError
from genrates.estimators._numerics.rounding import rounding_of

#: ways to write a date, most exact first; "day first" before "month first"
_DATES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%d.%m.%Y %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
)
_EPOCH = pd.Timestamp("1970-01-01")
#: more decimals than this are the computer's, not a person's rounding
_MOST_DECIMALS = 9
_FEW = 0.9  # a column is one of numbers if so many of its filled cells are
_NEARLY_WHOLE = 1e-6
_TIED = 0.05  # so many rows that share their value make a column one of steps


@dataclass(frozen=True)
class Column:
    """What is known of a column.

    Attributes
    ----------
    name : str
    kind : {"number", "whole", "date", "constant"}
    decimals : int or None
        Digits after the decimal sign; None where a number is written in full.
    step : float or None
        Distance of neighboring values, where many rows share theirs: the data are spread evenly over
        a step before a density is fitted.
    lower, upper : float or None
        Bounds of the values, given or seen.
    heavy : bool
        Whether the tails are heavier than an exponential's.
    format : str or None
        How a date is written; values are days, or seconds, since 1970.
    value : float or None
        The value of a constant column.
    """

    name: str
    kind: str = "number"
    decimals: int | None = None
    step: float | None = None
    lower: float | None = None
    upper: float | None = None
    heavy: bool = False
    format: str | None = None
    value: float | None = None

    def as_dict(self) -> dict:
        """Return the plain values that a file keeps.

        Returns
        -------
        dict
        """
        return asdict(self)

    def read(self, cells: pd.Series, decimal: str) -> np.ndarray:
        """Return the values of cells, NaN for what is none.

        Parameters
        ----------
        cells : Series of str
        decimal : {".", ","}

        Returns
        -------
        ndarray of shape (n,)
        """
        return read_dates(cells, self.format) if self.format else read_numbers(cells, decimal)

    def write(self, values: np.ndarray, decimal: str = ".") -> list[str]:
        """Return values as this column writes them: its rounding, its type.

        Parameters
        ----------
        values : ndarray of shape (n,)
        decimal : {".", ","}, default="."

        Returns
        -------
        list of str
        """
        if self.format:
            unit = "s" if "%H" in self.format else "D"
            whole = np.rint(values).astype("int64")
            return [t.strftime(self.format) for t in _EPOCH + pd.to_timedelta(whole, unit=unit)]
        if self.decimals is None:
            texts = [repr(float(v)) for v in values]
        else:
            texts = [f"{v:.{self.decimals}f}" for v in self.rounded(values)]
        return texts if decimal == "." else [text.replace(".", ",") for text in texts]

    def rounded(self, values: np.ndarray) -> np.ndarray:
        """Return values rounded as this column's are.

        Parameters
        ----------
        values : ndarray of shape (n,)

        Returns
        -------
        ndarray of shape (n,)
        """
        if self.format or self.decimals is None:
            return np.rint(values) if self.format else values
        whole = values if self.step is None else np.rint(values / self.step) * self.step
        return np.round(whole, self.decimals) + 0.0  # no -0

    def support(self) -> tuple[float | None, float | None]:
        """Return the interval that the density may fill: the bounds, half a step wider.

        Returns
        -------
        tuple of two floats or None
        """
        half = (self.step or 0.0) / 2
        lower = None if self.lower is None else self.lower - half
        return lower, None if self.upper is None else self.upper + half

    def said(self) -> str:
        """Return in words what was seen in the column.

        Returns
        -------
        str
        """
        words = {"number": "numbers", "whole": "whole numbers", "date": "dates", "constant": "one value"}
        parts = [words[self.kind]]
        if self.kind == "number" and self.decimals is not None:
            parts.append(f"{self.decimals} decimals")
        if self.step is not None:
            parts.append(f"ties (spread over steps of {self.step:g})")
        if self.lower is not None or self.upper is not None:
            low = "" if self.lower is None else f"{self.lower:g}"
            high = "" if self.upper is None else f"{self.upper:g}"
            parts.append(f"bounds [{low or '-inf'}, {high or 'inf'}]")
        if self.heavy:
            parts.append("heavy tails")
        return ", ".join(parts)


def read_numbers(cells: pd.Series, decimal: str) -> np.ndarray:
    """Return the numbers of cells, NaN where there is none.

    Parameters
    ----------
    cells : Series of str
    decimal : {".", ","}

    Returns
    -------
    ndarray of shape (n,)
    """
    if decimal == ",":
        cells = cells.mask(cells.str.contains(".", regex=False, na=False)).str.replace(",", ".", regex=False)
    values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def read_dates(cells: pd.Series, form: str) -> np.ndarray:
    """Return dates as days since 1970, or seconds where they have a time.

    Parameters
    ----------
    cells : Series of str
    form : str
        How they are written, as `strftime` has it.

    Returns
    -------
    ndarray of shape (n,)
        NaN for what is no date.
    """
    times = pd.to_datetime(cells.str.strip(), format=form, errors="coerce")
    unit = pd.Timedelta(1, "s" if "%H" in form else "D")
    return ((times - _EPOCH) / unit).to_numpy(dtype=np.float64, na_value=np.nan)


def find_date_format(cells: pd.Series) -> str | None:
    """Return how the dates of a column are written, None where they are none.

    Parameters
    ----------
    cells : Series of str
        Filled cells.

    Returns
    -------
    str or None
    """
    some = cells.iloc[:: max(1, len(cells) // 1000)]
    if not len(some) or not some.str.contains(r"\d[-/.:]\d", regex=True).mean() >= _FEW:
        return None
    for form in _DATES:
        if np.mean(np.isfinite(read_dates(some, form))) >= _FEW:
            return form
    return None


def mostly_numbers(values: np.ndarray, filled: np.ndarray) -> bool:
    """Return whether a column is one of numbers.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Numbers of its cells, NaN where there is none.
    filled : ndarray of bool of shape (n,)
        Whether a cell holds anything.

    Returns
    -------
    bool
    """
    return bool(filled.any()) and np.mean(np.isfinite(values[filled])) >= _FEW


def look_at(name: str, values: np.ndarray, decimals: int, form: str | None, bounds=None) -> Column:
    """Return what is seen in a column.

    Parameters
    ----------
    name : str
    values : ndarray of shape (n,)
        Finite.
    decimals : int
        Most digits after the decimal sign.
    form : str or None
        How its dates are written.
    bounds : pair of floats or None, optional
        Bounds that the person gives.

    Returns
    -------
    Column

    Raises
    ------
    ConfigError
        If values lie outside the bounds that are given.
    """
    if bounds is not None:
        outside = [
            b
            for b, beyond in zip(bounds, (np.less, np.greater), strict=True)
            if b is not None and beyond(values, b).any()
        ]
        if outside:
            raise ConfigError(
                f"--bounds {name}: values from {values.min():g} to {values.max():g} lie "
                f"beyond {outside[0]:g}."
            )
    low, high = float(values.min()), float(values.max())
    if low == high:
        return Column(
            name, "constant", None if decimals > _MOST_DECIMALS else decimals, format=form, value=low
        )
    decimals_kept = 0 if form else None if decimals > _MOST_DECIMALS else decimals
    is_whole = decimals == 0 or bool(np.all(values == np.rint(values)))  # pandas writes 3 as 3.0
    kind = "date" if form else "whole" if is_whole else "number"
    distinct = len(np.unique(values))
    # Whole numbers have no density of their own, whether they repeat or not.
    tied = distinct < (1 - _TIED) * len(values) or kind in ("whole", "date")
    step = _step(values, decimals_kept, kind) if tied and decimals_kept is not None else None
    if bounds is None:
        bounds = (None, None) if form else _bounds_seen(values, near=1.0 if kind == "whole" else 0.25)
        if step is None and low in bounds and np.sum(values == low) > 1:
            bounds = (None, bounds[1])  # the density would be infinite on an edge that rows lie on
    return Column(
        name, kind, decimals_kept, step, bounds[0], bounds[1], not form and _heavy(values), format=form
    )


def _step(values: np.ndarray, decimals: int, kind: str) -> float:
    """Return the step that all values are multiples of: the last decimal, or a larger one that is seen."""
    last = 1.0 if kind == "whole" else 10.0**-decimals
    seen = rounding_of(values, None)
    multiples = values / seen if seen > last else np.empty(0)
    is_larger = seen > last and bool(np.all(np.abs(multiples - np.rint(multiples)) < _NEARLY_WHOLE))
    return float(seen) if is_larger else last


def _bounds_seen(values: np.ndarray, near: float) -> tuple[float | None, float | None]:
    """Return the ends that the data come near: 0 if none is negative, 1 or 100 for shares and percents."""
    low, high = float(values.min()), float(values.max())
    if low < 0 or low > near * np.std(values):
        return None, None
    for top in (1.0, 100.0):
        if 0.9 * top <= high <= top and low <= 0.1 * top and len(values) >= 50:
            return 0.0, top
    return 0.0, None


def _heavy(values: np.ndarray) -> bool:
    """Return whether the middle 99 % are wider than 6 interquartile ranges (normal: 3.8)."""
    q = np.quantile(values, [0.005, 0.25, 0.75, 0.995])
    inner = q[2] - q[1]
    return bool(len(values) >= 200 and inner > 0 and (q[3] - q[0]) / inner > 6)


def most_decimals(cells: pd.Series, decimal: str) -> int:
    """Return the most digits after the decimal sign in a column.

    Parameters
    ----------
    cells : Series of str
        Numbers.
    decimal : {".", ","}

    Returns
    -------
    int
        A large number where exponents are written.
    """
    if cells.str.contains("e", case=False, regex=False).any():
        return _MOST_DECIMALS + 1
    after = cells.str.partition(decimal)[2]
    return int(after.str.strip().str.len().max())
