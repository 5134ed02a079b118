"""`genrates fit`: from a table to a ranking of models, draws, scores, pictures, a page and the best model."""

import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone

from genrates.errors import ConfigError
from genrates.files import atomic_file
from genrates.own.candidates import Candidate, candidates
from genrates.own.facts import facts_of, remarks
from genrates.own.learning import learning_curve
from genrates.own.model_folder import MOST_KNOWN, LearnedTable, spread_evenly
from genrates.own.page import page
from genrates.own.pictures import plot, plot_learning
from genrates.own.ranking import ranking, split, try_all
from genrates.own.reading import OwnTable, read_table
from genrates.own.scores import score_table

_FEWEST_ROWS = 10
_MOST_DRAWN = 100_000
_STRANGEST = 20
_MOST_TO_LEARN = 20_000  # rows of the learning curve's largest size


def fit_table(
    path: Path,
    out: Path | None = None,
    *,
    columns: list[str] | None = None,
    strict: bool = False,
    quantile: float = 0.01,
    minutes: float = 10.0,
    seed: int = 0,
) -> pd.DataFrame:
    """Learn a table: try every model that fits it, and keep the best.

    Parameters
    ----------
    path : Path
        The table.
    out : Path, optional
        The folder to make; default: NAME.genrates beside the table.
    columns : list of str, optional
        Columns to use; default: all that hold numbers.
    strict : bool, default=False
        Refuse a table of which something would be left out.
    quantile : float, default=0.01
        Share of the rows that counts as anomalous.
    minutes : float, default=10
        For trying models.
    seed : int, default=0
        Of what is held out, of spreading rounded values, and of draws.

    Returns
    -------
    DataFrame
        The ranking; also in OUT/ranking.csv, beside samples.csv, scores.csv, pictures, report.html and the
        model.

    Raises
    ------
    ConfigError
        If the table cannot be read or has fewer than ten rows, a value is not allowed, or no model fits it.
    """
    if not 0 < quantile < 1:
        raise ConfigError(f"--quantile must lie between 0 and 1, got {quantile:g}.")
    if not minutes > 0:
        raise ConfigError(f"--minutes must be positive, got {minutes:g}.")
    table = read_table(path, strict=strict, columns=columns)
    if len(table.values) < _FEWEST_ROWS:
        raise ConfigError(
            f"{path}: {len(table.values)} rows without a hole; at least {_FEWEST_ROWS} are needed."
        )
    out = out or path.with_suffix(".genrates")
    out.mkdir(parents=True, exist_ok=True)
    facts = [facts_of(name, x) for name, x in zip(table.names, table.values.T, strict=True)]
    told = [", ".join(table.found), *(f"left out: {what}" for what in table.left_out), *remarks(facts)]
    print(*(f"  {remark}" for remark in told), sep="\n", file=sys.stderr)
    X = spread_evenly(table.values, facts, seed)
    train, held_out = split(len(X), seed)
    models = candidates(facts, X)
    with tempfile.TemporaryDirectory(prefix="genrates-") as folder:
        trials = try_all(models, X[train], X[held_out], Path(folder), minutes)
    ranked = ranking(trials)
    _write_csv(ranked, out / "ranking.csv")
    if ranked["rank"].isna().all():
        reasons = "; ".join(f"{row.model}: {row.reason}" for row in ranked.itertuples())
        raise ConfigError(f"{path}: no model gives every held-out row a density. {reasons}")
    best = next(model for model in models if model.name == ranked["model"][0])
    learned = _learn(best, X, table, [fact.unit for fact in facts])
    learned.save(out)
    _write_rest(out, path, table, learned, best, X, (train, held_out), ranked, told, quantile, seed)
    return ranked


def _learn(best: Candidate, X: np.ndarray, table: OwnTable, units: list[float]) -> LearnedTable:
    """Fit the best model to all rows, or to as many as it takes."""
    order = np.random.default_rng(1).permutation(len(X))
    rows = np.sort(order[: best.most_rows]) if best.most_rows is not None else slice(None)
    model = clone(best.estimator).fit(X[rows])
    origins = table.values[0].tolist()
    known = X[np.sort(order[:MOST_KNOWN])]
    return LearnedTable(model, best.name, table.names, units, origins, table.decimals, known)


def _write_rest(out, path, table, learned, best, X, parts, ranked, told, quantile, seed) -> None:
    """Write samples, scores, pictures and the page."""
    train, held_out = parts
    write_rows(learned, learned.draw(min(len(X), _MOST_DRAWN), seed), out / "samples.csv")
    scores, threshold = score_table(learned.model, table.values, learned.reference, table.names, quantile)
    scores.insert(0, "line", table.lines)
    _write_csv(scores, out / "scores.csv")
    figure = plot(learned.model, X, names=table.names)
    _save(figure, out / "density.png")
    few = train[: min(len(train), _MOST_TO_LEARN, best.most_rows or len(train))]
    curve = learning_curve(lambda: clone(best.estimator), X[few], X[held_out])
    _save(plot_learning(curve), out / "learning_curve.png")
    top = ranked.iloc[0]
    alike = ranked.loc[ranked["no_worse"].eq(True), "model"].tolist()[1:]
    answer = f"Best: {top['model']}, {top['log_likelihood']:.3f} +- {top['se']:.3f} nats a row"
    answer += f"; no worse: {', '.join(alike)}." if alike else "; it is better than all others."
    strangest = scores.nsmallest(_STRANGEST, "log_density").drop(columns="anomaly")
    values = pd.DataFrame(table.values, columns=table.names).loc[strangest.index]
    about = f"{int(scores['anomaly'].sum())} of {len(scores)} rows have a log-density below {threshold:.3f}, "
    about += f"as {quantile:.2%} of the known rows do. All are in scores.csv."
    text = page(
        out,
        title=f"What {path.name} looks like",
        command=f"genrates fit {path}",
        answer=answer,
        remarks=told,
        ranking=ranked,
        held_out=len(held_out),
        learning=curve.sentence(),
        anomalies=about,
        strangest=pd.concat([strangest, values], axis=1),
    )
    with atomic_file(out / "report.html") as part:
        part.write_text(text, encoding="utf-8")
    print(f"  {answer}\n  {curve.sentence()}\n  {about}", file=sys.stderr)


def write_rows(learned: LearnedTable, rows: np.ndarray, path: Path | None) -> None:
    """Write rows as the table's are written: same columns, same number of digits.

    Parameters
    ----------
    learned : LearnedTable
    rows : ndarray of shape (n, d)
    path : Path or None
        The file; None: standard output.
    """
    frame = pd.DataFrame(
        {
            name: [f"{value:.{decimals}f}" if decimals < 15 else repr(float(value)) for value in column]
            for name, decimals, column in zip(learned.names, learned.decimals, rows.T, strict=True)
        }
    )
    if path is None:
        frame.to_csv(sys.stdout, index=False)
    else:
        _write_csv(frame, path)


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    with atomic_file(path) as part:
        frame.to_csv(part, index=False)


def _save(figure, path: Path) -> None:
    with atomic_file(path) as part:
        figure.savefig(part, dpi=110, format="png")
    plt.close(figure)
