"""Data from the user's own CSV file."""

import csv
import os
import re
import stat
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from genrates.data.finite import FiniteData, split_rows
from genrates.data.numerals import is_empty_or_not_finite, is_numeral, read_numeral
from genrates.errors import shown

#: the name that pandas gives a column without a name
_UNNAMED = re.compile(r"Unnamed: \d+(_level_\d+)?")
#: names, in lower case, of columns that often number the rows
_ROW_NUMBERS = {"index", "level_0", "id", "row", "rownames", "row_names"}
_SHOWN_NAMES = 20


class CsvTable(FiniteData):
    r"""Rows of numbers from a CSV file whose first line names the columns.

    A cell holds decimal digits with an optional sign, point and exponent. Whatever else stands in a column
    that is used is refused, and so is a column of row numbers that nobody asked for.

    Parameters
    ----------
    path : str
        The file, in UTF-8.
    columns : list of str or None, default=None
        Names of the columns to use, in this order; None takes all.
    test_fraction : float, default=0.2
        Fraction of the rows that is held out, by a fixed random split.
    delimiter : str, default=","
        The character between two cells; "tab" is a tabulator.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        For a file that cannot be read or is malformed, a missing column, or a cell that is empty, not a
        number, NaN or infinite. The message names file, line and column.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "table.csv")
    ...     _ = path.write_text("x,y,who\n1,2,a\n3,4,b\n5,6,c\n7,8,d\n")
    ...     data = CsvTable(path=str(path), columns=["x", "y"], test_fraction=0.25)
    >>> data.points.shape, data.test_points.shape
    ((3, 2), (1, 2))
    """

    #: parameters that name a file of one's own: results are made again when its content changes
    file_parameters = ("path",)

    def __init__(
        self, *, path: str, columns: list[str] | None = None, test_fraction: float = 0.2, delimiter: str = ","
    ):
        table, self.columns = read_numbers(path, columns, delimiter)
        train, test = split_rows(len(table), test_fraction, 0, f"CsvTable: {_shown(path)}")
        super().__init__(points=table[train], test_points=table[test])
        self.path, self.test_fraction = str(path), float(test_fraction)


def read_numbers(path: str, columns: list[str] | None, delimiter: str = ",") -> tuple[np.ndarray, list[str]]:
    """Read columns of numbers from a CSV file.

    Parameters
    ----------
    path : str
        The file, in UTF-8.
    columns : list of str or None
        Names of the columns to read; None reads all.
    delimiter : str, default=","
        The character between two cells; "tab" is a tabulator.

    Returns
    -------
    table : ndarray of shape (n_rows, n_columns)
    names : list of str
        Names of the columns.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        For a malformed file, as :class:`CsvTable`.
    """
    _check_columns(columns)
    delimiter = _check_delimiter(delimiter)
    _check_file(path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            table, names = _read(stream, _shown(path), columns, delimiter)
    except UnicodeDecodeError:
        raise ValueError(_wrong_encoding(path)) from None
    except OSError as error:
        raise ValueError(f"CsvTable: {_shown(path)} cannot be read: {error.strerror} (data.path).") from None
    if columns is None and len(names) > 1:
        _refuse_row_numbers(_shown(path), table, names)
    return table, names


# -- what a person gives ------------------------------------------------------------------------------


def _check_columns(columns: Sequence[str] | None) -> None:
    """Raise a ValueError unless `columns` is None or a list of names."""
    if columns is None:
        return
    if isinstance(columns, str):
        raise ValueError(
            f"CsvTable: columns (data.columns) must be a list of names, such as [{columns}], "
            f"got {shown(columns)}."
        )
    if not isinstance(columns, Sequence) or isinstance(columns, bytes):
        raise ValueError(f"CsvTable: columns (data.columns) must be a list of names, got {shown(columns)}.")
    if not columns:
        raise ValueError(
            f"CsvTable: columns (data.columns) must name a column or be null, got {shown(columns)}."
        )
    for name in columns:
        if not isinstance(name, str):
            raise ValueError(
                f"CsvTable: columns (data.columns) must hold names, got {shown(name)} in {shown(columns)}; "
                f'quote it if it is one: "{shown(name)}".'
            )
        if list(columns).count(name) > 1:
            raise ValueError(f"CsvTable: columns (data.columns) names {name!r} twice.")


def _check_delimiter(delimiter: str) -> str:
    """Return the delimiter as a character, or raise a ValueError for what cannot stand between numbers."""
    character = "\t" if delimiter in ("tab", r"\t") else delimiter
    if not isinstance(character, str) or len(character) != 1 or re.match(r'[\w\r\n".+-]', character):
        raise ValueError(
            'CsvTable: delimiter (data.delimiter) must be one character such as "," or ";" or the word tab, '
            f"got {shown(delimiter)}."
        )
    return character


def _check_file(path: str) -> None:
    """Raise an error unless `path` is a file that can be opened."""
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"CsvTable: path (data.path) must be the name of a file, got {shown(path)}.")
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise FileNotFoundError(f"CsvTable: there is no file {str(path)!r} (data.path).") from None
    except OSError as error:
        raise ValueError(f"CsvTable: {_shown(path)} cannot be read: {error.strerror} (data.path).") from None
    if stat.S_ISDIR(mode):
        raise ValueError(f"CsvTable: {_shown(path)} is a folder; data.path must name a file.")
    if not stat.S_ISREG(mode):
        # The file is read more than once, and a pipe or device may have no end.
        raise ValueError(f"CsvTable: {_shown(path)} is a pipe or device; data.path must name a file.")


# -- what a file holds --------------------------------------------------------------------------------


def _read(stream, path: str, columns: Sequence[str] | None, delimiter: str) -> tuple[np.ndarray, list[str]]:
    """Return the numbers and names of the columns."""
    records = _records(stream, path, delimiter)
    _, first = next(records, (0, None))
    header = _check_header(path, first)
    names = _choose_columns(path, header, columns, delimiter)
    positions = [header.index(name) for name in names]
    values = array("d")
    for line, cells in records:
        if not cells:
            # An empty line is no row, but in a table of one column it is also an empty cell.
            if len(header) > 1:
                continue
            cells = [""]
        if len(cells) != len(header):
            raise ValueError(
                f"{path}, line {line}: {len(cells)} cells under {len(header)} column names"
                f"{_other_delimiter(header, delimiter)}."
            )
        for j in positions:
            try:
                values.append(read_numeral(cells[j]))
            except ValueError as error:
                hint = _other_delimiter(header, delimiter)
                raise ValueError(f"{path}, line {line}, column {header[j]!r}: {error}{hint}.") from None
    if not values:
        raise ValueError(f"{path}: no rows below the line of column names.")
    return np.array(values, dtype=np.float64).reshape(-1, len(names)), names


def _records(stream, path: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each record, and the number of the line on which it begins."""
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(f"{path}, line {line}: {_reason(error)}.") from None
        yield line, cells


def _reason(error: csv.Error) -> str:
    """Return in plain words what the parser of the standard library complains of."""
    if "unexpected end of data" in str(error):
        return 'a quote (") is never closed'
    if "expected after" in str(error):
        return 'text between a closing quote (") and the next delimiter'
    if "field limit" in str(error):
        return f'a cell of more than {csv.field_size_limit()} characters; is a quote (") never closed?'
    return f"not CSV: {error}"


def _check_header(path: str, first: list[str] | None) -> list[str]:
    """Return the names in the first line, or raise a ValueError if it holds none."""
    if first is None:
        raise ValueError(f"{path}: empty; the first line must name the columns.")
    if not first:
        raise ValueError(f"{path}, line 1: an empty line; it must name the columns.")
    if any("\0" in name for name in first):
        raise ValueError(f"{path}, line 1: NUL characters; is the file in UTF-16? Save it as UTF-8.")
    if any(map(is_numeral, first)) and all(is_numeral(n) or is_empty_or_not_finite(n) for n in first):
        raise ValueError(f"{path}: the first line holds numbers; it must name the columns.")
    return [name.strip() for name in first]


def _choose_columns(path: str, header: list[str], columns: Sequence[str] | None, delimiter: str) -> list[str]:
    """Return the names of the columns to read."""
    names = header if columns is None else list(columns)
    missing = [name for name in names if name not in header]
    if missing or not names:
        what = ", ".join(map(repr, missing)) or "(an empty list)"
        hint = _other_delimiter(header, delimiter)
        raise ValueError(f"{path}: no column {what} (data.columns); there are {_listed(header)}{hint}.")
    for j, name in enumerate(names if columns is None else ()):
        if not name or _UNNAMED.fullmatch(name):
            said = repr(name) if name else f"{j + 1} has no name; it"
            rest = [other for other in header if other and not _UNNAMED.fullmatch(other)]
            raise ValueError(
                f"{path}: column {said} may hold the row numbers that pandas writes. Write the table with "
                f"to_csv(index=False), or choose columns: data.columns=[{_listed(rest)}]."
            )
    if repeated := [name for name in names if header.count(name) > 1]:
        raise ValueError(
            f"{path}: two columns have the same name {repeated[0]!r}; there are {_listed(header)}."
        )
    return names


def _refuse_row_numbers(path: str, table: np.ndarray, names: list[str]) -> None:
    """Raise a ValueError if the first column has a name and values that only count the rows."""
    first = table[:, 0]
    counts = len(table) > 1 and first[0] in (0, 1) and bool(np.all(np.diff(first) == 1))
    if counts and names[0].lower() in _ROW_NUMBERS:
        raise ValueError(
            f"{path}: column {names[0]!r} only numbers the rows. Leave it out: "
            f"data.columns=[{_listed(names[1:])}]; a column that is listed there is used."
        )


def _wrong_encoding(path: str) -> str:
    """Return the message for a file that is not UTF-8, with the first line that is not."""
    with open(path, "rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
                    return f"{_shown(path)}: not a text file in UTF-8 but in UTF-16; save it as UTF-8."
                byte = f"byte 0x{line[error.start]:02x}"
                return f"{_shown(path)}, line {number}: not a text file in UTF-8 ({byte}); save it as UTF-8."
    return f"{_shown(path)}: not a text file in UTF-8; save it as UTF-8."


def _other_delimiter(header: list[str], delimiter: str) -> str:
    """Return a hint, where the header was not split and holds a character that often stands between cells."""
    if len(header) == 1:
        for character, name in ((";", '";"'), ("\t", '"tab"'), ("|", '"|"'), (",", '","')):
            if character != delimiter and character in header[0]:
                return f" (is the delimiter {name}? Then say 'data.delimiter={name}')"
    return ""


def _listed(names: Sequence[str]) -> str:
    """Return names in one line, the first of many."""
    shown = ", ".join(name if name.isprintable() else repr(name) for name in names[:_SHOWN_NAMES])
    more = len(names) - _SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _shown(path: str | Path) -> str:
    """Return a file's name in one line."""
    return str(path) if str(path).isprintable() else repr(str(path))
