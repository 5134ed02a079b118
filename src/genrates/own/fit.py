"""Bring a table, leave with its density, samples and anomaly scores."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from genrates.errors import ConfigError, is_number
from genrates.files import atomic_folder
from genrates.own.candidates import candidates_for, family_names
from genrates.own.learning import LearningCurve, learn
from genrates.own.page import write_page
from genrates.own.pictures import draw_pictures
from genrates.own.ranking import learns_from, rank, split, spread, try_all
from genrates.own.saved import ABOUT_FILE, TableModel
from genrates.own.scoring import MOST_CROSSED, crossed_log_densities, fit_density, score_table
from genrates.own.table import OwnTable, read_table
from genrates.own.worker import Worker

_SHARE_OF_MODELS, _SHARE_OF_CURVE = 0.6, 0.15  # of the time limit; scores have the rest
_SHARE_OF_ONE = 0.15
_SHARE_OF_SCORES = 0.2
_MOST_SAMPLES = 10_000
_ODDEST = 10


@dataclass
class Fit:
    """What was found.

    Attributes
    ----------
    table : OwnTable
    ranking : DataFrame
    model : TableModel
    curve : LearningCurve
    found : list of str
        In words.
    """

    table: OwnTable
    ranking: pd.DataFrame
    model: TableModel
    curve: LearningCurve
    found: list[str]


def fit_table(
    path: str | Path,
    folder: str | Path,
    *,
    columns: Sequence[str] | None = None,
    bounds: Mapping[str, tuple] | None = None,
    models: Sequence[str] | None = None,
    strict: bool = False,
    delimiter: str | None = None,
    decimal: str | None = None,
    quantile: float = 0.01,
    time_limit: float = 600.0,
    said=print,
) -> Fit:
    """Fit all models to a table and write what a person needs.

    Parameters
    ----------
    path : str or Path
        A CSV file.
    folder : str or Path
        Is made; of an earlier fit it is replaced, another folder is refused.
    columns, bounds, strict, delimiter, decimal
        See :func:`genrates.own.table.read_table`.
    models : sequence of str, optional
        Models or families to try; default: all.
    quantile : float, default=0.01
        Share of rows that count as anomalies, in (0, 0.5].
    time_limit : float, default=600.0
        Seconds, for all together.
    said : callable, default=print
        What to do with a line for the person.

    Returns
    -------
    Fit

    Raises
    ------
    ConfigError
        For a table that cannot be fitted, or an option outside what is allowed.
    """
    start = time.monotonic()
    folder = Path(folder)
    _check(folder, quantile, time_limit, models)
    options = {
        "columns": columns,
        "bounds": bounds,
        "strict": strict,
        "delimiter": delimiter,
        "decimal": decimal,
    }
    table = read_table(path, **options)
    _say_table(path, table, said)
    tried = candidates_for(table.columns, models)
    if not tried:
        raise ConfigError(f"--models {','.join(models)}: none of them fits {len(table.columns)} columns.")
    train, test = split(len(table.values))
    spread_values = spread(table.values, table.columns)
    with Worker(spread_values[train], spread_values[test], table.columns) as worker:
        budget, each = _SHARE_OF_MODELS * time_limit, _SHARE_OF_ONE * time_limit
        trials = try_all(worker, tried, len(table.values), budget, each)
        ranking = rank(trials, len(train))
        usable = ranking[ranking.status == "ok"]
        if usable.empty:
            reasons = "; ".join(f"{row.model}: {row.reason}" for row in ranking.itertuples())
            raise ConfigError(f"no model could be fitted to {str(path)!r}. {reasons}")
        by_name = {trial.name: trial for trial in trials}
        name, reason = _in_time(
            usable.model, by_name, len(test), len(table.values), _SHARE_OF_SCORES * time_limit
        )
        trial = by_name[name]
        seconds = trial.fit_seconds + trial.score_seconds
        curve = learn(worker, name, trial.n_train, _SHARE_OF_CURVE * time_limit, seconds)
    candidate = next(c for c in tried if c.name == name)
    n_learned = learns_from(candidate, len(table.values), len(table.values))
    rows = np.sort(np.random.default_rng(0).permutation(len(table.values))[:n_learned])
    density = fit_density(candidate, table.columns, table.values[rows])
    # A row's density is taken at the value that the table holds; models learn from values spread over steps.
    scores = crossed_log_densities(density, spread_values, table.values)
    threshold = float(np.quantile(scores, quantile))
    model = TableModel(
        density, name, table.columns, table.constants, table.order, table.dialect, quantile, threshold
    )
    found = _found(table, ranking, name, reason, curve, n_learned)
    with atomic_folder(folder) as inside:
        _write(inside, Path(path), folder, Fit(table, ranking, model, curve, found), scores)
    said(f"Done in {time.monotonic() - start:.0f} s.")
    return Fit(table, ranking, model, curve, found)


def _check(folder: Path, quantile: float, time_limit: float, models) -> None:
    if not is_number(quantile) or not 0 < quantile <= 0.5:
        raise ConfigError(f"--quantile must be a number in (0, 0.5], got {quantile}.")
    if not is_number(time_limit) or time_limit < 1:
        raise ConfigError(f"--time-limit must be a number of seconds >= 1, got {time_limit}.")
    for name in models or ():
        if name.split("+")[0] not in family_names():
            raise ConfigError(f"--models: no model {name!r}; there are {', '.join(family_names())}.")
    if folder.exists() and not (
        folder.is_dir() and ((folder / ABOUT_FILE).is_file() or not any(folder.iterdir()))
    ):
        raise ConfigError(
            f"--out {str(folder)!r} exists and is no folder of an earlier fit; name another one."
        )


def _say_table(path, table: OwnTable, said) -> None:
    said(f"{path}: {table.dialect.said()}")
    said(f"  {len(table.values)} rows x {len(table.columns)} columns are used")
    for column in table.columns:
        said(f"  {column.name}: {column.said()}")
    for left in table.left_out:
        said(f"  left out: {left}")


def _in_time(ranked, trials, n_test: int, n_rows: int, seconds: float) -> tuple[str, str]:
    """Return the best model that scores all rows in time, and why it is not the best of all."""
    folds = 2 if n_rows <= MOST_CROSSED else 1
    for name in ranked:
        trial = trials[name]
        if folds * (trial.score_seconds * n_rows / n_test + trial.fit_seconds) <= seconds or n_rows <= n_test:
            break
    else:
        name = ranked.iloc[0]
    best = ranked.iloc[0]
    late = f"{best} is better, but would not score {n_rows} rows within {seconds:.0f} s (--time-limit)"
    return name, "" if name == best else late


def _found(
    table: OwnTable, ranking, name: str, reason: str, curve: LearningCurve, n_learned: int
) -> list[str]:
    row = ranking[ranking.model == name].iloc[0]
    equal = [m for m in ranking[ranking.no_worse].model if m != name]
    found = [
        f"Best model: {name}, {row.log_likelihood:.4g} +- {row.se:.2g} nats a row on held-out rows"
        + (f"; no worse: {', '.join(equal[:5])}" if equal else "")
        + (f" ({reason})" if reason else "")
        + "."
    ]
    if n_learned < len(table.values):
        found.append(f"It learned from {n_learned} of {len(table.values)} rows, drawn at random.")
    steps = [column.name for column in table.columns if column.step is not None]
    if steps:
        found.append(
            f"Values of {', '.join(steps)} have ties and were spread evenly over their steps to be fitted."
        )
    return [*found, curve.said()]


def _write(inside: Path, path: Path, folder: Path, fit: Fit, scores: np.ndarray) -> None:
    """Fill the folder of a fit."""
    table, model = fit.table, fit.model
    fit.ranking.to_csv(inside / "ranking.csv", index=False)
    fit.curve.table.to_csv(inside / "learning_curve.csv", index=False)
    model.write(inside)
    n_samples = min(len(table.values), _MOST_SAMPLES)
    write_samples(model, n_samples, 0, inside / "samples.csv")
    scored = score_table(model, table.values, table.lines, scores)
    scored.to_csv(inside / "scores.csv", index=False)
    pictures = draw_pictures(inside, model, table.values, model.draw(n_samples, seed=0), fit.curve)
    oddest = scored.sort_values("log_density", kind="stable").head(_ODDEST).drop(columns="anomaly")
    values = pd.DataFrame(table.values[oddest.index], columns=table.names, index=oddest.index)
    for column in table.columns:
        values[column.name] = column.write(values[column.name].to_numpy(), table.dialect.decimal)
    write_page(
        inside / "report.html",
        f"{path.name}: {len(table.values)} rows, {len(table.columns)} columns",
        fit.found,
        [(column.name, column.said()) for column in table.columns],
        table.left_out,
        fit.ranking,
        pd.concat([oddest, values], axis=1),
        pictures,
        [f"genrates sample {folder} --n 1000", f"genrates score {folder} new.csv"],
    )


def write_samples(model: TableModel, n: int, seed: int | None, out) -> None:
    """Write draws as the table is written.

    Parameters
    ----------
    model : TableModel
    n : int
    seed : int or None
    out : path or file
    """
    drawn = model.sample(n, seed)
    drawn.to_csv(out, index=False, sep=model.dialect.delimiter, header=model.dialect.header)
