"""A table is read in whatever common way it is written; what is left out is told."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from genrates.errors import ConfigError
from genrates.own.reading import read_table

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 4))


@settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking writes thousands of files
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=12, unique=True),
    sep=st.sampled_from([",", ";", "\t", "|"]),
    comma=st.booleans(),
    header=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_what_pandas_writes_is_read_back(tmp_path, rows, sep, comma, header, encoding):
    frame = pd.DataFrame(rows, columns=["größe", "y"])
    frame = frame.loc[:, np.ptp(frame.to_numpy(), axis=0) > 0]
    comma = (
        comma
        and sep != ","
        and (header or frame.shape[1] > 1)
        and not (frame == np.rint(frame)).all(axis=None)
    )
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False, sep=sep, decimal="," if comma else ".", header=header, encoding=encoding)
    table = read_table(path)
    np.testing.assert_allclose(table.values, frame.to_numpy())
    assert table.names == (list(frame) if header else [f"column_{j + 1}" for j in range(frame.shape[1])])
    assert table.left_out == []


def test_what_cannot_be_learned_from_is_left_out_and_counted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        ",day,who,x,empty,same,y\n0,2024-01-01,a,1,,7,0.25\n1,2024-01-02,b,,,7,0.5\n"
        "2,2024-01-03,c,3,,7,NA\n3,2024-01-04,d,4,,7,1\n4,2024-01-05,e,6,,7,2\n"
    )
    table = read_table(path)
    assert table.names == ["x", "y"]
    np.testing.assert_array_equal(table.values, [[1, 0.25], [4, 1], [6, 2]])
    assert table.lines.tolist() == [2, 5, 6]
    assert table.decimals == [0, 2]
    said = "; ".join(table.left_out)
    for part in (
        "only numbers the rows", "'day' holds dates", "'who' holds text (such as 'a')", "'empty' is empty",
        "2 rows with a hole (1 in 'x', 1 in 'y')", "'same' has one value, 7",
    ):  # fmt: skip
        assert part in said
    with pytest.raises(ConfigError, match=r"only numbers the rows.*--strict leaves nothing out"):
        read_table(path, strict=True)
    assert read_table(path, columns=["y", "x"]).names == ["y", "x"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"), ("a,b\n", "no rows below"), ("a,b\n1,2\n3\n", "line 3: 1 cells"),
        ("a\nx\ny\n", "no column of numbers"), ('a,b\n1,"2\n', "line 2"),
        ("a\n1\n1\n1\n", "no column of numbers varies"), ("a,b\n1,\n2,\n,3\n", "0 rows without a hole"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_one_line(tmp_path, text, said):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"t\.csv") as error:
        read_table(path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_a_folder_and_a_picture_are_refused(tmp_path):
    (tmp_path / "p.csv").write_bytes(b"\x89PNG\0\0\0")
    for name, said in (("none.csv", "No such file"), ("", "directory"), ("p.csv", "not a text file")):
        with pytest.raises(ConfigError, match=said):
            read_table(tmp_path / name)
    (tmp_path / "t.csv").write_text("a\n1\n2\n")
    with pytest.raises(ConfigError, match="no column 'b'; there are a"):
        read_table(tmp_path / "t.csv", columns=["b"])
