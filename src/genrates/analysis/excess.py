"""The part of a metric's values that is error: how fast it falls, and where it stops."""

from dataclasses import replace

import numpy as np
import pandas as pd

from genrates.analysis.results import CellResults
from genrates.metrics.base import FLOOR, UNKNOWN, Metric
from genrates.rates import (
    DifferenceFit,
    LimitFit,
    PlateauFit,
    RateFit,
    fit_difference,
    fit_limit,
    fit_plateau,
    fit_rate,
)

_SEED = 20020101  # the bootstrap's: the table is the same each time


def excess_of(values: pd.DataFrame, measure: type[Metric], floors: pd.DataFrame) -> pd.DataFrame:
    """Subtract the score of a perfect model from each value.

    Where a floor says what a perfect model scores, it is subtracted replicate by replicate: the floor of a
    known truth differs between replicates, and shares their chance.

    Parameters
    ----------
    values : DataFrame
        By size (rows) and replicate (columns); NaN where a size does not have a replicate.
    measure : type of Metric
        The metric's class.
    floors : DataFrame
        What real points score, in the same form. Used only where `measure.ideal` is FLOOR.

    Returns
    -------
    DataFrame
        In the form of `values`; 0 on average for a perfect model.

    Raises
    ------
    ValueError
        If a floor is needed and missing.
    """
    if measure.ideal != FLOOR:
        return measure.excess(values, measure.ideal)
    floors = floors.reindex(index=values.index, columns=values.columns)
    if missing := values.index[(floors.isna() & values.notna()).any(axis=1)].tolist():
        raise ValueError(f"no floor was measured at n = {missing}")
    return pd.DataFrame({n: measure.excess(row, floors.loc[n]) for n, row in values.iterrows()}).T


def excess_in(cell: CellResults, metric: str) -> pd.DataFrame:
    """Return the excess of a metric in a cell's scores.

    Parameters
    ----------
    cell : CellResults
        The cell.
    metric : str
        One of its metrics, not one whose ideal value is unknown.

    Returns
    -------
    DataFrame
        By size (rows, ascending) and replicate (columns); NaN where a size does not have a replicate.

    Raises
    ------
    ValueError
        If a floor is needed and missing.
    """
    scores = cell.scores
    values, floors = (by_replicate(scores[scores["metric"] == name]) for name in (metric, f"floor.{metric}"))
    return excess_of(values, cell.metrics[metric], floors)


def by_replicate(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the values of some scores by size and replicate.

    Parameters
    ----------
    rows : DataFrame
        Scores of one metric.

    Returns
    -------
    DataFrame
        Sizes ascending in the rows, replicates in the columns; NaN where a size does not have a replicate.
    """
    return rows.pivot(index="n", columns="replicate", values="value").sort_index()


def rate_of(excess: pd.DataFrame, measure: type[Metric]) -> RateFit:
    """Return the rate of an excess, in the value's own unit.

    Parameters
    ----------
    excess : DataFrame
        By size and replicate.
    measure : type of Metric
        The metric's class.

    Returns
    -------
    RateFit
        As :func:`genrates.rates.fit_rate` gives it.

    Raises
    ------
    ValueError
        If at some size the model is no worse than real points; and as :func:`genrates.rates.fit_rate`.
    """
    if measure.ideal == FLOOR and (equal := _sizes_within_chance(excess)):
        later = "" if excess.index[-1] in equal else ", at larger n worse"
        raise ValueError(f"at n = {equal} no worse than real against real{later}")
    fit = fit_rate(
        excess.to_numpy(), excess.index.to_numpy(), aggregate=measure.aggregate, random_state=_SEED
    )
    return _of_roots(fit) if measure.in_squares else fit


def difference_of(excess: pd.DataFrame, other: pd.DataFrame, measure: type[Metric]) -> DifferenceFit:
    """Return the difference of two rates, in the value's own unit.

    Parameters
    ----------
    excess, other : DataFrame
        By size and replicate. Replicates of one number belong to one sample.
    measure : type of Metric
        The metric's class.

    Returns
    -------
    DifferenceFit
        As :func:`genrates.rates.fit_difference` gives it.
    """
    columns = excess.columns.union(other.columns)
    tables = [table.reindex(columns=columns).to_numpy() for table in (excess, other)]
    fit = fit_difference(*tables, excess.index.to_numpy(), aggregate=measure.aggregate, random_state=_SEED)
    if not measure.in_squares:
        return fit
    return DifferenceFit(*(value / 2 for value in (fit.difference, fit.low, fit.high, fit.standard_error)))


def plateau_of(excess: pd.DataFrame, measure: type[Metric]) -> PlateauFit:
    """Return the plateau of an excess, in the value's own unit.

    Parameters
    ----------
    excess : DataFrame
        By size and replicate.
    measure : type of Metric
        The metric's class.

    Returns
    -------
    PlateauFit
        As :func:`genrates.rates.fit_plateau` gives it.
    """
    found = fit_plateau(
        excess.to_numpy(),
        excess.index.to_numpy(),
        aggregate=measure.aggregate,
        quadratic=measure.quadratic,
        random_state=_SEED,
    )
    if not measure.in_squares:
        return found
    ends = ("plateau", "plateau_low", "plateau_high")
    return replace(found, **{key: getattr(found, key) ** 0.5 for key in ends})


def limit_of(values: pd.DataFrame) -> LimitFit:
    """Return the limit of values whose ideal is unknown, and how fast they fall to it.

    Parameters
    ----------
    values : DataFrame
        By size and replicate.

    Returns
    -------
    LimitFit
        As :func:`genrates.rates.fit_limit` gives it.
    """
    return fit_limit(values.to_numpy(), values.index.to_numpy(), random_state=_SEED)


def meaning_of_rate(measure: type[Metric]) -> str:
    """Say what rate and plateau are of, where that is not the value itself.

    Parameters
    ----------
    measure : type of Metric
        The metric's class.

    Returns
    -------
    str
        Text for the table; empty where they are of the value itself.
    """
    if measure.ideal == UNKNOWN:
        return "rate of error - limit; plateau: the limit, entropy and bias"
    if measure.ideal == FLOOR:
        return f"rate and plateau {'in squares ' if measure.in_squares else ''}above the floor"
    return f"rate and plateau of error - {measure.ideal:g}" if measure.ideal else ""


def _sizes_within_chance(excess: pd.DataFrame) -> list[int]:
    """Return sizes whose mean excess is not above 0 by two standard errors; any excess of one replicate."""
    spread = excess.std(axis=1, ddof=1).fillna(0.0) / np.sqrt(excess.count(axis=1))
    return excess.index[excess.mean(axis=1) <= 2 * spread].tolist()


def _of_roots(fit: RateFit) -> RateFit:
    """Return the fit of e^2 as that of e."""
    half = ("rate", "rate_low", "rate_high", "rate_median", "standard_error", "local_rates")
    roots = np.sqrt(fit.errors)
    return replace(
        fit,
        errors=roots,
        error_se=fit.error_se / (2 * roots),
        constant=fit.constant**0.5,
        **{key: getattr(fit, key) / 2 for key in half},
    )
