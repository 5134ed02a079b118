"""Score rows, flag the least likely, and say which columns make them odd."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from genrates.estimators.base import DensityEstimator

_DRAWS = 50  # values that stand in for one of a row
_MOST_NAMED = 3
_WORTH = 1.0  # nats that another value of a column must add to be worth naming


def score_table(
    model: DensityEstimator, X: np.ndarray, reference: np.ndarray, names: Sequence[str], quantile: float
) -> tuple[pd.DataFrame, float]:
    """Return log-densities, which rows are anomalies, and why.

    Parameters
    ----------
    model : DensityEstimator
        The fitted model.
    X : ndarray of shape (n, d)
        Rows to score.
    reference : ndarray of shape (m, d)
        Rows of the table that the model knows, for the threshold and for values that stand in.
    names : sequence of str
        Names of the columns.
    quantile : float
        Share of the reference that counts as anomalous.

    Returns
    -------
    table : DataFrame
        `log_density` in nats, `anomaly`, `odd_columns`.
    threshold : float
        The log-density below which a row is an anomaly.
    """
    scores = model.score_samples(X)
    threshold = float(np.quantile(model.score_samples(reference), quantile))
    odd = scores < threshold
    table = pd.DataFrame({"log_density": scores, "anomaly": odd, "odd_columns": ""})
    for row in np.flatnonzero(odd):
        table.loc[row, "odd_columns"] = ", ".join(odd_columns(model, X[row], reference, names))
    return table, threshold


def odd_columns(
    model: DensityEstimator, row: np.ndarray, reference: np.ndarray, names: Sequence[str]
) -> list[str]:
    """Return the columns whose value makes a row unlikely, the oddest first.

    A column's value is replaced by those of rows drawn from the reference. What the mean density gains by
    that is what the column costs the row.

    Parameters
    ----------
    model : DensityEstimator
    row : ndarray of shape (d,)
    reference : ndarray of shape (m, d)
    names : sequence of str

    Returns
    -------
    list of str
        At most three. With one column that is the name itself.
    """
    if len(row) == 1:
        return [names[0]]
    picks = reference[np.linspace(0, len(reference) - 1, min(_DRAWS, len(reference))).astype(int)]
    changed = np.repeat(row[None], len(row) * len(picks), axis=0)
    for j in range(len(row)):
        changed[j * len(picks) : (j + 1) * len(picks), j] = picks[:, j]
    scores = model.score_samples(changed).reshape(len(row), len(picks))
    top = scores.max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(np.isfinite(top), top + np.log(np.exp(scores - top[:, None]).mean(axis=1)), -np.inf)
        gain = gain - model.score_samples(row[None])[0]
    order = [j for j in np.argsort(-gain) if gain[j] > max(_WORTH, 0.3 * np.max(gain))]
    return [names[j] for j in order[:_MOST_NAMED]]
