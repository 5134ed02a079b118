"""Data from the user's own CSV file."""

import csv
import math
from pathlib import Path

import numpy as np

from genrates.data.finite import FiniteData, split_rows


class CsvTable(FiniteData):
    r"""Rows of numbers from a CSV file whose first line names the columns.

    Parameters
    ----------
    path : str
        The file, in UTF-8.
    columns : list of str or None, default=None
        Names of the columns to use, in this order; None takes all.
    test_fraction : float, default=0.2
        Fraction of the rows that is held out, by a fixed random split.
    delimiter : str, default=","
        The character between two cells.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        For a missing column, or a cell that is empty, not a number, NaN or infinite. The message names file,
        line and column.

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

    def __init__(
        self, *, path: str, columns: list[str] | None = None, test_fraction: float = 0.2, delimiter: str = ","
    ):
        table, self.columns = read_numbers(path, columns, delimiter)
        train, test = split_rows(len(table), test_fraction, 0, f"CsvTable: {path}")
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
    if not Path(path).is_file():
        raise FileNotFoundError(f"CsvTable: there is no file {str(path)!r} (data.path).")
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            lines = csv.reader(stream, delimiter=delimiter)
            header = [name.strip() for name in next(lines, [])]
            names = _choose_columns(path, header, columns)
            positions = [header.index(name) for name in names]
            rows = []
            for cells in lines:
                if not cells:
                    continue
                if len(cells) != len(header):
                    raise ValueError(
                        f"{path}, line {lines.line_num}: {len(cells)} cells under {len(header)} column names."
                    )
                rows.append([_to_number(cells[j], path, lines.line_num, header[j]) for j in positions])
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not a text file in UTF-8 ({error}).") from None
    if not rows:
        raise ValueError(f"{path}: no rows below the line of column names.")
    return np.array(rows, dtype=np.float64), names


def _choose_columns(path: str, header: list[str], columns: list[str] | None) -> list[str]:
    """Return the names of the columns to read, after checking the header."""
    if not header:
        raise ValueError(f"{path}: empty; the first line must name the columns.")
    if all(_is_number(name) for name in header):
        raise ValueError(f"{path}: the first line holds numbers; it must name the columns.")
    if len(set(header)) != len(header):
        raise ValueError(f"{path}: two columns have the same name: {', '.join(header)}.")
    if columns is None:
        return header
    names = list(columns)
    missing = [name for name in names if name not in header]
    if missing or not names:
        what = ", ".join(repr(name) for name in missing) or "(an empty list)"
        raise ValueError(f"{path}: no column {what} (data.columns); there are {', '.join(header)}.")
    return names


def _is_number(cell: str) -> bool:
    """Return whether Python reads the cell as a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _to_number(cell: str, path: str, line: int, column: str) -> float:
    """Return the cell's finite number, or raise a ValueError that says where it stands."""
    try:
        value = float(cell)
    except ValueError:
        what = repr(cell) if cell.strip() else "an empty cell"
        raise ValueError(f"{path}, line {line}, column {column!r}: {what} is not a number.") from None
    if not math.isfinite(value):
        raise ValueError(f"{path}, line {line}, column {column!r}: {cell!r} is not a finite number.")
    return value
