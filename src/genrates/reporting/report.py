"""The report: one HTML page that contains its figures and needs no network."""

import base64
import html
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from genrates import __version__
from genrates.analysis.results import CellResults, ExperimentResults
from genrates.files import made_by
from genrates.reporting.comparison import read_table, short_table
from genrates.reporting.verdicts import VERDICTS

_STYLE = """
:root { color-scheme: light; --text: #1b1b1b; --quiet: #666; --line: #ddd; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); max-width: 72rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; margin-bottom: .2rem } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line) }
nav a { margin-right: 1rem } img { max-width: 100%; height: auto } .quiet { color: var(--quiet) }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: .85rem;
  font-variant-numeric: tabular-nums }
th, td { padding: .2rem .6rem; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap }
thead th { position: sticky; top: 0; background: white }
details { margin: .6rem 0 }
pre { background: #f6f6f6; padding: .6rem; overflow-x: auto; font-size: .8rem }
"""


def page(experiments: list[ExperimentResults]) -> str:
    """Return the report.

    Parameters
    ----------
    experiments : list of ExperimentResults
        The experiments, whose tables and figures have been written.

    Returns
    -------
    str
        HTML.
    """
    links = " ".join(f'<a href="#{_text(e.name)}">{_text(e.title)}</a>' for e in experiments)
    sections = "\n".join(_section(e) for e in experiments)
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>genrates: how many samples does it take to generate a cat?</title>
<style>{_STYLE}{_colors()}</style></head><body>
<h1>How many samples does it take to generate a cat?</h1>
<p class="quiet">genrates {__version__}, {made}. An error as a function of the sample size,
error(n) ~ n<sup>-rate</sup>: the measured rate with its 95 % interval beside the asymptotic exponent
and the slope that it is judged by on the same sizes: exact, simulated, of a sieve, or asymptotic.</p>
<nav>{links}</nav>
{sections}
</body></html>
"""


def _section(experiment: ExperimentResults) -> str:
    """Return the section of one experiment."""
    table = read_table(experiment.folder / "comparison.csv")
    paths = (experiment.folder / "figures").glob("*.png")
    # The figure that the experiment lists first comes first.
    paths = sorted(paths, key=lambda path: (path.stem != experiment.figures[0], path.stem))
    figures = "\n".join(map(_figure, paths))
    titles = "; ".join(f"{name}: {title}" for name, title in experiment.data_titles.items())
    return f"""<section id="{_text(experiment.name)}"><h2>{_text(experiment.title)}</h2>
{figures}
<p>{_text(titles)}</p>
<div class="wide">{_table(table)}</div>
{_reasons(table)}
<details><summary>Costs and limitations</summary><div class="wide">{_costs(table)}</div></details>
<details><summary>Configs ({len(experiment.cells)} cells)</summary>{_configs(experiment)}</details>
</section>"""


def _colors() -> str:
    """Return the style rules that color the verdicts."""
    return "".join(f".{verdict} {{ color: {colors.text} }}" for verdict, colors in VERDICTS.items())


def _figure(path: Path) -> str:
    """Return a figure with its image inside."""
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<figure><img alt="{_text(path.stem)}" src="data:image/png;base64,{data}"></figure>'


def _table(table: pd.DataFrame) -> str:
    """Return the main columns of the comparison table."""
    short = short_table(table)
    head = "".join(f"<th>{_text(c)}</th>" for c in short.columns)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td class="{_text(v)}">{_text(v)}</td>' if c == "verdict" else f"<td>{_text(v)}</td>"
            for c, v in zip(short.columns, row, strict=True)
        )
        + "</tr>"
        for row in short.itertuples(index=False)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _reasons(table: pd.DataFrame) -> str:
    """Return why rows have no number or no rate, behind a summary."""
    rows = table[table["reason"] != ""]
    if rows.empty:
        return ""
    items = "".join(
        f"<li>{_text(f'{r.data}, {r.model}, {r.metric}: {r.reason}')}</li>" for r in rows.itertuples()
    )
    title = f"Why {len(rows)} rows have no number or no rate"
    return f"<details><summary>{title}</summary><ul>{items}</ul></details>"


def _costs(table: pd.DataFrame) -> str:
    """Return costs and limitation of each cell."""
    columns = [
        "data",
        "model",
        "type",
        "method",
        "tuning",
        "limitation",
        "n_max",
        "fit_seconds",
        "score_us_per_point",
        "sample_us_per_draw",
        "model_bytes",
    ]
    once = table.drop_duplicates(["data", "model"])[columns]
    return once.to_html(index=False, float_format=lambda x: f"{x:.3g}", border=0, na_rep="")


def _configs(experiment: ExperimentResults) -> str:
    """Return the configs of all cells, each behind the cell's name."""
    return "".join(
        f"<details><summary>{_text(cell.name)}</summary><pre>{_text(_config_of(cell))}</pre></details>"
        for cell in experiment.cells
    )


def _config_of(cell: CellResults) -> str:
    """Return what stands in a cell's config.yaml."""
    path = cell.folder / "config.yaml"
    with made_by("evaluate", path):
        if not (text := path.read_text(encoding="utf-8")):
            raise ValueError("it is empty")
        return text


def _text(value) -> str:
    """Return a value as text with HTML's special characters escaped."""
    return html.escape(str(value), quote=True)
