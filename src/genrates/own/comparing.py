"""Whether two tables follow the same law, and where they differ."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp
from sklearn.metrics import pairwise_distances

from genrates.errors import ConfigError
from genrates.metrics.mmd import permutation_p_value
from genrates.own.table import OwnTable

_MOST_ROWS = 1_000
_LEVEL = 0.05


@dataclass
class Comparison:
    """Two tables beside each other.

    Attributes
    ----------
    p_value : float
        Of the energy test on all columns together.
    rows : tuple of two ints
        Rows that it uses of each table.
    columns : DataFrame
        Columns column, median_a, median_b, largest_gap (between the distribution functions), at (where),
        p_value (Kolmogorov-Smirnov, Holm's correction for the number of columns).
    only_in_one : list of str
        Columns that are not compared.
    """

    p_value: float
    rows: tuple[int, int]
    columns: pd.DataFrame
    only_in_one: list[str]

    def said(self) -> str:
        """Return what was found, in words.

        Returns
        -------
        str
        """
        test = f"energy test on {self.rows[0]} and {self.rows[1]} rows, p = {self.p_value:.3f}"
        differ = self.columns[self.columns.p_value < _LEVEL].column.tolist()
        where = f"They differ most in {', '.join(differ)}." if differ else "No single column differs clearly."
        if self.p_value <= _LEVEL or differ:
            return f"The tables do not follow the same law ({test}). {where}"
        return f"No difference is seen ({test}); so many rows do not tell them apart, more might."


def compare(a: OwnTable, b: OwnTable, seed: int = 0) -> Comparison:
    """Compare two tables.

    Parameters
    ----------
    a, b : OwnTable
    seed : int, default=0
        Of the rows that are taken and of the permutations.

    Returns
    -------
    Comparison

    Raises
    ------
    ConfigError
        If they have no column in common.
    """
    common = [name for name in a.names if name in b.names]
    if not common:
        raise ConfigError(
            f"the tables have no column in common: {', '.join(a.names)} and {', '.join(b.names)}; "
            "columns are matched by name."
        )
    rng = np.random.default_rng(seed)
    X, Y = (t.values[:, [t.names.index(name) for name in common]] for t in (a, b))
    rows = []
    for j, name in enumerate(common):
        test = ks_2samp(X[:, j], Y[:, j])
        rows.append(
            (
                name,
                np.median(X[:, j]),
                np.median(Y[:, j]),
                test.statistic,
                test.statistic_location,
                test.pvalue,
            )
        )
    columns = pd.DataFrame(rows, columns=["column", "median_a", "median_b", "largest_gap", "at", "p_value"])
    columns["p_value"] = _holm(columns["p_value"].to_numpy())
    columns = columns.sort_values("p_value", kind="stable", ignore_index=True)
    parts = [Z[rng.permutation(len(Z))[:_MOST_ROWS]] for Z in (X, Y)]
    both = np.concatenate(parts)
    # Ranks: no unit and no far value outweighs the others.
    ranks = pd.DataFrame(both).rank().to_numpy() / len(both)
    distances = pairwise_distances(ranks)
    p = permutation_p_value(1.0 - distances / max(distances.mean(), 1e-300), len(parts[0]), rng)
    only = [name for name in (*a.names, *b.names) if name not in common]
    return Comparison(p, (len(parts[0]), len(parts[1])), columns, only)


def _holm(p: np.ndarray) -> np.ndarray:
    """Return p-values corrected for their number (Holm 1979)."""
    order = np.argsort(p)
    corrected = np.maximum.accumulate(np.minimum(1.0, p[order] * np.arange(len(p), 0, -1)))
    found = np.empty_like(corrected)
    found[order] = corrected
    return found
