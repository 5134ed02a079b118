"""Read a table of one's own as it is: what cannot be learned from is left out, counted, and told."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from genrates.data.numerals import is_empty_or_not_finite, is_numeral
from genrates.errors import ConfigError

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_LOOKED_AT = 200  # lines that decide about delimiter, decimal sign and header
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+(?:[eE][+-]?[0-9]+)?")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}:\d{2}")
#: names, in lower case, of columns that often number the rows; pandas calls its own "Unnamed: 0"
_ROW_NUMBERS = {"index", "level_0", "id", "row", "rownames", "row_names", ""}
_ALL_DIGITS = 17
_MOSTLY = 0.5  # a column is one of numbers if more than this share of its cells that are not empty are


@dataclass
class OwnTable:
    """The numbers of a table, and what was found and left out on the way to them.

    Attributes
    ----------
    path : Path
        The file.
    values : ndarray of shape (n_rows, n_columns)
        Rows without a hole.
    names : list of str
        Names of the columns.
    lines : ndarray of shape (n_rows,)
        Where each row begins in the file, counted from 1.
    decimals : list of int
        Largest number of digits behind the point in each column.
    found : list of str
        How the file is written: encoding, delimiter, decimal sign, header.
    left_out : list of str
        What was left out, each with its count and reason.
    """

    path: Path
    values: np.ndarray
    names: list[str]
    lines: np.ndarray
    decimals: list[int]
    found: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_table(
    path: str | Path,
    *,
    strict: bool = False,
    columns: Sequence[str] | None = None,
    keep_constants: bool = False,
) -> OwnTable:
    """Read a table in whatever common way it is written.

    Encoding (UTF-8, UTF-16, else Windows-1252), delimiter (comma, semicolon, tab, bar), decimal sign and
    header are found. Columns of text, dates, row numbers and a single value are left out, and then rows with
    a hole.

    Parameters
    ----------
    path : str or Path
        The file.
    strict : bool, default=False
        Refuse a table of which something would be left out.
    columns : sequence of str, optional
        Columns to use, in this order; default: all that hold numbers.
    keep_constants : bool, default=False
        Keep columns of one value, and tables of one row: to be scored, not learned from.

    Returns
    -------
    OwnTable

    Raises
    ------
    ConfigError
        If there is no such file, it is no table, a column that was asked for cannot be used, nothing is left,
        or, with `strict`, something would be left out.
    """
    path = Path(path)
    text, encoding = _text(path)
    delimiter = _delimiter(text)
    records, lines = _records(path, text, delimiter)
    has_header = _has_header(records)
    names = _names(records[0]) if has_header else [f"column_{j + 1}" for j in range(len(records[0]))]
    body, lines = (records[1:], lines[1:]) if has_header else (records, lines)
    if not body:
        raise ConfigError(f"{path}: no rows below the line of column names.")
    cells = pd.DataFrame(body, columns=range(len(names)), dtype=object)
    is_comma = delimiter != "," and _writes_decimal_commas(cells)
    header = "the first line names the columns" if has_header else "no line of names"
    table = OwnTable(path, np.empty((0, 0)), [], np.array(lines), [])
    table.found = [
        encoding,
        f"{_DELIMITERS[delimiter]} between cells",
        f"decimal {'comma' if is_comma else 'point'}",
    ]
    table.found += [header, f"{len(body)} rows, {len(names)} columns"]
    _fill(table, cells, names, columns, is_comma)
    if not keep_constants:
        _leave_out_constants(table)
    if strict and table.left_out:
        raise ConfigError(f"{path}: {'; '.join(table.left_out)} (--strict leaves nothing out).")
    return table


# -- how the file is written --------------------------------------------------------------------------


def _text(path: Path) -> tuple[str, str]:
    """Return the file's text, and the name of its encoding."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace"), "UTF-16"
    if b"\0" in raw[:4096]:
        raise ConfigError(f"{path}: not a text file; save the table as CSV.")
    try:
        return raw.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), "Windows-1252 (not UTF-8)"


def _delimiter(text: str) -> str:
    """Return the character that divides the first lines into most cells, the same number in each."""
    lines = [line for line in text.splitlines()[:_LOOKED_AT] if line.strip()]

    def evenness(delimiter: str) -> tuple[bool, bool, bool, float, int]:
        rows = list(csv.reader(lines, delimiter=delimiter))
        counts = [len(row) for row in rows] or [0]
        is_even, divides = len(set(counts)) == 1, counts[0] > 1
        numbers = np.mean([_is_number(cell.strip()) for row in rows for cell in row] or [0])
        return is_even and divides, divides, is_even, float(numbers), max(counts)

    return max(_DELIMITERS, key=evenness)


def _records(path: Path, text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the records that are not empty, and the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records, lines, line = [], [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) or (cells and len(records) and len(records[0]) == 1):
                records.append([cell.strip() for cell in cells])
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(f"{path}, line {line}: {error}.") from None
    if not records:
        raise ConfigError(f"{path}: the file is empty.")
    for record, at in zip(records, lines, strict=True):
        if len(record) != len(records[0]):
            raise ConfigError(
                f"{path}, line {at}: {len(record)} cells, where the first line has {len(records[0])}."
            )
    return records, lines


def _has_header(records: list[list[str]]) -> bool:
    """Return whether the first record names columns: it has no number above a column of numbers."""
    first, rest = records[0], records[1 : _LOOKED_AT + 1]
    if not rest:
        return not any(_is_number(cell) for cell in first)
    above = [cell for j, cell in enumerate(first) if any(_is_number(row[j]) for row in rest)]
    return not any(_is_number(cell) for cell in (above or first))


def _names(first: list[str]) -> list[str]:
    """Return the names, made different from each other."""
    names: list[str] = []
    for name in first:
        again = sum(other == name or other.startswith(f"{name}.") for other in names)
        names.append(f"{name}.{again}" if name in names else name)
    return names


def _is_number(cell: str) -> bool:
    return is_numeral(cell) or _DECIMAL_COMMA.fullmatch(cell) is not None


def _writes_decimal_commas(cells: pd.DataFrame) -> bool:
    """Return whether numbers are written with a decimal comma, and none with a point."""
    looked_at = [cell for cell in cells.head(_LOOKED_AT).to_numpy().ravel() if cell]
    commas = sum(_DECIMAL_COMMA.fullmatch(cell) is not None for cell in looked_at)
    return commas > sum("." in cell and is_numeral(cell) for cell in looked_at)


# -- what it holds ------------------------------------------------------------------------------------


def _fill(
    table: OwnTable, cells: pd.DataFrame, names: list[str], asked: Sequence[str] | None, is_comma: bool
):
    """Set values, names, lines, decimals and what was left out."""
    if missing := [name for name in asked or () if name not in names]:
        raise ConfigError(f"{table.path}: no column {missing[0]!r}; there are {', '.join(names)}.")
    kept: dict[str, np.ndarray] = {}
    for name in asked or names:
        j = names.index(name)
        column = cells[j].str.replace(",", ".", regex=False) if is_comma else cells[j]
        why = _why_not(column, name, asked is not None)
        if why is None:
            kept[name] = _numbers(column)
            table.decimals.append(_decimals(column))
        elif asked is not None:
            raise ConfigError(f"{table.path}: column {name!r} {why}.")
        else:
            table.left_out.append(f"column {name or j + 1!r} {why}")
    if not kept:
        raise ConfigError(f"{table.path}: no column of numbers; {'; '.join(table.left_out)}.")
    values = np.column_stack(list(kept.values()))
    whole = np.isfinite(values).all(axis=1)
    if not whole.all():
        holes = ", ".join(
            f"{(~np.isfinite(v)).sum()} in {n!r}" for n, v in kept.items() if not np.isfinite(v).all()
        )
        table.left_out.append(f"{(~whole).sum()} rows with a hole ({holes})")
    table.values, table.names, table.lines = values[whole], list(kept), table.lines[whole]


def _why_not(column: pd.Series, name: str, was_asked_for: bool) -> str | None:
    """Return why a column cannot be learned from, or None."""
    filled = column[~column.map(is_empty_or_not_finite)]
    if filled.empty:
        return "is empty"
    numbers = filled.map(is_numeral)
    if numbers.mean() <= _MOSTLY:
        kind = (
            "dates or times"
            if filled.head(_LOOKED_AT).map(lambda c: _DATE.match(c) is not None).all()
            else "text"
        )
        return f"holds {kind} (such as {filled.iloc[0][:30]!r})"
    if name.lower() in _ROW_NUMBERS or name.startswith("Unnamed:"):
        values = _numbers(column)
        if not was_asked_for and len(values) > 1 and bool(np.all(np.diff(values) == 1)):
            return "only numbers the rows"
    return None


def _numbers(column: pd.Series) -> np.ndarray:
    """Return the column as numbers; NaN where a cell is none."""
    return np.array([float(cell) if is_numeral(cell) else np.nan for cell in column])


def _decimals(column: pd.Series) -> int:
    """Return the largest number of digits behind the point; 17 where a number has an exponent."""
    cells = [cell for cell in column if is_numeral(cell)]
    if any("e" in cell.lower() for cell in cells):
        return _ALL_DIGITS
    return max((len(cell.partition(".")[2]) for cell in cells), default=0)


def _leave_out_constants(table: OwnTable) -> None:
    """Leave out columns of a single value; refuse a table of which no two rows are left."""
    if len(table.values) < 2:
        said = f"; {'; '.join(table.left_out)}" if table.left_out else ""
        raise ConfigError(f"{table.path}: {len(table.values)} rows without a hole{said}.")
    varies = np.ptp(table.values, axis=0) > 0
    table.left_out += [
        f"column {name!r} has one value, {value:g}"
        for name, value, keep in zip(table.names, table.values[0], varies, strict=True)
        if not keep
    ]
    if not varies.any():
        raise ConfigError(f"{table.path}: no column of numbers varies; {'; '.join(table.left_out)}.")
    table.values = table.values[:, varies]
    table.names = [name for name, keep in zip(table.names, varies, strict=True) if keep]
    table.decimals = [d for d, keep in zip(table.decimals, varies, strict=True) if keep]
