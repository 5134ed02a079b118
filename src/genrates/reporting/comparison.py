"""The comparison table: one row for each (data, model, metric), read back from MLflow."""

import math
from pathlib import Path

import pandas as pd

from genrates.analysis.text import markdown_table, rate_with_interval
from genrates.errors import ConfigError

COLUMNS = [
    "budget",
    "experiment",
    "data",
    "model",
    "type",
    "method",
    "tuning",
    "metric",
    "n_min",
    "n_max",
    "replicates",
    "error_n_max",
    "error_se",
    "error_exact",
    "ratio",
    "ratio_se",
    "rate",
    "rate_low",
    "rate_high",
    "rate_median",
    "rate_theory",
    "theory",
    "rate_exact",
    "rate_reference",
    "reference",
    "verdict",
    "plateau",
    "limitation",
    "fit_seconds",
    "score_us_per_point",
    "sample_us_per_draw",
    "model_bytes",
    "status",
    "reason",
    "run_id",
]
#: columns of text, some of which may be empty
_TEXT_COLUMNS = ["type", "method", "tuning", "theory", "reference", "verdict", "limitation"]
_TEXT_COLUMNS += ["status", "reason"]
#: main columns, with their headings
_HEADINGS = {
    "data": "data",
    "model": "model",
    "metric": "metric",
    "error_n_max": "error at n max",
    "ratio": "over exact",
    "rate": "rate [95 %]",
    "rate_theory": "theory",
    "rate_reference": "judged by",
    "verdict": "verdict",
    "plateau": "plateau",
}
_NUMBERS = (
    "error_se",
    "error_exact",
    "ratio",
    "ratio_se",
    "rate",
    "rate_low",
    "rate_high",
    "rate_median",
    "rate_theory",
    "rate_exact",
    "rate_reference",
    "plateau",
)
_TEXTS = ("verdict", "theory", "reference", "status", "reason")
_COSTS = ("fit_seconds", "score_us_per_point", "sample_us_per_draw", "model_bytes")


def table_of(runs: pd.DataFrame, cells: list[str]) -> pd.DataFrame:
    """Return the comparison table of an experiment.

    Parameters
    ----------
    runs : DataFrame
        Runs of the experiment, the latest first, as `mlflow.search_runs` returns them.
    cells : list of str
        Names of its cells, in the order of the table.

    Returns
    -------
    DataFrame
        One row for each metric of each cell, with the columns `COLUMNS`.

    Raises
    ------
    RuntimeError
        If a cell has no run.
    """
    run_of = {run.get("tags.genrates.cell"): run for run in reversed(runs.to_dict("records"))}
    if missing := [name for name in cells if name not in run_of]:
        raise RuntimeError(f"MLflow has no run of {', '.join(missing)}; run the track rule again.")
    rows = [row for name in cells for row in _rows(run_of[name])]
    return pd.DataFrame(rows, columns=COLUMNS)


def read_table(path: Path) -> pd.DataFrame:
    """Read a comparison table from its file.

    Parameters
    ----------
    path : Path
        A comparison.csv.

    Returns
    -------
    DataFrame
        With the columns `COLUMNS`. Columns of text have empty text where a field is empty.

    Raises
    ------
    ConfigError
        If the file is cut off, or not a comparison table.
    """
    try:
        table = pd.read_csv(path)
    except ValueError:  # pandas' own errors are ValueErrors
        table = pd.DataFrame()
    # Every row ends with its run's id.
    if set(COLUMNS) - set(table.columns) or table["run_id"].isna().any():
        raise ConfigError(
            f"{path} is cut off, or of another version; delete it and run the pipeline again, which makes it."
        )
    texts = table[_TEXT_COLUMNS].astype(object).fillna("").astype(str)
    return table.assign(**{column: texts[column] for column in _TEXT_COLUMNS})


def _rows(run: dict) -> list[dict]:
    """Return a row for each metric of one run."""
    params, tags = _texts(run, "params."), _texts(run, "tags.genrates.")
    values = {key.removeprefix("metrics."): value for key, value in run.items() if key.startswith("metrics.")}
    common = {
        "budget": params["budget"],
        "experiment": params["experiment"],
        "data": params["data_name"],
        "model": params["variant"],
        "limitation": tags.get("limitation", ""),
        "run_id": run["run_id"],
    }
    common |= {key: params[f"model.metadata.{key}"] for key in ("type", "method", "tuning")}
    common |= {key: int(params[key]) for key in ("n_min", "n_max", "replicates")}
    common |= {key: values.get(key, math.nan) for key in _COSTS}
    return [common | _metric_columns(metric, tags, values) for metric in params["metrics"].split(", ")]


def _metric_columns(metric: str, tags: dict[str, str], values: dict[str, float]) -> dict:
    """Return the columns that belong to one metric."""
    complete = tags.get(f"status.{metric}") == "ok"  # else its last error is that of a smaller n
    columns = {key: values.get(f"{key}.{metric}", math.nan) for key in _NUMBERS}
    columns |= {key: tags.get(f"{key}.{metric}", "") for key in _TEXTS}
    error = values.get(metric, math.nan) if complete else math.nan
    return columns | {"metric": metric, "error_n_max": error}


def _texts(run: dict, prefix: str) -> dict[str, str]:
    """Return the text fields of a run whose names begin with a prefix, by the rest of their names."""
    return {
        key.removeprefix(prefix): value
        for key, value in run.items()
        if key.startswith(prefix) and isinstance(value, str)
    }


def to_markdown(table: pd.DataFrame, title: str, data_titles: dict[str, str]) -> str:
    """Return the table as Markdown: main columns, titles of the data sets, reasons for missing numbers.

    Parameters
    ----------
    table : DataFrame
        The comparison table.
    title : str
        Title of the experiment.
    data_titles : dict of str
        Titles of the data sets, by name.

    Returns
    -------
    str
        Markdown.
    """
    short = short_table(table)
    lines = [f"# {title}", "", *markdown_table(list(short.columns), short.itertuples(index=False)), ""]
    lines += [*(f"- {name}: {text}" for name, text in data_titles.items()), "", *_reasons(table)]
    return "\n".join(lines).rstrip() + "\n"


def titles_in(text: str, names: list[str]) -> dict[str, str]:
    r"""Return the titles of data sets that :func:`to_markdown` has written.

    Parameters
    ----------
    text : str
        Markdown.
    names : list of str
        Names of the data sets.

    Returns
    -------
    dict of str
        Titles by name, of those data sets that have one in the text.

    Examples
    --------
    >>> titles_in("# Title\n\n- a: The a\n- a, kde, kl: infinite\n", ["a", "b"])
    {'a': 'The a'}
    """
    items = (line[2:] for line in text.splitlines() if line.startswith("- ") and ": " in line)
    titles = dict(item.split(": ", 1) for item in items)
    return {name: titles[name] for name in names if name in titles}


def short_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table's main columns as text.

    Parameters
    ----------
    table : DataFrame
        The comparison table.

    Returns
    -------
    DataFrame
        Every field as text. Rate and interval share a column, as do theory's exponent and its formula, a
        reference and its kind, and a ratio and its standard error.
    """
    short = pd.DataFrame({heading: table[key].map(_text) for key, heading in _HEADINGS.items()})
    rates = zip(table["rate"], table["rate_low"], table["rate_high"], strict=True)
    short[_HEADINGS["rate"]] = [rate_with_interval(*rate) for rate in rates]
    theory = zip(table["rate_theory"], table["theory"], strict=True)
    references = zip(table["rate_reference"], table["reference"], strict=True)
    short[_HEADINGS["rate_theory"]] = [f"{_text(rate)} {formula}".strip() for rate, formula in theory]
    short[_HEADINGS["rate_reference"]] = [f"{_text(rate)} {kind}".strip() for rate, kind in references]
    ratios = zip(table["ratio"], table["ratio_se"], strict=True)
    short[_HEADINGS["ratio"]] = [_with_error(*ratio) for ratio in ratios]
    return short


def _reasons(table: pd.DataFrame) -> list[str]:
    """Return lines of Markdown that say why rows have no number, no rate or no verdict, and what is close."""
    rows = table[table["reason"] != ""]
    if rows.empty:
        return []
    lines = [f"- {r.data}, {r.model}, {r.metric}: {r.reason}" for r in rows.itertuples()]
    return ["Why there is no number, rate or verdict, and which other exponent is close:", "", *lines]


def _with_error(ratio: float, error: float) -> str:
    """Return a ratio and its standard error as text."""
    return " +- ".join(f"{value:.2f}" for value in (ratio, error) if not math.isnan(value))


def _text(value) -> str:
    """Return a field as text, a number with three digits."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.3g}"
    return str(value)
