"""A table of one's own: read, fitted, sampled, scored, compared."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import parametrize_with_checks

from genrates.cli import main
from genrates.errors import ConfigError
from genrates.estimators import DensityOutlierDetector, load, save
from genrates.own.candidates import candidates_for
from genrates.own.column import look_at
from genrates.own.comparing import compare
from genrates.own.ranking import rank, split, spread
from genrates.own.table import read_table
from genrates.own.transformed import TransformedDensity
from genrates.own.worker import try_model


@parametrize_with_checks([DensityOutlierDetector(), TransformedDensity()])
def test_scikit_learn_accepts_them(estimator, check):
    check(estimator)


@settings(max_examples=25, deadline=None)
@given(
    cells=st.lists(st.tuples(*[st.integers(-(10**6), 10**6)] * 2), min_size=12, max_size=30),
    delimiter=st.sampled_from(",;\t|"),
    comma=st.booleans(),
    header=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_is_read(tmp_path_factory, cells, delimiter, comma, header, encoding):
    values = np.array(cells) / 1000
    values[:2] = [[0.125, -7.5], [3.25, 1.375]]  # both columns vary and have decimals
    comma = comma and delimiter != ","
    texts = [delimiter.join(f"{v:.3f}".replace(".", "," if comma else ".") for v in row) for row in values]
    lines = [delimiter.join(["höhe", "b"])] * header + texts
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    table = read_table(path, columns=["höhe", "b"] if header else ["x1", "x2"])
    assert np.array_equal(table.values, values)
    assert (table.dialect.delimiter, table.dialect.decimal) == (delimiter, "," if comma else ".")
    for j, column in enumerate(table.columns):
        written = column.write(table.values[:, j], table.dialect.decimal)
        assert [float(text.replace(",", ".")) for text in written] == values[:, j].tolist()


def _mixed(n=40):
    rng = np.random.default_rng(0)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), "D")
    frame = pd.DataFrame({"wait": rng.exponential(size=n), "count": rng.poisson(4, n), "day": day})
    return frame.assign(who="a", same=7)


def test_what_is_left_out_is_counted(tmp_path):
    frame = _mixed().astype({"wait": object})
    frame.loc[3, "wait"] = "error"
    frame.to_csv(tmp_path / "t.csv")
    table = read_table(tmp_path / "t.csv")
    assert table.names == ["wait", "count", "day"]
    assert table.lines[:4].tolist() == [2, 3, 4, 6]
    assert [left.split(":")[0] for left in table.left_out] == [
        "column ''",
        "column 'who'",
        "1 of 40 rows with holes or text (in 'wait' 1)",
        "column 'same'",
    ]
    assert [c.kind for c in table.columns] == ["number", "whole", "date"]
    assert table.columns[1].support() == (-0.5, None)
    assert table.columns[2].write(table.values[:1, 2]) == [str(frame.day[0].date())]
    with pytest.raises(ConfigError, match="--strict: would leave out column ''"):
        read_table(tmp_path / "t.csv", strict=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("a,b\nx,y\n", "no column of numbers"),
        ("a\n1\n2\n", "2 complete rows"),
        ("a,a\n1,2\n3,4\n", "two columns are called 'a'"),
        ("a,b\n1,2\n1,2,3\n", "is no table"),
    ],
)
def test_a_bad_table_is_refused_in_one_line(tmp_path, text, said):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(SystemExit, match=said) as refused:
        main(["fit", str(tmp_path / "t.csv")])
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "t.genrates").exists()


def test_exponential_waiting_times_reach_the_truth():
    X = np.random.default_rng(0).exponential(size=(2000, 1))
    columns = [look_at("wait", X[:, 0], 16, None)]
    assert (columns[0].lower, columns[0].upper) == (0.0, None)
    train, test = split(len(X))
    tried = [c for c in candidates_for(columns) if c.family.name in ("gaussian", "kde", "log_concave")]
    ranking = rank([try_model(c.name, X[train], X[test], columns) for c in tried], len(train))
    # The truth has -mean(x) on the same rows: no chance is involved but in what is learned.
    assert ranking.log_likelihood[0] == pytest.approx(-X[test].mean(), abs=0.02)
    assert ranking.set_index("model").log_likelihood["gaussian"] < -1.3
    assert not ranking.set_index("model").no_worse["gaussian"]


def test_a_transformed_density_integrates_to_one_and_is_kept(tmp_path):
    rng = np.random.default_rng(0)
    cases = [(rng.exponential(size=300), (0, None), False), (rng.beta(2, 3, 300), (0, 1), False)]
    cases += [(-rng.exponential(size=300), (None, 0), False), (rng.standard_t(2, 300), (None, None), True)]
    for x, bounds, heavy in cases:
        model = TransformedDensity(bounds=[bounds], heavy=[heavy]).fit(x[:, None])
        ends = [b if b is not None else s * 400.0 for b, s in zip(bounds, (-1, 1), strict=True)]
        grid = np.linspace(*ends, 400_001)[:, None]
        assert np.trapezoid(np.exp(model.score_samples(grid)), grid[:, 0]) == pytest.approx(1, abs=0.01)
        save(model, tmp_path / "m.safetensors")
        again = load(tmp_path / "m.safetensors")
        assert np.array_equal(again.score_samples(grid[:9]), model.score_samples(grid[:9]))


def test_ties_are_spread_within_their_step():
    values = np.random.default_rng(0).poisson(4, (200, 1)).astype(float)
    column = look_at("count", values[:, 0], 0, None)
    assert np.array_equal(np.rint(spread(values, [column])), values)


def test_two_tables_are_told_apart_where_they_differ(tmp_path):
    frame = _mixed(400)
    frame[:200].to_csv(tmp_path / "a.csv", index=False)
    frame[200:].assign(wait=frame.wait + 1).to_csv(tmp_path / "b.csv", index=False)
    a, b = (read_table(tmp_path / f"{name}.csv") for name in "ab")
    found = compare(a, b)
    assert found.p_value < 0.01
    assert found.columns.column[0] == "wait"
    assert compare(a, a).p_value > 0.9


def test_fit_score_and_sample_from_the_command_line(tmp_path, capsys):
    _mixed(120).to_csv(tmp_path / "t.csv", index=False)
    folder = tmp_path / "t.genrates"
    main(["fit", str(tmp_path / "t.csv"), "--models", "gaussian", "--quantile", "0.05"])
    names = ["rank", "model", "log_likelihood", "se", "no_worse", "fit_seconds", "status", "reason"]
    assert list(pd.read_csv(folder / "ranking.csv").columns) == names
    scores = pd.read_csv(folder / "scores.csv")
    assert scores.anomaly.sum() == 6
    assert scores.odd_columns.notna().sum() == 6
    assert list(pd.read_csv(folder / "samples.csv").columns) == ["wait", "count", "day", "same"]
    assert 'src="data:image/png' in (folder / "report.html").read_text()
    capsys.readouterr()
    main(["sample", str(folder), "--n", "5", "--seed", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[1].split(",")[1].isdigit()
    (tmp_path / "new.csv").write_text("wait,count,day\n1,4,2024-02-01\n500,4,2024-02-01\n,4,2024-02-01\n")
    main(["score", str(folder), str(tmp_path / "new.csv")])
    new = pd.read_csv(tmp_path / "new.scores.csv")
    assert new.anomaly.fillna(-1).tolist() == [0, 1, -1]
    assert new.odd_columns[1] == "wait"
    about = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**about, "columns": 3}))
    with pytest.raises(SystemExit, match="damaged"):
        main(["sample", str(folder)])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(SystemExit, match="no folder of an earlier fit"):
        main(["fit", str(tmp_path / "t.csv"), "--out", str(tmp_path / "other")])


def test_whole_numbers_that_pandas_writes_as_floats_stay_whole(tmp_path):
    """And a column in steps of a fifth has draws in steps of a fifth."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"count": rng.poisson(30, 200).astype(float), "mark": rng.integers(1, 30, 200) / 5})
    frame.to_csv(tmp_path / "t.csv", index=False)
    count, mark = read_table(tmp_path / "t.csv").columns
    assert (count.kind, count.step) == ("whole", 1.0)
    assert mark.step == pytest.approx(0.2)
    assert count.write(np.array([29.7])) == ["30.0"]
    assert mark.write(np.array([3.33, 0.09])) == ["3.4", "0.0"]
