"""One page about a learned table: it contains its pictures and needs no network."""

import base64
import html
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from string import Template

import pandas as pd

from genrates import __version__

_DIGITS = {"log_likelihood": 3, "se": 3, "fit_seconds": 2, "log_density": 2}


def page(
    folder: Path, *, title: str, command: str, answer: str, remarks: list[str], ranking: pd.DataFrame, **more
):
    """Return the page.

    Parameters
    ----------
    folder : Path
        Holds density.png and learning_curve.png.
    title, command, answer : str
        The headline, the command that repeats it, and what was found in one sentence.
    remarks : list of str
        What the table is, and what was left out of it.
    ranking : DataFrame
        As :func:`genrates.own.ranking.ranking` gives it.
    **more
        `held_out` (number of rows), `learning`, `anomalies` (sentences), `strangest` (DataFrame).

    Returns
    -------
    str
        HTML.
    """
    template = Template(files("genrates.own").joinpath("page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=html.escape(title),
        version=__version__,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        command=html.escape(command),
        answer=html.escape(answer),
        table="".join(f"<li>{html.escape(remark)}</li>" for remark in remarks),
        ranking=_table(ranking),
        strangest=_table(more.pop("strangest")),
        density=_image(folder / "density.png"),
        curve=_image(folder / "learning_curve.png"),
        folder=html.escape(str(folder)),
        quoted=html.escape(repr(str(folder))),
        **{key: html.escape(str(value)) for key, value in more.items()},
    )


def _table(frame: pd.DataFrame) -> str:
    """Return a table; what is missing is an empty cell."""
    head = "".join(f"<th>{html.escape(name.replace('_', ' '))}</th>" for name in frame)
    rows = "".join(_row(list(frame), row) for row in frame.itertuples(index=False, name=None))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(names: list[str], row: tuple) -> str:
    cells = (f"<td>{_cell(name, value)}</td>" for name, value in zip(names, row, strict=True))
    return f"<tr>{''.join(cells)}</tr>"


def _cell(name: str, value) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return html.escape(f"{value:.{_DIGITS[name]}f}" if name in _DIGITS else f"{value}")


def _image(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
