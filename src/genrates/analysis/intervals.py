"""Rates whose interval would say more than is known: errors of which a few fits own the mean."""

import pandas as pd

from genrates.analysis.results import CellResults
from genrates.analysis.theory import tuning_of
from genrates.rates import tail_index

#: so many replicates of every size show whether the tail is heavy
FEWEST = 100
#: least index, at every size, of a row that has an interval: what is given then covers 92 to 98 % on
#: densities 6 and 10, and none is given on density 1
LEAST_INDEX = 1.6


def why_no_interval(metric: str, cell: CellResults, excess: pd.DataFrame) -> str:
    """Return why a rate has no interval, or nothing where it has one.

    A model's metadata names metrics with heavy tails and the rule of tuning that makes them
    (`heavy_tails: {kl: lscv}`): cross-validation sometimes takes a bandwidth that is far too small, and its
    divergence has no variance. Whether the tail is light enough is seen from many replicates alone.

    Parameters
    ----------
    metric : str
        Name of the metric.
    cell : CellResults
        The cell.
    excess : DataFrame
        By size and replicate.

    Returns
    -------
    str
        Empty where an interval is given.
    """
    rule = (cell.model_metadata.get("heavy_tails") or {}).get(metric)
    if rule is None or rule not in tuning_of(cell).values():
        return ""
    if excess.count(axis=1).min() < FEWEST:
        return f"no interval: a few fits own the mean, which {FEWEST} replicates of each size would show"
    aggregate = cell.metrics[metric].aggregate
    index = {n: tail_index(errors, aggregate=aggregate) for n, errors in excess.iterrows()}
    heaviest = min(index, key=index.get)
    if index[heaviest] >= LEAST_INDEX:
        return ""
    return f"no interval: a few fits own the mean (tail index {index[heaviest]:.1f} at n = {heaviest})"
