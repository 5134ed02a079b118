"""Speed of our estimators against their peers, in one process: ratios count, not seconds.

python benchmarks/run.py                      everything
python benchmarks/run.py kernel histogram     these two

Both sides use one thread, unless OMP_NUM_THREADS says otherwise: on a busy machine, threads that wait for
each other would distort the times. Both use the memory allocator of the pipeline's jobs, which keeps freed
memory.
"""

import importlib
import os
import sys
from pathlib import Path

from genrates.workflow.environment import ALLOCATOR

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is imported
if __name__ == "__main__" and not ALLOCATOR.keys() <= os.environ.keys():  # libc reads it at its start
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ALLOCATOR})

import pandas as pd
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
TARGET = Path("results", "bench", "estimators.csv")
COLUMNS = ["what", "n", "d", "ours_s", "peer", "peer_s", "ratio", "demand", "ok"]


def main(chosen: list[str]) -> None:
    if {"-h", "--help"} & set(chosen):
        print(__doc__)
        return
    known = [path.stem.removeprefix("bench_") for path in sorted(HERE.glob("bench_*.py"))]
    if unknown := set(chosen) - set(known):
        sys.exit(f"bench: unknown {', '.join(sorted(unknown))}; allowed: {', '.join(known)}.")
    sys.path.insert(0, str(HERE))
    console, tables = Console(width=None if sys.stdout.isatty() else 150), []
    for name in chosen or known:
        console.print(f"measuring {name} ...", style="dim")
        module = importlib.import_module(f"bench_{name}")
        rows = [row for row in module.rows() if row]
        tables.append(pd.DataFrame(rows).reindex(columns=COLUMNS).assign(bench=name))
        console.print(_table(name, tables[-1]))
        for what, exponent in getattr(module, "growth", dict)().items():
            console.print(f"  ~ n^{exponent:.2f}  {what}", highlight=False)
            tables.append(
                pd.DataFrame([{"what": f"growth exponent: {what}", "ratio": exponent, "bench": name}])
            )
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    if chosen and TARGET.exists():  # rows of other benchmarks are kept
        before = pd.read_csv(TARGET)
        tables.insert(0, before[~before["bench"].isin(chosen)])
    pd.concat(tables, ignore_index=True).to_csv(TARGET, index=False)
    console.print(f"saved as {TARGET}", highlight=False)


def _table(name: str, rows: pd.DataFrame) -> Table:
    table = Table(title=name, title_justify="left", box=None)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in ("what", "peer") else "right")
    for row in rows.itertuples(index=False):
        met = (
            ""
            if row.demand is None or pd.isna(row.demand)
            else "[green]met[/]"
            if row.ok
            else "[red]missed[/]"
        )
        table.add_row(*(_text(getattr(row, c)) for c in COLUMNS[:-1]), met)
    return table


def _text(value) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.3g}"
    return "" if value is None else str(value)


if __name__ == "__main__":
    main(sys.argv[1:])
