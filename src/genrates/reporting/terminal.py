"""The comparison tables in the terminal."""

import sys
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from genrates.errors import ConfigError
from genrates.reporting.comparison import TEXT_COLUMNS, short_table, titles_in
from genrates.reporting.verdicts import colors_of

_LEFT = ("data", "model", "metric", "theory")  # columns of text


def print_tables(results: Path) -> None:
    """Print every comparison table of a results folder, and say where to look further.

    Parameters
    ----------
    results : Path
        The folder.

    Raises
    ------
    ConfigError
        If there is no table.
    """
    paths = sorted(results.glob("*/*/comparison.csv"))
    if not paths:
        raise ConfigError(f"no comparison table below {results}; `make run` makes one.")
    console = Console(width=None if sys.stdout.isatty() else 160)
    for path in paths:
        content = pd.read_csv(path)
        content = content.assign(**{column: content[column].fillna("") for column in TEXT_COLUMNS})
        console.print(_table(path, content))
        for name, title in _titles(path.with_suffix(".md"), content).items():
            console.print(f"{name}: {title}", style="dim", markup=False, highlight=False)
    console.print(f"Tables:     {results}/*/*/comparison.csv (.md)", markup=False, highlight=False)
    if (results / "report.html").exists():
        console.print(f"Report:     {results}/report.html", markup=False, highlight=False)
    console.print("Dashboard:  make ui", highlight=False)


def _titles(path: Path, content: pd.DataFrame) -> dict[str, str]:
    """Return what each data set is, as the table for reading says it."""
    if not path.exists():
        return {}
    return titles_in(path.read_text(encoding="utf-8"), list(content["data"].unique()))


def _table(path: Path, content: pd.DataFrame) -> Table:
    """Return a table in color."""
    short = short_table(content)
    title = escape(f"{path.parent.name}  ({path})")
    table = Table(title=title, title_justify="left", title_style="bold", box=None)
    for column in short.columns:
        table.add_column(column, justify="left" if column in _LEFT else "right")
    for row in short.to_dict("records"):
        texts = {key: escape(text) for key, text in row.items()}
        texts["verdict"] = f"[{colors_of(row['verdict']).terminal}]{texts['verdict']}[/]"
        table.add_row(*texts.values())
    return table
