"""Differences of exponents between the rows of a table: what it claims when it sets one beside another."""

import math
from dataclasses import asdict, dataclass
from itertools import combinations

import pandas as pd

from genrates.analysis.excess import difference_of, excess_in
from genrates.analysis.results import ExperimentResults

COLUMNS = ["data", "metric", "model_a", "model_b", "difference", "low", "high", "theory"]


@dataclass(frozen=True)
class Difference:
    """One row of differences.csv.

    Attributes
    ----------
    data, metric, model_a, model_b : str
        Names of the data set, the metric and the two models.
    difference, low, high : float
        Exponent of `model_a` minus that of `model_b`, with its 95 % interval, tested in pairs.
    theory : float or None
        The difference of their asymptotic exponents; None where one has none.
    """

    data: str
    metric: str
    model_a: str
    model_b: str
    difference: float
    low: float
    high: float
    theory: float | None


def differences_of(experiment: ExperimentResults) -> list[Difference]:
    """Return the differences between all pairs of rows of the same data set and metric that have a rate.

    Later models come first: KDE minus histogram. Rows whose error has stopped falling, or is no error, have
    no exponent to compare, and rows without an interval none that is known.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    list of Difference
        By data set, metric and model, in the order of the config.
    """
    return [
        difference
        for data in experiment.data
        for metric in experiment.metrics
        for difference in _differences(experiment, data, metric)
    ]


def table_of(differences: list[Difference]) -> pd.DataFrame:
    """Return differences as a table.

    Parameters
    ----------
    differences : list of Difference
        As :func:`differences_of` returns them.

    Returns
    -------
    DataFrame
        With the columns `COLUMNS`.
    """
    return pd.DataFrame([asdict(difference) for difference in differences], columns=COLUMNS)


def _differences(experiment: ExperimentResults, data: str, metric: str) -> list[Difference]:
    """Return the differences between the models of one data set in one metric."""
    rows = {}
    for variant in experiment.variants:
        summary, cell = experiment.summary(data, variant, metric), experiment.cell(data, variant)
        judged = summary.verdict not in ("plateau", "no_rate", "skipped", "failed")
        # A value that falls to an unknown limit has no local rates; NaN is an interval that is not given.
        if judged and summary.local_rates and not math.isnan(summary.rate_low):
            rows[variant] = (summary, excess_in(cell, metric), cell.metrics[metric])
    found = []
    for (b, (summary_b, excess_b, _)), (a, (summary_a, excess_a, measure)) in combinations(rows.items(), 2):
        if list(excess_a.index) != list(excess_b.index):
            continue
        fit = difference_of(excess_a, excess_b, measure)
        exponents = summary_a.rate_theory, summary_b.rate_theory
        theory = None if None in exponents else exponents[0] - exponents[1]
        found.append(Difference(data, metric, a, b, fit.difference, fit.low, fit.high, theory))
    return found
