"""The comparison table: read from runs, written for reading, printed, and put into the report."""

import math
import re

import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from rich.style import Style

from genrates import cli
from genrates.analysis.summary import Summary
from genrates.errors import ConfigError
from genrates.reporting import comparison, report, terminal
from genrates.reporting.comparison import COLUMNS, read_table, short_table, to_markdown
from genrates.reporting.figures import table as table_figure
from genrates.reporting.verdicts import VERDICTS, colors_of
from genrates.tracking import store as tracking
from genrates.tracking.record import RunRecord
from genrates.tracking.runs import RunWriter, read_runs
from genrates.workflow.plan import Plan

PARAMS = {
    "budget": "quick",
    "experiment": "x",
    "data_name": "d",
    "variant": "m",
    "metrics": "root_mise, kl",
    "n_min": "100",
    "n_max": "1000",
    "replicates": "5",
    "model.metadata.type": "Parametric",
    "model.metadata.method": "M",
    "model.metadata.tuning": "T",
}
TITLES = {"digits_binary": "Digits (binarized by threshold)"}
CELL = "quick/x/d/m"
METRICS = [
    ("root_mise", 0.2, 100),
    ("root_mise", 0.1, 1000),
    ("error_se.root_mise", 0.01, 1000),
    ("rate.root_mise", 0.301, 1000),
    ("rate_low.root_mise", 0.25, 1000),
    ("rate_high.root_mise", 0.35, 1000),
    ("rate_theory.root_mise", 0.5, 1000),
    ("rate_reference.root_mise", 0.45, 1000),
    ("error_exact.root_mise", 0.08, 1000),
    ("ratio.root_mise", 1.25, 1000),
    ("ratio_se.root_mise", 0.125, 1000),
    ("kl", 0.7, 100),  # it failed at 1000
    ("fit_seconds", 0.001, 1000),
]
TAGS = {
    "genrates.verdict.root_mise": "slower",
    "genrates.status.root_mise": "ok",
    "genrates.theory.root_mise": "n^(-1/2)",
    "genrates.reference.root_mise": "sieve",
    "genrates.verdict.kl": "failed",
    "genrates.status.kl": "failed",
    "genrates.reason.kl": "infinite <here> | there",
    "genrates.limitation": "biased",
}


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> pd.DataFrame:
    results = tmp_path_factory.mktemp("results")
    run = RunRecord(CELL, "d/m", "hash", PARAMS, TAGS, METRICS)
    run_id = RunWriter(results, "x").write(run)
    found = comparison.table_of(read_runs(results, "x"), [CELL])
    assert set(found["run_id"]) == {run_id}
    with pytest.raises(RuntimeError, match="no run of quick/x/d/other"):
        comparison.table_of(read_runs(results, "x"), [CELL, "quick/x/d/other"])
    return found


@pytest.fixture
def results(table, tmp_path):
    """A results folder with one table in it."""
    folder = tmp_path / "quick" / "x"
    folder.mkdir(parents=True)
    table.to_csv(folder / "comparison.csv", index=False)
    titles = {"d": "Digits [binarized by threshold]"}
    (folder / "comparison.md").write_text(to_markdown(table, "Title", titles))
    return tmp_path


def test_a_row_for_each_metric_with_the_columns_that_were_agreed(table):
    assert list(table.columns) == COLUMNS
    assert list(table["metric"]) == ["root_mise", "kl"]
    first = table.iloc[0]
    assert (first["budget"], first["experiment"], first["data"], first["model"]) == ("quick", "x", "d", "m")
    assert (first["n_min"], first["n_max"], first["replicates"]) == (100, 1000, 5)
    assert (first["error_n_max"], first["error_se"], first["rate"]) == (0.1, 0.01, 0.301)
    assert (first["verdict"], first["theory"], first["limitation"]) == ("slower", "n^(-1/2)", "biased")
    assert first["fit_seconds"] == 0.001
    assert (first["error_exact"], first["ratio"], first["ratio_se"]) == (0.08, 1.25, 0.125)
    assert (first["rate_reference"], first["reference"]) == (0.45, "sieve")
    assert math.isnan(first["rate_exact"])


def test_the_columns_stand_in_the_order_that_was_agreed():
    agreed = """budget, experiment, data, model, type, method, tuning, metric, n_min, n_max, replicates,
    error_n_max, error_se, error_exact, ratio, ratio_se, rate, rate_low, rate_high, rate_median, rate_theory,
    theory, rate_exact, rate_reference, reference, verdict, plateau, limitation, fit_seconds,
    score_us_per_point, sample_us_per_draw, model_bytes, status, reason, run_id"""
    assert agreed.replace(",", " ").split() == COLUMNS


def test_a_metric_that_failed_at_the_largest_size_has_no_error_there(table):
    """Its last error belongs to a smaller n."""
    failed = table.iloc[1]
    assert (failed["verdict"], failed["status"]) == ("failed", "failed")
    assert math.isnan(failed["error_n_max"])
    assert math.isnan(failed["rate"])


def test_the_table_for_reading(table):
    lines = to_markdown(table, "Title", TITLES).splitlines()
    assert lines[0] == "# Title"
    assert lines[2].startswith(
        "| data | model | metric | error at n max | over exact | rate [95 %] | theory "
    )
    assert "| 1.25 +- 0.12 | 0.301 [0.250, 0.350] | 0.5 n^(-1/2) | 0.45 sieve | slower |" in lines[4]
    assert len({line.replace(r"\|", "").count("|") for line in lines[2:6]}) == 1, (
        "a table has straight columns"
    )
    assert "- digits_binary: Digits (binarized by threshold)" in lines
    assert lines[-1].startswith("- d, m, kl: infinite")
    assert "nan" not in "\n".join(lines).lower()


def test_samples_of_one_table_are_said_to_be_that(tmp_path):
    """Ten prefixes of permutations of 1438 rows: two of n = 1400 share 1400 / 1438 of their rows."""
    plan = Plan({"budget": "full", "results": str(tmp_path), "experiments": "images,rates"})
    title = (
        "Digits, 8 x 8 (binarized by threshold); samples are taken without replacement from one table of "
        "1438 rows (two of n = 1400 share 97 %), so intervals are of this table"
    )
    assert plan.experiment_results("images").data_titles == {"digits_binary": title}
    assert not any("table" in text for text in plan.experiment_results("rates").data_titles.values())


def test_a_bar_in_a_text_does_not_end_a_column(table):
    grown = table.assign(theory="plateau of |error - 1|", rate=-1e-9)
    lines = to_markdown(grown, "Title", TITLES).splitlines()
    assert r"plateau of \|error - 1\|" in lines[4]
    assert "| 0.000 [" in lines[4], "no minus before zero"


def test_a_rate_without_an_interval_is_shown_alone(table):
    alone = table.assign(rate_low=math.nan, rate_high=math.nan)
    assert short_table(alone)["rate [95 %]"].iloc[0] == "0.301"


def test_a_table_is_the_same_after_a_journey_through_its_file(table, results):
    pd.testing.assert_frame_equal(read_table(results / "quick/x/comparison.csv"), table, check_dtype=False)


def test_the_terminal_shows_what_there_is(results, capsys):
    terminal.print_tables(results)
    printed = capsys.readouterr().out
    assert "d: Digits [binarized by threshold]\n" in printed
    assert "x  (" in printed
    assert "quick/x/comparison.csv" in printed.replace("\n", "")
    assert "0.301 [0.250, 0.350]" in printed
    assert "slower" in printed
    assert "make ui" in printed
    assert "Report" not in printed
    assert "nan" not in printed.lower()


def test_the_terminal_says_where_the_report_is(results, capsys):
    (results / "report.html").touch()
    terminal.print_tables(results)
    assert f"Report: {results}/report.html" in " ".join(capsys.readouterr().out.split())


def test_the_terminal_needs_no_table_for_reading(results, capsys):
    (results / "quick/x/comparison.md").unlink()
    terminal.print_tables(results)
    assert "slower" in capsys.readouterr().out


def test_brackets_in_a_field_are_text_in_the_terminal(table, results, capsys):
    table.assign(theory="[red] is no style").to_csv(results / "quick/x/comparison.csv", index=False)
    terminal.print_tables(results)
    assert "[red] is no style" in capsys.readouterr().out


def test_show_prints_the_tables(results, capsys):
    cli.main(["show", "--results", str(results)])
    assert "slower" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["show", "--result-folder=x"], ["show", "x"]])
def test_show_refuses_what_it_cannot_read(arguments, capsys):
    with pytest.raises(SystemExit):
        cli.main(arguments)
    assert "unrecognized arguments" in capsys.readouterr().err


def test_show_says_when_there_is_nothing(tmp_path):
    with pytest.raises(ConfigError, match="no comparison table"):
        terminal.print_tables(tmp_path)
    with pytest.raises(SystemExit, match="no comparison table"):
        cli.main(["show", "--results", str(tmp_path)])


@pytest.fixture
def experiment(results, make_cell, make_experiment):
    """An experiment whose table and figures have been written."""
    folder = results / "quick/x"
    (folder / "figures").mkdir()
    (folder / "figures" / "convergence.png").write_bytes(b"\x89PNG image")
    (folder / "figures" / "bias.png").write_bytes(b"\x89PNG image")
    config = {"metadata": {"title": "Digits (binarized by threshold)", "n_max": None}}
    cell = make_cell("digits_binary", "m", folder=folder / "digits_binary/m", data_config=config)
    cell.folder.mkdir(parents=True)
    (cell.folder / "config.yaml").write_text("a: <b>\n")
    return make_experiment([cell], title="How <fast>?", folder=folder)


def test_the_report_holds_all_it_shows(experiment):
    page = report.page([experiment])
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)[^"']*""", page), "nothing is loaded from elsewhere"
    assert not re.findall(r"@import|url\(", page)
    assert "data:image/png;base64," in page
    assert "How &lt;fast&gt;?" in page
    assert "digits_binary: Digits (binarized by threshold)" in page
    assert "infinite &lt;here&gt;" in page
    assert "0.301 [0.250, 0.350]" in page
    assert "<pre>a: &lt;b&gt;" in page
    assert ">nan<" not in page.lower()


def test_the_figure_that_an_experiment_lists_first_comes_first(experiment):
    assert re.findall('alt="(.*?)"', report.page([experiment])) == ["convergence", "bias"]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_one_table_of_colors_for_terminal_page_and_figures(
    verdict, table, results, experiment, make_cell, make_experiment, monkeypatch
):
    """A verdict whose color is changed there has the new color everywhere."""
    changed = colors_of(verdict)._replace(terminal="#123456", text="#234567", background="#345678")
    monkeypatch.setitem(VERDICTS, verdict, changed)
    path = results / "quick/x/comparison.csv"
    table.assign(verdict=verdict).to_csv(path, index=False)
    verdicts = list(terminal._colored(path, read_table(path)).columns)[8].cells
    assert {(text.plain, Style.parse(text.style).color.name) for text in verdicts} == {(verdict, "#123456")}
    page = report.page([experiment])
    assert f".{verdict} {{ color: #234567 }}" in page
    assert f'<td class="{verdict}">{verdict}</td>' in page
    summary = Summary("root_mise", "ok", "", rate=0.4, rate_low=0.3, rate_high=0.5, verdict=verdict)
    (figure,) = table_figure.draw(make_experiment([make_cell("d", "m")], lambda *_: summary)).values()
    backgrounds = [cell.get_facecolor() for cell in figure.axes[0].tables[0].get_celld().values()]
    assert to_rgba("#345678") in backgrounds


def test_the_store_has_no_server(tmp_path):
    assert tracking.tracking_uri(tmp_path).startswith("sqlite:///")
