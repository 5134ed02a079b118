"""Log-densities of rows, which rows are odd, and the columns that make them so."""

import warnings

import numpy as np
import pandas as pd
from sklearn.base import clone

from genrates.own.candidates import Candidate
from genrates.own.ranking import spread
from genrates.own.saved import TableModel
from genrates.progress import progress_bar

_CHUNK = 10_000
_FOLDS = 5
#: rows up to which a row's own influence on its density is taken out
MOST_CROSSED = 20_000
#: odd rows whose columns are looked at, the oddest first
MOST_EXPLAINED = 2_000
_TYPICAL = (0.1, 0.3, 0.5, 0.7, 0.9)
_BLAMED = 0.5  # columns whose replacement gains half as much as that of the worst


def log_densities(density, X: np.ndarray) -> np.ndarray:
    """Return the log-density of each row, a part of the rows at a time.

    Parameters
    ----------
    density : DensityEstimator
    X : ndarray of shape (n, d)

    Returns
    -------
    ndarray of shape (n,)
        In nats.
    """
    parts = range(0, len(X), _CHUNK)
    if len(parts) < 2:
        return density.score_samples(X)
    return np.concatenate([density.score_samples(X[i : i + _CHUNK]) for i in progress_bar(parts, "rows")])


def crossed_log_densities(density, spread_values: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Return the log-density of each row under a model that has not learned from it.

    A row is oddest to a model without it. Each of five parts is scored by a model of the other four; above
    20 000 rows one row's influence is small, and the model of all rows scores them.

    Parameters
    ----------
    density : DensityEstimator
        Fitted to all rows.
    spread_values : ndarray of shape (n, d)
        What is learned from.
    X : ndarray of shape (n, d)
        What is scored.

    Returns
    -------
    ndarray of shape (n,)
    """
    if len(X) > MOST_CROSSED:
        return log_densities(density, X)
    fold = np.random.default_rng(0).permutation(len(X)) % _FOLDS
    found = np.empty(len(X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k in progress_bar(range(_FOLDS), "scores"):
            model = clone(density).fit(spread_values[fold != k])
            found[fold == k] = model.score_samples(X[fold == k])
    return found


def odd_columns(model: TableModel, X: np.ndarray, typical: np.ndarray) -> list[str]:
    """Return the columns that make each row odd.

    A column is to blame as far as the log-density rises when its value alone is replaced by the best of
    five typical ones. Those with at least half the largest rise are named, worst first.

    Parameters
    ----------
    model : TableModel
    X : ndarray of shape (m, d)
        Odd rows.
    typical : ndarray of shape (k, d)
        Typical values of each column.

    Returns
    -------
    list of str
        Names, separated by blanks and ";".
    """
    names = [column.name for column in model.columns]
    if len(names) == 1 or not len(X):
        return [names[0]] * len(X)
    floor = -1e300
    own = np.maximum(model.density.score_samples(X), floor)
    gains = np.zeros(X.shape)
    for j in range(X.shape[1]):
        for value in typical[:, j]:
            changed = X.copy()
            changed[:, j] = value
            gains[:, j] = np.maximum(gains[:, j], model.density.score_samples(changed) - own)
    said = []
    for row in gains:
        worst = np.argsort(-row, kind="stable")
        # No single column: the row is odd in all of them together.
        blamed = [names[j] for j in worst if row[j] >= _BLAMED * row[worst[0]] and row[j] > 0]
        said.append("; ".join(blamed or names))
    return said


def typical_values(model: TableModel) -> np.ndarray:
    """Return quantiles of each column, from draws of the model.

    Parameters
    ----------
    model : TableModel

    Returns
    -------
    ndarray of shape (5, d)
    """
    return np.quantile(model.draw(2000, seed=0), _TYPICAL, axis=0)


def score_table(
    model: TableModel, values: np.ndarray, lines: np.ndarray, scores: np.ndarray | None = None
) -> pd.DataFrame:
    """Return the table of scores.

    Parameters
    ----------
    model : TableModel
    values : ndarray of shape (n, d)
        NaN marks a hole; such a row has no score.
    lines : ndarray of shape (n,)
    scores : ndarray of shape (n,), optional
        Log-densities, if known.

    Returns
    -------
    DataFrame
        Columns line, log_density (nats; empty for a row with a hole), anomaly (1, 0 or empty), odd_columns.
    """
    whole = np.isfinite(values).all(axis=1)
    if scores is None:
        scores = np.full(len(values), np.nan)
        if whole.any():
            scores[whole] = log_densities(model.density, values[whole])
    odd = whole & (scores < model.threshold)
    explained = np.flatnonzero(odd)
    explained = explained[np.argsort(scores[explained], kind="stable")][:MOST_EXPLAINED]
    said = np.full(len(values), "", dtype=object)
    said[explained] = odd_columns(model, values[explained], typical_values(model))
    frame = pd.DataFrame({"line": lines, "log_density": scores})
    frame["anomaly"] = pd.Series(odd.astype(int)).astype("Int64").where(whole)
    frame["odd_columns"] = said
    return frame


def fit_density(candidate: Candidate, columns, values: np.ndarray):
    """Fit a candidate, in silence.

    Parameters
    ----------
    candidate : Candidate
    columns : sequence of Column
    values : ndarray of shape (n, d)
        Spread over their steps: see :func:`genrates.own.ranking.spread`.

    Returns
    -------
    DensityEstimator
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return candidate.build(columns).fit(spread(values, columns))
