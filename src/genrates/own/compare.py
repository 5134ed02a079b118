"""Tell whether two tables have the same law, and where they differ."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import false_discovery_control, ks_2samp

from genrates.errors import ConfigError
from genrates.own.reading import read_table

_MOST_ROWS = 1000  # of each table in the energy distance, which takes all pairs
_PERMUTATIONS = 999
_LEVEL = 0.05


def compare_tables(
    a: Path, b: Path, *, strict: bool = False, seed: int = 0
) -> tuple[float, pd.DataFrame, list[str]]:
    """Test whether two tables have the same law, and say which columns differ.

    The test is the energy distance (Szekely and Rizzo 2004) of the columns that both have, each divided by
    its standard deviation in both tables together, with 999 permutations of at most 1 000 rows of each.
    Columns are compared one by one by Kolmogorov and Smirnov's test, with Benjamini and Hochberg's
    correction.

    Parameters
    ----------
    a, b : Path
        The tables.
    strict : bool, default=False
        Refuse tables of which something would be left out.
    seed : int, default=0
        Of permutations and of the rows that are taken.

    Returns
    -------
    p_value : float
        Of the same law.
    columns : DataFrame
        `column`, its medians `a` and `b`, the largest distance `ks` between distribution functions, `p_value`
        (corrected) and `differs`, at 5 %; the most different first.
    remarks : list of str
        What was left out.

    Raises
    ------
    ConfigError
        If a table cannot be read, or they share no column of numbers.
    """
    tables = [read_table(path, strict=strict, keep_constants=True) for path in (a, b)]
    names = [name for name in tables[0].names if name in tables[1].names]
    if not names:
        theirs = " and ".join(", ".join(table.names) for table in tables)
        raise ConfigError(f"{a} and {b} share no column of numbers; they have {theirs}.")
    X, Y = (table.values[:, [table.names.index(name) for name in names]] for table in tables)
    remarks = [f"{table.path}: left out: {what}" for table in tables for what in table.left_out]
    remarks += [
        f"{table.path}: column {name!r} is not in the other table"
        for table in tables
        for name in table.names
        if name not in names
    ]
    tests = [ks_2samp(x, y) for x, y in zip(X.T, Y.T, strict=True)]
    columns = pd.DataFrame({"column": names, "a": np.median(X, axis=0), "b": np.median(Y, axis=0)})
    columns["ks"] = [test.statistic for test in tests]
    columns["p_value"] = false_discovery_control([test.pvalue for test in tests])
    columns["differs"] = columns["p_value"] < _LEVEL
    order = columns.sort_values("ks", ascending=False, ignore_index=True)
    return _energy_p_value(X, Y, np.random.default_rng(seed)), order, remarks


def _energy_p_value(X: np.ndarray, Y: np.ndarray, rng: np.random.Generator) -> float:
    """Return the p-value of the energy distance under permutations of the rows."""
    X, Y = (Z[np.sort(rng.permutation(len(Z))[:_MOST_ROWS])] for Z in (X, Y))
    both = np.concatenate([X, Y])
    spread = both.std(axis=0)
    both = both / np.where(spread > 0, spread, 1.0)
    distance, m = cdist(both, both), len(X)
    labels = np.zeros(len(both))
    labels[:m] = 1.0

    def energy(is_x: np.ndarray) -> float:
        weight = is_x / m - (1 - is_x) / (len(both) - m)
        return -float(weight @ distance @ weight)

    observed = energy(labels)
    beyond = sum(energy(rng.permutation(labels)) >= observed for _ in range(_PERMUTATIONS))
    return (beyond + 1) / (_PERMUTATIONS + 1)
