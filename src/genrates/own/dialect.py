"""Find how a table is written: encoding, delimiter, decimal sign, header."""

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path

from genrates.data.numerals import is_empty_or_not_finite
from genrates.errors import ConfigError

_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_NUMBER = {
    ".": re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"),
    ",": re.compile(r"[+-]?([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?"),
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINES_READ = 200
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Dialect:
    """How a table is written.

    Attributes
    ----------
    encoding, delimiter, decimal : str
        As Python's codecs and `csv` name them; `decimal` is "." or ",".
    header : bool
        Whether the first line names the columns.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    header: bool = True

    def said(self) -> str:
        """Return the dialect in words.

        Returns
        -------
        str
        """
        head = "first line names the columns" if self.header else "no line of names"
        delimiter = _NAMES.get(self.delimiter, repr(self.delimiter))
        decimal = "point" if self.decimal == "." else "comma"
        return f"delimiter {delimiter}, decimal {decimal}, {self.encoding}, {head}"


def find_dialect(path: str | Path) -> Dialect:
    """Find how a file is written.

    Of all pairs of a delimiter and a decimal sign the one with the largest product is taken, of the share of
    lines with as many cells as the first and the share of cells that are numbers; then the one with more
    columns.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Dialect

    Raises
    ------
    ConfigError
        If the file is missing, empty or no text.
    """
    path = Path(path)
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as stream:
        lines = [line for _, line in zip(range(_LINES_READ), stream, strict=False)]
    if not any(line.strip() for line in lines):
        raise ConfigError(f"{str(path)!r} is empty; it must hold a table, one row a line.")
    if any("\0" in line for line in lines):
        raise ConfigError(f"{str(path)!r} is no text: it holds NUL characters; allowed is a CSV file.")
    best, dialect = (-1.0, -1.0, 0), None
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        for decimal in ".," if delimiter != "," else ".":
            widths = [len(row) for row in rows]
            even = widths.count(widths[0]) / len(widths)
            below = rows[1:] or rows
            numbers = _share_of_numbers(below, decimal)
            quality = (round(even * (0.01 + numbers), 3), even, widths[0])
            if quality > best:
                best, dialect = quality, Dialect(encoding, delimiter, decimal, _has_header(rows, decimal))
    if dialect is None:
        raise ConfigError(
            f"{str(path)!r} is no table that a CSV reader understands; is a quote never closed?"
        )
    return dialect


def is_number(cell: str, decimal: str) -> bool:
    """Return whether a cell is a number with this decimal sign.

    Parameters
    ----------
    cell, decimal : str

    Returns
    -------
    bool
    """
    return _NUMBER[decimal].fullmatch(cell.strip()) is not None


def _encoding(path: Path) -> str:
    """Return the encoding of a file: by its first bytes, else UTF-8 if it is that, else cp1252."""
    try:
        if path.is_dir():
            raise ConfigError(f"{str(path)!r} is a folder; a CSV file is needed.")
        with path.open("rb") as stream:
            first = stream.read(4)
            for mark, name in _MARKS:
                if first.startswith(mark):
                    return name
            stream.seek(0)
            decoder = codecs.getincrementaldecoder("utf-8")()
            while block := stream.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    except OSError as error:
        raise ConfigError(f"{str(path)!r} cannot be read: {error.strerror}.") from None
    return "utf-8"


def _share_of_numbers(rows: list[list[str]], decimal: str) -> float:
    filled = [cell for row in rows for cell in row if not is_empty_or_not_finite(cell)]
    return sum(is_number(cell, decimal) for cell in filled) / len(filled) if filled else 0.0


def _has_header(rows: list[list[str]], decimal: str) -> bool:
    """Return whether the first row holds names: no number in it, or a number below each of its words."""
    first = [cell for cell in rows[0] if not is_empty_or_not_finite(cell)]
    return bool(first) and not any(is_number(cell, decimal) for cell in first)
