"""The comparison tables in the terminal."""

import sys
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from genrates.errors import ConfigError
from genrates.reporting.comparison import read_table, short_table, titles_in
from genrates.reporting.verdicts import colors_of

_LEFT = ("data", "model", "metric", "theory")  # columns of text


def print_tables(results: Path) -> None:
    """Print every comparison table of a results folder, and where to look further.

    Parameters
    ----------
    results : Path
        The folder.

    Raises
    ------
    ConfigError
        If it has no comparison table, or one that is cut off; the others are printed first.
    """
    paths = sorted(results.glob("*/*/comparison.csv"))
    if not paths:
        raise ConfigError(f"no comparison table below {results}; `make run` makes one.")
    console = Console(width=None if sys.stdout.isatty() else 160, markup=False, highlight=False)
    faults = []
    for path in paths:
        try:
            table = read_table(path)
        except ConfigError as error:
            faults.append(str(error))
            continue
        console.print(_colored(path, table))
        if failures := int((table["status"] == "failed").sum()):
            console.print(f"{failures} of {len(table)} rows failed; comparison.md says why.", style="red")
        for name, title in _titles(path.with_suffix(".md"), table).items():
            console.print(f"{name}: {title}", style="dim")
    console.print(f"Tables:     {results}/*/*/comparison.csv (.md)")
    if (results / "report.html").exists():
        console.print(f"Report:     {results}/report.html")
    console.print("Dashboard:  make ui")
    if faults:
        raise ConfigError("\n".join(faults))


def _titles(path: Path, table: pd.DataFrame) -> dict[str, str]:
    """Return the titles of the data sets, from the Markdown table; none where there is no such file."""
    if not path.exists():
        return {}
    return titles_in(path.read_text(encoding="utf-8"), list(table["data"].unique()))


def _colored(path: Path, table: pd.DataFrame) -> Table:
    """Return the main columns of a comparison table, each verdict in its color."""
    short = short_table(table)
    title = Text(f"{path.parent.name}  ({path})", style="bold")
    colored = Table(title=title, title_justify="left", box=None)
    for column in short.columns:
        colored.add_column(column, justify="left" if column in _LEFT else "right")
    for row in short.to_dict("records"):
        styles = {"verdict": colors_of(row["verdict"]).terminal}
        colored.add_row(*(Text(text, style=styles.get(column, "")) for column, text in row.items()))
    return colored
