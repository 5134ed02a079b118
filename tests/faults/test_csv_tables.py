"""CSV files as people have them: read to the last bit, or refused in one line that says what to do."""

import os
import stat

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from genrates.data import CsvTable
from genrates.data.csv_table import read_numbers
from genrates.data.numerals import is_numeral, read_numeral
from genrates.errors import ConfigError
from genrates.workflow.targets import make


def refusal(folder, content: str | bytes, error=ValueError, **more) -> str:
    """The one line with which a file is refused, without the name of its folder."""
    path = folder / "my table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(error) as refused:
        CsvTable(path=str(path), **{"test_fraction": 0.5, **more})
    message = str(refused.value).replace(f"{folder}/", "")
    assert "\n" not in message
    assert len(message) < 400
    return message


def rows(folder, content: str | bytes, **more) -> list[list[float]]:
    """The rows of a file that is accepted, in its own order."""
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_numbers(str(path), more.get("columns"), more.get("delimiter", ","))[0].tolist()


# -- columns that nobody measured -----------------------------------------------------------------


FRAME = pd.DataFrame({"height": [1.5, 2.5, 3.5], "weight": [4.0, 5.0, 7.0]})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (FRAME.to_csv(), "column 1 has no name"),
        (FRAME.rename(index=str).to_csv(), "column 1 has no name"),
        (
            FRAME.assign(**{"Unnamed: 0": range(3)})[["Unnamed: 0", *FRAME]].to_csv(index=False),
            "'Unnamed: 0'",
        ),
        (FRAME.reset_index().to_csv(index=False), "'index' only numbers the rows"),
        (FRAME.to_csv(index_label="id"), "'id' only numbers the rows"),
        ("height,weight,\n1,2,\n3,5,\n", "column 3 has no name"),
    ],
)
def test_row_numbers_are_no_feature(tmp_path, text, named):
    """Before: they were the first feature. The message's own way out is accepted."""
    message = refusal(tmp_path, text)
    assert message.startswith("my table.csv: column")
    assert named in message
    assert "data.columns=[height, weight]" in message
    assert len(rows(tmp_path, text, columns=["height", "weight"])[0]) == 2


def test_row_numbers_that_a_person_lists_are_used(tmp_path):
    assert rows(tmp_path, "id,a\n0,1\n1,5\n", columns=["id"]) == [[0], [1]]
    assert rows(tmp_path, "id,a\n7,1\n9,5\n") == [[7, 1], [9, 5]], "numbers, but not those of the rows"


def test_columns_are_a_list_of_names(tmp_path):
    """Before: `data.columns=xy` was read letter by letter."""
    text = "x,y,xy\n1,2,3\n4,5,6\n"
    assert "must be a list of names, such as [xy], got 'xy'" in refusal(tmp_path, text, columns="xy")
    assert "must be a list of names" in refusal(tmp_path, text, columns=5)
    assert "must hold names, got 2" in refusal(tmp_path, text, columns=["x", 2])
    assert "names 'x' twice" in refusal(tmp_path, text, columns=["x", "x"])
    assert "two columns have the same name 'x'" in refusal(tmp_path, "x,x,y\n1,2,3\n4,5,6\n")
    assert rows(tmp_path, "x,x,y\n1,2,3\n4,5,6\n", columns=["y"]) == [[3], [6]]
    assert rows(tmp_path, text, columns=["xy"]) == [[3], [6]]


# -- cells ----------------------------------------------------------------------------------------


def test_a_column_keeps_its_empty_cells(tmp_path):
    """Before: an empty line of a one-column file was dropped, and the table was one row shorter."""
    assert "line 3, column 'x': an empty cell" in refusal(tmp_path, "x\n1\n\n3\n4\n")
    assert "line 3, column 'x': an empty cell" in refusal(tmp_path, 'x\n1\n""\n3\n4\n')
    missing = pd.DataFrame({"x": [1.0, np.nan, 3.0]}).to_csv(index=False)
    assert "line 3, column 'x': an empty cell" in refusal(tmp_path, missing)
    assert rows(tmp_path, "x,y\n1,2\n\n3,4\n\n") == [[1, 2], [3, 4]], (
        "no cell is lost with an empty line here"
    )


@pytest.mark.parametrize(
    "cell", ["1_000", "0x10", "0b1", "1e1_0", "\uff11\uff12", "\u0661", "1j", "1d5", "True", "1 000", "1.2.3"]
)
def test_numerals_of_other_languages_are_no_numbers(tmp_path, cell):
    assert f"line 3, column 'y': '{cell}' is not a number" in refusal(tmp_path, f"x,y\n1,2\n3,{cell}\n")


@pytest.mark.parametrize(
    "cell", ["nan", "NaN", "-nan", "NA", "N/A", "<NA>", "NULL", "None", "inf", "-Infinity", "1e400"]
)
def test_words_for_what_is_not_finite_are_refused_by_name(tmp_path, cell):
    assert f"line 3, column 'y': '{cell}' is not a finite number" in refusal(
        tmp_path, f"x,y\n1,2\n3,{cell}\n"
    )


def test_a_decimal_comma_is_refused(tmp_path):
    assert "'1,5' is not a number; allowed are" in refusal(tmp_path, 'x,y\n1,"1,5"\n2,3\n')
    assert "'1,5' is not a number" in refusal(tmp_path, "x;y\n1;1,5\n2;3\n", delimiter=";")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1e5", 1e5),
        ("+5", 5),
        (".5", 0.5),
        ("5.", 5),
        (" 7\t", 7),
        ("-0.0", -0.0),
        ("1E-3", 1e-3),
        ("5e-324", 5e-324),
    ],
)
def test_decimal_numbers_are_read(cell, value):
    assert np.float64(read_numeral(cell)).tobytes() == np.float64(value).tobytes()


def test_whole_numbers_are_kept_or_refused(tmp_path):
    """Before: 2^53 + 1 was read as 2^53, without a word."""
    message = refusal(tmp_path, "id,x\n9007199254740993,1\n2,3\n")
    assert "line 2, column 'id': '9007199254740993' has more digits than a float64 keeps" in message
    assert "would become 9007199254740992" in message
    for exact in (2**53, 2**53 + 2, -(2**60), 10**22, 2**1000):
        assert read_numeral(str(exact)) == exact
        assert read_numeral(f"{exact}.000") == exact
    for rounded in (2**53 + 1, -(2**60) - 1, 10**23, 2**1000 + 1):
        with pytest.raises(ValueError, match="has more digits"):
            read_numeral(str(rounded))
    with pytest.raises(ValueError, match="would be rounded to 0"):
        read_numeral("1e-400")
    assert read_numeral("0e-400") == 0


@seed(19)
@settings(max_examples=500, deadline=None)
@given(st.text(max_size=8) | st.from_regex(r"[-+]?[0-9_.eE+xX]{1,8}", fullmatch=True))
def test_what_counts_as_a_number_is_a_subset_of_what_python_reads(cell):
    """A cell has the value that Python gives its text, or none."""
    try:
        value = read_numeral(cell)
    except ValueError:
        return
    assert is_numeral(cell)
    assert value == float(cell)
    assert set(cell.strip(" \t")) <= set("0123456789+-.eE")


# -- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('x,y\n1,"2\n3,4\n5,6\n', 'my table.csv, line 2: a quote (") is never closed.'),
        ('x,"y\n1,2\n3,4\n', 'my table.csv, line 1: a quote (") is never closed.'),
        ('x,y\n1,"2"3\n3,4\n', "my table.csv, line 2: text between a closing quote"),
        ('x,y\n1,"' + "2\n" * 100_000, "my table.csv, line 2: a cell of more than 131072 characters"),
        (
            "x,größe\n1,2\n3,4\n".encode("latin-1"),
            "my table.csv, line 1: not a text file in UTF-8 (byte 0xf6)",
        ),
        (b"x,y\n1,2\n3,4 \x80\n", "my table.csv, line 3: not a text file in UTF-8 (byte 0x80)"),
        ("x,y\n1,2\n3,4\n".encode("utf-16"), "my table.csv: not a text file in UTF-8 but in UTF-16"),
        (
            "x,y\n1,2\n3,4\n".encode("utf-16-le"),
            "my table.csv, line 1: NUL characters; is the file in UTF-16?",
        ),
        ("", "my table.csv: empty; the first line must name the columns."),
        ("\n", "my table.csv, line 1: an empty line; it must name the columns."),
        ("\nx,y\n1,2\n", "my table.csv, line 1: an empty line; it must name the columns."),
        ("x,y\n", "my table.csv: no rows below the line of column names."),
        ("x,y", "my table.csv: no rows below the line of column names."),
        ("x,y\n1,2\n3,4,5\n", "my table.csv, line 3: 3 cells under 2 column names."),
        ("x,y\n1,2\n3\n", "my table.csv, line 3: 1 cells under 2 column names."),
        ("x,y,x\n1,2,3\n", "my table.csv: two columns have the same name 'x'; there are x, y, x."),
        ("1,2\n3,4\n", "my table.csv: the first line holds numbers; it must name the columns."),
        ("1,NaN\n3,4\n", "my table.csv: the first line holds numbers; it must name the columns."),
        ("x;y\n1;2\n3;4\n", "Then say 'data.delimiter=\";\"'"),
        ("x;y\n1,5;2,5\n", "Then say 'data.delimiter=\";\"'"),
        ("x\ty\n1\t2\n3\t4\n", "Then say 'data.delimiter=\"tab\"'"),
        ("x|y\n1|2\n3|4\n", "Then say 'data.delimiter=\"|\"'"),
        ("x,y\n1,2\n", "1 rows cannot be split with test_fraction=0.5"),
    ],
)
def test_a_broken_file_is_refused_in_one_line(tmp_path, content, words):
    assert words in refusal(tmp_path, content)


def test_a_byte_order_mark_and_other_line_ends_are_read(tmp_path):
    for content in (
        b"\xef\xbb\xbfx,y\n1,2\n3,4\n",
        b"x,y\r\n1,2\r\n3,4\r\n",
        b"x,y\r1,2\r3,4",
        b'\xef\xbb\xbf"x","y"\n1,2\n"3","4"\n',
    ):
        assert rows(tmp_path, content, columns=["x", "y"]) == [[1, 2], [3, 4]]
    for delimiter, character in ((";", ";"), ("tab", "\t"), (r"\t", "\t"), ("|", "|"), (" ", " ")):
        text = "x,y\n1,2\n3,4\n".replace(",", character)
        assert rows(tmp_path, text, delimiter=delimiter) == [[1, 2], [3, 4]]


@pytest.mark.parametrize("delimiter", ["", ",,", "\n", '"', ".", "1", "e", "-", None, 5])
def test_a_delimiter_is_one_character(tmp_path, delimiter):
    assert "data.delimiter" in refusal(tmp_path, "x,y\n1,2\n3,4\n", delimiter=delimiter)


@pytest.mark.parametrize("fraction", [0, 1, -0.5, "half", None, True, float("nan")])
def test_a_fraction_is_a_number_between_0_and_1(tmp_path, fraction):
    message = refusal(tmp_path, "x,y\n1,2\n3,4\n", test_fraction=fraction)
    assert f"test_fraction must lie strictly between 0 and 1, got {fraction!r}" in message


def test_what_is_no_file_is_named(tmp_path):
    """Before: a folder was "not there", a pipe hung for ever, a number was a file descriptor."""
    os.mkfifo(tmp_path / "pipe")
    for path, words in (
        (tmp_path, "is a folder; data.path must name a file"),
        (tmp_path / "pipe", "is a pipe or device"),
        ("/dev/zero", "is a pipe or device"),
        (tmp_path / ("x" * 300), "cannot be read: File name too long"),
        (0, "must be the name of a file, got 0"),
        (None, "must be the name of a file, got None"),
    ):
        with pytest.raises(ValueError, match="CsvTable: ") as refused:
            CsvTable(path=path)
        assert words in str(refused.value)
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "nowhere.csv", tmp_path / "file" / "x.csv", "", "a\0b"):
        with pytest.raises(FileNotFoundError, match=r"there is no file .*data\.path"):
            CsvTable(path=str(path))


def test_a_file_that_may_not_be_read_is_named(tmp_path):
    """In a child process without rights, since a superuser may read everything."""
    path, hidden = tmp_path / "secret.csv", tmp_path / "hidden"
    path.write_text("x,y\n1,2\n3,4\n")
    path.chmod(0)
    hidden.mkdir(mode=0)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            said = []
            for name in (path, hidden / "table.csv"):
                try:
                    CsvTable(path=str(name))
                except ValueError as error:
                    said.append(str(error))
            endings = [
                f"{name} cannot be read: Permission denied (data.path)."
                for name in (path, hidden / "table.csv")
            ]
            status = 0 if said == [f"CsvTable: {ending}" for ending in endings] else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    hidden.chmod(0o700)


def test_a_config_is_refused_in_the_same_words(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('x,y\n1,"2\n')
    with pytest.raises(
        ConfigError, match=r"^conf/data/csv.yaml: .*table\.csv, line 2: a quote \(\"\) is never closed\.$"
    ):
        make({"_target_": "genrates.data.CsvTable", "path": str(path)}, "conf/data/csv.yaml")


# -- what pandas writes ---------------------------------------------------------------------------


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
EXACT = st.integers(-(2**53), 2**53)
NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from(",;\"\n'|"), min_size=1, max_size=6
).map(lambda name: f"c{name}c")


@st.composite
def frames(draw) -> pd.DataFrame:
    """Columns of floats and whole numbers with any names."""
    n = draw(st.integers(1, 5))
    columns = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    kinds = [draw(st.sampled_from([FLOATS, EXACT])) for _ in columns]
    return pd.DataFrame(
        {
            name: draw(st.lists(kind, min_size=n, max_size=n))
            for name, kind in zip(columns, kinds, strict=True)
        }
    )


@seed(19)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames(), st.sampled_from([",", ";", "\t", "|"]), st.booleans())
def test_what_pandas_writes_comes_back_bit_for_bit(tmp_path, frame, delimiter, with_mark):
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False, sep=delimiter, encoding="utf-8-sig" if with_mark else "utf-8")
    table, names = read_numbers(str(path), None, delimiter)
    assert names == list(frame)
    assert table.tobytes() == frame.to_numpy(dtype=np.float64).tobytes()
    some = list(frame)[::-1][:2]
    table, names = read_numbers(str(path), some, delimiter)
    assert names == some
    assert table.tobytes() == np.ascontiguousarray(frame[some], dtype=np.float64).tobytes()
