"""The comparison table: read from runs, written for reading, printed, and put into the report."""

import math
import re

import pandas as pd
import pytest

from genrates.analysis.results import Experiment
from genrates.reporting import comparison, report
from genrates.reporting import terminal as show
from genrates.reporting.comparison import COLUMNS, markdown, short_table
from genrates.tracking import store as tracking
from genrates.tracking.record import Run
from genrates.tracking.store import Runs, open_store, read_runs
from genrates.workflow.plan import Plan

PARAMS = {
    "experiment": "x",
    "data_name": "d",
    "label": "m",
    "metrics": "root_mise, kl",
    "n_min": "100",
    "n_max": "1000",
    "replicates": "5",
    "model.metadata.type": "Parametric",
    "model.metadata.method": "M",
    "model.metadata.tuning": "T",
}
TITLES = {"digits_binary": "Digits (binarized by threshold)"}
METRICS = [
    ("root_mise", 0.2, 100),
    ("root_mise", 0.1, 1000),
    ("error_se.root_mise", 0.01, 1000),
    ("rate.root_mise", 0.301, 1000),
    ("rate_low.root_mise", 0.25, 1000),
    ("rate_high.root_mise", 0.35, 1000),
    ("rate_theory.root_mise", 0.5, 1000),
    ("kl", 0.7, 100),  # it failed at 1000
    ("fit_seconds", 0.001, 1000),
]
TAGS = {
    "genrates.verdict.root_mise": "slower",
    "genrates.status.root_mise": "ok",
    "genrates.theory.root_mise": "n^(-1/2)",
    "genrates.verdict.kl": "failed",
    "genrates.status.kl": "failed",
    "genrates.reason.kl": "infinite <here> | there",
    "genrates.limitation": "biased",
}


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> pd.DataFrame:
    results = tmp_path_factory.mktemp("results")
    run = Run("x/d/m", "d/m", "hash", PARAMS, TAGS, METRICS)
    run_id = Runs(open_store(results), "x", results).log(run)
    found = comparison.table_of(read_runs(results, "x"), ["x/d/m"])
    assert set(found["run_id"]) == {run_id}
    with pytest.raises(RuntimeError, match="no run of x/d/other"):
        comparison.table_of(read_runs(results, "x"), ["x/d/m", "x/d/other"])
    return found


def test_a_row_for_each_metric_with_the_columns_that_were_agreed(table):
    assert list(table.columns) == COLUMNS
    assert list(table["metric"]) == ["root_mise", "kl"]
    first = table.iloc[0]
    assert (first["experiment"], first["data"], first["model"]) == ("x", "d", "m")
    assert (first["n_min"], first["n_max"], first["replicates"]) == (100, 1000, 5)
    assert (first["error_n_max"], first["error_se"], first["rate"]) == (0.1, 0.01, 0.301)
    assert (first["verdict"], first["theory"], first["limitation"]) == ("slower", "n^(-1/2)", "biased")
    assert first["fit_seconds"] == 0.001
    assert math.isnan(first["rate_exact"])


def test_a_metric_that_failed_at_the_largest_size_has_no_error_there(table):
    """Its last error belongs to a smaller n."""
    failed = table.iloc[1]
    assert (failed["verdict"], failed["status"]) == ("failed", "failed")
    assert math.isnan(failed["error_n_max"])
    assert math.isnan(failed["rate"])


def test_the_table_for_reading(table):
    lines = markdown(table, "Title", TITLES).splitlines()
    assert lines[0] == "# Title"
    assert lines[2].startswith("| data | model | metric | error at n max | rate [95 %] | theory ")
    assert "| 0.301 [0.250, 0.350] | 0.5 n^(-1/2) |" in lines[4]
    assert len({line.replace(r"\|", "").count("|") for line in lines[2:6]}) == 1, (
        "a table has straight columns"
    )
    assert "- digits_binary: Digits (binarized by threshold)" in lines
    assert lines[-1].startswith("- d, m, kl: infinite")
    assert "nan" not in "\n".join(lines).lower()


def test_samples_of_one_table_are_said_to_be_that(tmp_path):
    """Ten prefixes of permutations of 1438 rows: two of n = 1400 share 1400 / 1438 of their rows."""
    settings = {"budget": "full", "results": str(tmp_path)}
    plan = Plan(settings | {"experiments": "images,rates"}, check_models=False)
    said = (
        "Digits, 8 x 8 (binarized by threshold); samples are taken without replacement from one table of "
        "1438 rows (two of n = 1400 share 97 %), so intervals are of this table"
    )
    assert Experiment(plan, "images").data_titles == {"digits_binary": said}
    assert not any("table" in title for title in Experiment(plan, "rates").data_titles.values())


def test_a_bar_in_a_text_does_not_end_a_column(table):
    lines = markdown(table.assign(theory="plateau of |error - 1|", rate=-1e-9), "Title", TITLES).splitlines()
    assert r"plateau of \|error - 1\|" in lines[4]
    assert "| 0.000 [" in lines[4], "no minus before zero"


def test_a_rate_without_an_interval_is_shown_alone(table):
    alone = table.assign(rate_low=math.nan, rate_high=math.nan)
    assert short_table(alone)["rate [95 %]"].iloc[0] == "0.301"


def test_show_prints_what_there_is(table, tmp_path, capsys):
    (tmp_path / "x").mkdir()
    table.to_csv(tmp_path / "x" / "comparison.csv", index=False)
    (tmp_path / "x" / "comparison.md").write_text(
        markdown(table, "Title", {"d": "Digits [binarized by threshold]"})
    )
    show.main([f"results={tmp_path}"])
    said = capsys.readouterr().out
    assert "d: Digits [binarized by threshold]\n" in said
    assert "0.301 [0.250, 0.350]" in said
    assert "slower" in said
    assert "make ui" in said
    assert "nan" not in said.lower()


def test_show_needs_no_table_for_reading(table, tmp_path, capsys):
    (tmp_path / "x").mkdir()
    table.to_csv(tmp_path / "x" / "comparison.csv", index=False)
    show.main([f"results={tmp_path}"])
    assert "slower" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"), [(["result=x"], "allowed: results"), (["x"], "allowed: results")]
)
def test_show_refuses_what_it_cannot_read(words, message):
    with pytest.raises(SystemExit, match=message):
        show.main(words)


def test_show_says_when_there_is_nothing(tmp_path):
    with pytest.raises(SystemExit, match="no comparison table"):
        show.main([f"results={tmp_path}"])


class FakeExperiment:
    """What the report asks of an experiment."""

    def __init__(self, folder, title="How <fast>?"):
        self.name, self.title, self.figures, self.folder, self.cells = "x", title, ["convergence"], folder, {}
        self.data_titles = TITLES

    def cell_folder(self, data, label):
        return self.folder / data / label


def test_the_report_holds_all_it_shows(table, tmp_path):
    table.to_csv(tmp_path / "comparison.csv", index=False)
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "convergence.png").write_bytes(b"\x89PNG picture")
    page = report.page([FakeExperiment(tmp_path)])
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)[^"']*""", page), "nothing is loaded from elsewhere"
    assert not re.findall(r"@import|url\(", page)
    assert "data:image/png;base64," in page
    assert "How &lt;fast&gt;?" in page
    assert "digits_binary: Digits (binarized by threshold)" in page
    assert "infinite &lt;here&gt;" in page
    assert "0.301 [0.250, 0.350]" in page
    assert ">nan<" not in page.lower()


def test_the_store_has_no_server(tmp_path):
    assert tracking.tracking_uri(tmp_path).startswith("sqlite:///")
