"""What of a metric's values is error, how fast that falls, and where it stops."""

from dataclasses import replace

import numpy as np
import pandas as pd

from genrates.metrics.base import FLOOR, UNKNOWN, Metric
from genrates.rates import LimitFit, PlateauFit, RateFit, fit_limit, fit_plateau, fit_rate

_SEED = 20020101  # of the bootstrap: the table is the same each time


def excess_of(values: pd.DataFrame, measure: type[Metric], floors: pd.DataFrame | None) -> pd.DataFrame:
    """What of `values` (size, replicate) a perfect model would not score; `floors` alike, where they judge.

    A floor of a known truth is another one for each replicate, and shares its chance: pairs are subtracted.

    Raises
    ------
    ValueError
        If only a floor says what a perfect model scores, and one is missing.
    """
    if measure.ideal != FLOOR:
        return measure.excess(values, measure.ideal)
    floors = floors.reindex(index=values.index, columns=values.columns)
    if missing := values.index[floors.isna().any(axis=1)].tolist():
        raise ValueError(f"no floor was measured at n = {missing}")
    return pd.DataFrame({n: measure.excess(row, floors.loc[n]) for n, row in values.iterrows()}).T


def rate_of(excess: pd.DataFrame, measure: type[Metric]) -> RateFit:
    """The rate of the value itself; as :func:`genrates.rates.fit_rate`, whose errors it raises."""
    if measure.ideal == FLOOR and (equal := _within_chance(excess)):
        later = "" if excess.index[-1] in equal else ", at larger n worse"
        raise ValueError(f"at n = {equal} no worse than real against real{later}")
    fit = fit_rate(
        excess.to_numpy(), excess.index.to_numpy(), aggregate=measure.aggregate, random_state=_SEED
    )
    return _of_roots(fit) if measure.in_squares else fit


def plateau_of(excess: pd.DataFrame, measure: type[Metric]) -> PlateauFit:
    """The plateau of the excess, in the value's unit."""
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
    """Where values whose ideal is UNKNOWN fall to, and how fast."""
    return fit_limit(values.to_numpy(), values.index.to_numpy(), random_state=_SEED)


def reading(measure: type[Metric]) -> str:
    """Of what, where not of the value itself, a rate and a plateau are; text for the table."""
    if measure.ideal == UNKNOWN:
        return "rate of error - limit; plateau: the limit, entropy and bias"
    if measure.ideal == FLOOR:
        return f"rate and plateau {'in squares ' if measure.in_squares else ''}above the floor"
    return f"rate and plateau of error - {measure.ideal:g}" if measure.ideal else ""


def _within_chance(excess: pd.DataFrame) -> list[int]:
    """Sizes whose mean excess is not above 0 by two standard errors (by anything, for one replicate)."""
    spread = excess.std(axis=1, ddof=1).fillna(0.0) / np.sqrt(excess.shape[1])
    return excess.index[excess.mean(axis=1) <= 2 * spread].tolist()


def _of_roots(fit: RateFit) -> RateFit:
    """The fit of e^2 as that of e."""
    half = ("rate", "rate_low", "rate_high", "rate_median", "standard_error", "local_rates")
    roots = np.sqrt(fit.errors)
    return replace(
        fit,
        errors=roots,
        error_se=fit.error_se / (2 * roots),
        constant=fit.constant**0.5,
        **{key: getattr(fit, key) / 2 for key in half},
    )
