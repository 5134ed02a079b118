"""Print the comparison tables of a results folder, and say where to look further.

python -m genrates.reporting.terminal                    results/
python -m genrates.reporting.terminal results=elsewhere
"""

import sys
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from genrates.reporting.comparison import short_table, titles_in

_COLORS = {
    "agrees": "green",
    "faster": "cyan",
    "slower": "red",
    "failed": "red",
    "plateau": "yellow",
    "skipped": "dim",
}


def main(words: list[str]) -> None:
    if {"-h", "--help"} & set(words):
        print(__doc__)
        return
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    if unknown := [word for word in words if word.split("=")[0] != "results"]:
        sys.exit(f"genrates show: cannot read {' '.join(unknown)!r}; allowed: results=FOLDER.")
    results = Path(settings.get("results", "results"))
    tables = sorted(results.glob("*/comparison.csv"))
    if not tables:
        sys.exit(f"genrates show: no comparison table below {results}; `make run` makes one.")
    console = Console(width=None if sys.stdout.isatty() else 160)
    for path in tables:
        content = pd.read_csv(path)
        console.print(_table(path, content))
        for name, title in _titles(path.with_suffix(".md"), content).items():
            console.print(f"{name}: {title}", style="dim", markup=False, highlight=False)
    console.print(f"Tables:     {results}/*/comparison.csv (.md)", highlight=False)
    if (results / "report.html").exists():
        console.print(f"Report:     {results}/report.html", highlight=False)
    console.print("Dashboard:  make ui", highlight=False)


def _titles(path: Path, content: pd.DataFrame) -> dict[str, str]:
    """What each data set is, of pictures how they are binarized, as the table for reading says it."""
    if not path.exists():
        return {}
    return titles_in(path.read_text(encoding="utf-8"), list(content["data"].unique()))


def _table(path: Path, content: pd.DataFrame) -> Table:
    short = short_table(content.assign(theory=content["theory"].fillna(""))).replace("nan", "")
    table = Table(title=f"{path.parent.name}  ({path})", title_justify="left", title_style="bold", box=None)
    for column in short.columns:
        table.add_column(
            column, justify="left" if column in ("data", "model", "metric", "theory") else "right"
        )
    for row in short.itertuples(index=False):
        cells = list(row)
        place = list(short.columns).index("verdict")
        cells[place] = f"[{_COLORS.get(cells[place], 'white')}]{cells[place]}[/]"
        table.add_row(*cells)
    return table


if __name__ == "__main__":
    main(sys.argv[1:])
