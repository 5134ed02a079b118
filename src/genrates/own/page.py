"""The report of a fit: one page, one file, no request to anywhere."""

import base64
import html
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; color: #222 }
img { max-width: 100%; height: auto } table { border-collapse: collapse; font-size: .9rem }
td, th { padding: .2rem .6rem; border-bottom: 1px solid #ddd; text-align: left }
td { overflow-wrap: anywhere }
.wide { overflow-x: auto } .best td { font-weight: 600 }
figcaption { color: #555 } code { background: #f3f3f3 }
@media print { .wide { overflow: visible } td, th { font-size: .7rem; padding: .1rem .3rem } }
"""


def write_page(
    path: Path,
    title: str,
    found: Sequence[str],
    seen: Sequence[tuple[str, str]],
    left_out: Sequence[str],
    ranking: pd.DataFrame,
    oddest: pd.DataFrame,
    pictures: Sequence[tuple[str, str]],
    commands: Sequence[str],
) -> None:
    """Write report.html.

    Parameters
    ----------
    path : Path
    title : str
    found : sequence of str
        What was found, one sentence each.
    seen : sequence of (name, str)
        What was seen in each column.
    left_out : sequence of str
    ranking, oddest : DataFrame
        Models; the rows of lowest density.
    pictures : sequence of (file name, caption)
        In the folder of `path`.
    commands : sequence of str
        What to do next.
    """
    parts = [f"<h1>{html.escape(title)}</h1>", _list(found)]
    for name, caption in pictures:
        data = base64.b64encode((path.parent / name).read_bytes()).decode()
        said = html.escape(caption)
        image = f'<img src="data:image/png;base64,{data}" alt="{said}">'
        parts.append(f"<figure>{image}<figcaption>{said}</figcaption></figure>")
    parts += [
        "<h2>Models</h2>",
        "<p>Mean log-density of held-out rows, in nats, higher is better; se: its standard",
    ]
    parts += ["error; no_worse: not significantly below the best.</p>", _table(_rounded(ranking), best=0)]
    parts += ["<h2>Oddest rows</h2>", _table(_rounded(oddest))]
    parts += ["<h2>Columns</h2>", _table(pd.DataFrame(seen, columns=["column", "seen"]))]
    parts += ["<h2>Left out</h2>", _list(left_out) if left_out else "<p>Nothing.</p>"]
    parts += ["<h2>Next</h2>", *(f"<p><code>{html.escape(c)}</code></p>" for c in commands)]
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>{"".join(parts)}</html>\n'
    )
    path.write_text(page, encoding="utf-8")


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(item)}</li>" for item in items) + "</ul>"


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose numbers are as short as a person reads them."""
    short = frame.copy()
    for name in frame.select_dtypes("float"):
        short[name] = [f"{v:.4g}" if pd.notna(v) else "" for v in frame[name]]
    return short.astype(object).where(frame.notna(), "")


def _table(frame: pd.DataFrame, best: int | None = None) -> str:
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in frame.columns)
    rows = []
    for i, row in enumerate(frame.itertuples(index=False)):
        cells = "".join(f"<td>{html.escape(str(value))}</td>" for value in row)
        rows.append(f"<tr{' class=best' if i == best else ''}>{cells}</tr>")
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(rows)}</table></div>'
