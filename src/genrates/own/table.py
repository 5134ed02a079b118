"""Read a table of one's own: what is used, what is left out, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from genrates.errors import ConfigError, hint
from genrates.own.column import (
    Column,
    find_date_format,
    look_at,
    most_decimals,
    mostly_numbers,
    read_dates,
    read_numbers,
)
from genrates.own.dialect import Dialect, find_dialect

_INDEX_NAMES = {"", "index", "level_0", "id", "row", "rownames", "row_names"}
_MOST_EMPTY = 0.5  # a column with a larger share of holes is left out instead of its rows
_FEWEST_ROWS = 10


@dataclass
class OwnTable:
    """The numbers of a table, and how it was read.

    Attributes
    ----------
    values : ndarray of shape (n_rows, n_columns)
        Numbers of the columns that vary, in the rows without holes.
    columns : list of Column
        Those columns.
    constants : list of Column
        Columns of one value, which no density needs.
    order : list of str
        Names of both, as in the file.
    lines : ndarray of shape (n_rows,)
        Line of the file, from 1, of each row; an empty line or a quoted line break shifts it.
    dialect : Dialect
    left_out : list of str
        What is left out, one sentence each, with its count.
    """

    values: np.ndarray
    columns: list[Column]
    constants: list[Column]
    order: list[str]
    lines: np.ndarray
    dialect: Dialect
    left_out: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Names of the columns that vary.

        Returns
        -------
        list of str
        """
        return [column.name for column in self.columns]


def read_table(
    path: str | Path,
    *,
    columns: Sequence[str] | None = None,
    bounds: Mapping[str, tuple] | None = None,
    strict: bool = False,
    delimiter: str | None = None,
    decimal: str | None = None,
) -> OwnTable:
    """Read a table to fit a density to.

    Parameters
    ----------
    path : str or Path
        A CSV file.
    columns : sequence of str, optional
        Columns to use; default: all that hold numbers or dates and do not number the rows.
    bounds : mapping of str to (low, high), optional
        Bounds of columns, None for an open side; default: as seen.
    strict : bool, default=False
        Refuse the table where anything would be left out.
    delimiter, decimal : str, optional
        Default: found.

    Returns
    -------
    OwnTable

    Raises
    ------
    ConfigError
        If the file cannot be read, holds too few rows or nothing to fit, or `strict` finds something.
    """
    frame, dialect = read_cells(path, delimiter, decimal)
    names = _chosen(path, frame, columns)
    left_out, read, forms = [], {}, {}
    for name in names:
        cells = frame[name]
        values, forms[name], why = _meaning(cells, dialect.decimal)
        if why is None and columns is None and _numbers_rows(name, values, name == frame.columns[0]):
            why = "it only numbers the rows"
        if why is None:
            read[name] = values
        else:
            left_out.append(f"column {name!r}: {why}")
    if not read:
        said = "; ".join(left_out)
        raise ConfigError(f"{str(path)!r}: no column of numbers is left to fit ({said}).")
    whole = np.column_stack(list(read.values()))
    complete = np.isfinite(whole).all(axis=1)
    if gaps := int(np.sum(~complete)):
        where = ", ".join(
            f"{n!r} {np.sum(~np.isfinite(v))}" for n, v in read.items() if not np.isfinite(v).all()
        )
        left_out.append(f"{gaps} of {len(frame)} rows with holes or text (in {where})")
    if strict and left_out:
        raise ConfigError(f"{str(path)!r}, --strict: would leave out {'; '.join(left_out)}.")
    if complete.sum() < _FEWEST_ROWS:
        raise ConfigError(
            f"{str(path)!r}: {complete.sum()} complete rows; at least {_FEWEST_ROWS} are "
            "needed to fit and to judge."
        )
    lines = np.flatnonzero(complete) + 1 + dialect.header
    seen = []
    for j, name in enumerate(read):
        decimals = 0 if forms[name] else most_decimals(frame[name][complete], dialect.decimal)
        seen.append(look_at(name, whole[complete, j], decimals, forms[name], (bounds or {}).get(name)))
    for name in bounds or {}:
        if name not in read:
            raise ConfigError(
                f"--bounds: no column {name!r}{hint(name, list(read))} Used are: {', '.join(read)}."
            )
    varies = [c.kind != "constant" for c in seen]
    if not any(varies):
        raise ConfigError(
            f"{str(path)!r}: every column has one value in all rows; there is no density to fit."
        )
    constants = [c for c in seen if c.kind == "constant"]
    left_out += [f"column {c.name!r}: one value, {c.value:g}, in all rows" for c in constants]
    if strict and constants:
        raise ConfigError(f"{str(path)!r}, --strict: would leave out {'; '.join(left_out)}.")
    return OwnTable(
        whole[complete][:, varies],
        [c for c in seen if c.kind != "constant"],
        constants,
        list(read),
        lines,
        dialect,
        left_out,
    )


def read_cells(
    path: str | Path, delimiter: str | None = None, decimal: str | None = None
) -> tuple[pd.DataFrame, Dialect]:
    """Read the cells of a table as text.

    Parameters
    ----------
    path : str or Path
    delimiter, decimal : str, optional
        Default: found.

    Returns
    -------
    frame : DataFrame of str
        One column a name; empty cells are "".
    dialect : Dialect

    Raises
    ------
    ConfigError
        If the file is no table, or names a column twice.
    """
    found = find_dialect(path)
    delimiter = "\t" if delimiter in ("tab", r"\t") else delimiter
    for name, given in (("--delimiter", delimiter), ("--decimal", decimal)):
        if given is not None and (len(given) != 1 or (name == "--decimal" and given not in ".,")):
            allowed = 'one character, or "tab"' if name == "--delimiter" else '"." or ","'
            raise ConfigError(f"{name} must be {allowed}, got {given!r}.")
    dialect = Dialect(found.encoding, delimiter or found.delimiter, decimal or found.decimal, found.header)
    if dialect.delimiter == dialect.decimal:
        raise ConfigError(f"--delimiter and --decimal are both {dialect.decimal!r}; they must differ.")
    try:
        frame = pd.read_csv(
            path,
            sep=dialect.delimiter,
            encoding=dialect.encoding,
            header=None,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            index_col=False,
            skip_blank_lines=True,
            quotechar='"',
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeError) as error:
        said = str(error).replace("Error tokenizing data. C error: ", "").strip()
        raise ConfigError(f"{str(path)!r} is no table: {said}.") from None
    frame = frame.fillna("")
    width = frame.shape[1]
    if dialect.header:
        names = [name.strip() for name in frame.iloc[0]]
        frame = frame.iloc[1:].reset_index(drop=True)
    else:
        names = ["x"] if width == 1 else [f"x{j + 1}" for j in range(width)]
    if repeated := [name for name in names if name and names.count(name) > 1]:
        raise ConfigError(f"{str(path)!r}: two columns are called {repeated[0]!r}; names must differ.")
    unnamed = iter(["", *(f"column {j}" for j in range(2, width + 2))])
    frame.columns = [name or next(unnamed) for name in names]
    return frame, dialect


def _chosen(path, frame: pd.DataFrame, columns: Sequence[str] | None) -> list[str]:
    """Return the names of the columns to look at."""
    if columns is None:
        return list(frame.columns)
    for name in columns:
        if name not in frame.columns:
            listed = ", ".join(map(repr, frame.columns[:20]))
            raise ConfigError(f"{str(path)!r}: no column {name!r} (--columns); there are {listed}.")
    return list(dict.fromkeys(columns))


def _meaning(cells: pd.Series, decimal: str) -> tuple[np.ndarray, str | None, str | None]:
    """Return the values of a column, how its dates are written, and why it is left out, if it is."""
    stripped = cells.str.strip()
    filled = (stripped != "").to_numpy()
    values, form = read_numbers(stripped, decimal), None
    if not filled.any():
        return values, None, "empty"
    if not mostly_numbers(values, filled):
        form = find_date_format(stripped[filled])
        if form is None:
            words = stripped[filled & ~np.isfinite(values)]
            return values, None, f"text in {len(words)} of {len(cells)} rows, such as {words.iloc[0][:40]!r}"
        values = read_dates(stripped, form)
    if np.mean(~np.isfinite(values)) > _MOST_EMPTY:
        return values, form, f"holes in {np.sum(~np.isfinite(values))} of {len(cells)} rows"
    return values, form, None


def _numbers_rows(name: str, values: np.ndarray, first: bool) -> bool:
    """Return whether a column only counts the rows: 0, 1, 2, ... under such a name, or in the first place."""
    counts = len(values) > 2 and np.isfinite(values).all() and bool(np.all(np.diff(values) == 1))
    return counts and (first or name.lower() in _INDEX_NAMES)
