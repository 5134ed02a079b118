"""The comparison table: one row for each (data, model, metric), read back from MLflow."""

import math

import pandas as pd

from genrates.analysis.markdown import table as markdown_table
from genrates.analysis.rate_text import with_interval

COLUMNS = [
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
    "rate",
    "rate_low",
    "rate_high",
    "rate_theory",
    "theory",
    "rate_exact",
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
#: columns of the table for reading, with their headings
_SHORT = {
    "data": "data",
    "model": "model",
    "metric": "metric",
    "error_n_max": "error at n max",
    "rate": "rate [95 %]",
    "rate_theory": "theory",
    "rate_exact": "exact",
    "verdict": "verdict",
    "plateau": "plateau",
}


def table_of(runs: pd.DataFrame, cells: list[str]) -> pd.DataFrame:
    """The table that MLflow's `runs` (`mlflow.search_runs`) make, the cells in the given order.

    Raises
    ------
    RuntimeError
        If a cell has no run in the database.
    """
    found = {run["tags.genrates.cell"]: run for run in runs.to_dict("records")}
    missing = [name for name in cells if name not in found]
    if missing:
        raise RuntimeError(f"MLflow has no run of {', '.join(missing)}; run the track rule again.")
    rows = [row for name in cells for row in _rows(found[name])]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(run: dict) -> list[dict]:
    """A row for each metric of one run."""
    param = {
        k.removeprefix("params."): v for k, v in run.items() if k.startswith("params.") and isinstance(v, str)
    }
    tag = {
        k.removeprefix("tags.genrates."): v
        for k, v in run.items()
        if k.startswith("tags.genrates.") and isinstance(v, str)
    }
    value = {k.removeprefix("metrics."): v for k, v in run.items() if k.startswith("metrics.")}
    costs = ("fit_seconds", "score_us_per_point", "sample_us_per_draw", "model_bytes")
    metadata = {key: param[f"model.metadata.{key}"] for key in ("type", "method", "tuning")}
    rows = []
    for metric in param["metrics"].split(", "):
        per_metric = ("error_se", "rate", "rate_low", "rate_high", "rate_theory", "rate_exact", "plateau")
        whole = tag.get(f"status.{metric}") == "ok"  # else its last error belongs to some smaller n
        rows.append(
            {key: value.get(f"{key}.{metric}", math.nan) for key in per_metric}
            | {key: value.get(key, math.nan) for key in costs}
            | {key: tag.get(f"{key}.{metric}", "") for key in ("verdict", "theory", "status", "reason")}
            | {
                "experiment": param["experiment"],
                "data": param["data_name"],
                "model": param["label"],
                **metadata,
            }
            | {
                "n_min": int(param["n_min"]),
                "n_max": int(param["n_max"]),
                "replicates": int(param["replicates"]),
            }
            | {"metric": metric, "error_n_max": value.get(metric, math.nan) if whole else math.nan}
            | {"limitation": tag.get("limitation", ""), "run_id": run["run_id"]}
        )
    return rows


def markdown(table: pd.DataFrame, title: str, data_titles: dict[str, str]) -> str:
    """The table for reading: the columns that say how fast, what the data are, why there is no number."""
    short = short_table(table)
    rows = short.itertuples(index=False)
    lines = [f"# {title}", "", *markdown_table(list(short.columns), rows), ""]
    lines += [*(f"- {name}: {said}" for name, said in data_titles.items()), "", *_reasons(table)]
    return "\n".join(lines).rstrip() + "\n"


def titles_in(text: str, names: list[str]) -> dict[str, str]:
    """What the data sets `names` are, as :func:`markdown` has written it; those alone that it speaks of.

    >>> titles_in("# Title\\n\\n- a: The a\\n- a, kde, kl: infinite\\n", ["a", "b"])
    {'a': 'The a'}
    """
    said = dict(line[2:].split(": ", 1) for line in text.splitlines() if line[:2] == "- " and ": " in line)
    return {name: said[name] for name in names if name in said}


def short_table(table: pd.DataFrame) -> pd.DataFrame:
    """The table's main columns as text."""
    short = pd.DataFrame({heading: table[key].map(_text) for key, heading in _SHORT.items() if key != "rate"})
    rates = zip(table["rate"], table["rate_low"], table["rate_high"], strict=True)
    short.insert(4, _SHORT["rate"], [with_interval(*rate) for rate in rates])
    theory = [f"{_text(r)} {t}".strip() for r, t in zip(table["rate_theory"], table["theory"], strict=True)]
    short[_SHORT["rate_theory"]] = theory
    return short


def _reasons(table: pd.DataFrame) -> list[str]:
    said = table[table["reason"] != ""]
    if said.empty:
        return []
    lines = [f"- {r.data}, {r.model}, {r.metric}: {r.reason}" for r in said.itertuples()]
    return ["Why there is no number, or no rate:", "", *lines]


def _text(value) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.3g}"
    return str(value)
