"""The rows of the slide's table, and what an experiment has measured for each of their columns, as text."""

import math
from dataclasses import dataclass

import numpy as np

from genrates.analysis.text import rate_with_interval

#: the slide's rates are of the root of the integrated squared error of the density
METRIC = "root_mise"
#: the same in the middle of the data, where the slide's rate of nearest neighbors holds
CORE = "root_mise_core"
#: verdicts on an error that has a rate
_COUNTED = ("agrees", "undecided", "faster", "slower", "plateau")
#: what the table claims when it sets one row beside another
_CLAIMS = (("kde", "histogram"), ("kde", "mixture"), ("knn", "kde"), ("series", "kde"), ("slc", "kde"))
#: the model whose points measure the price of a lower rate: it has the parametric rate
_REFERENCE_MODEL = "mixture"


@dataclass(frozen=True)
class Row:
    """One row of the slide's table, and the model here that belongs to it.

    Attributes
    ----------
    variant : str
        Name of the model.
    type, method, rate, tuning, limitation : str
        The slide's text, in matplotlib's TeX.
    symbol : str
        The slide's letter for the tuning parameter.
    power : int
        2 where the slide's rate is of a squared error.
    note : str
        What else the slide's rate is of.
    metric : str
        The error that the slide's rate is of.
    """

    variant: str
    type: str
    method: str
    rate: str
    tuning: str
    limitation: str
    symbol: str = ""
    power: int = 1
    note: str = ""
    metric: str = METRIC


#: Chen's table as the lecture shows it, and the line of the SLC slide
SLIDE = (
    Row("gaussian", "Parametric", "Parametric model", r"$O(1/\sqrt{n})$", "None", "Unavoidable bias"),
    Row(
        "mixture",
        "Parametric",
        "Mixture model",
        r"$O(1/\sqrt{n})$",
        "$K$, number of mixture",
        "Hard to compute",
        "K",
    ),
    Row(
        "histogram",
        "Nonparametric",
        "Histogram",
        r"$O(1/n^{1/3})$",
        "$b$, bin size",
        "Lower convergence rate",
        "b",
    ),
    Row(
        "kde",
        "Nonparametric",
        "Kernel density estimator",
        r"$O(1/n^{2/5})$",
        "$h$, smoothing bandwidth",
        "Lower rate; hard to sample, to keep in memory",
        "h",
    ),
    Row(
        "knn",
        "Nonparametric",
        "K-nearest neighbor",
        r"$O(1/n^{2/5})$",
        "$k$, number of neighbor",
        "Lower rate; hard to sample, to keep in memory",
        "k",
        note="at a point; measured in the middle",
        metric=CORE,
    ),
    Row(
        "knn", "Nonparametric", "K-nearest neighbor, over the line", "", "", "Its tails take from the middle"
    ),
    Row(
        "series",
        "Nonparametric",
        "Basis approach",
        r"$O(1/n^{2/5})$",
        "$M$, number of basis",
        "Lower convergence rate",
        "M",
    ),
    Row(
        "slc",
        "Regressive",
        "Neural CDF regression",
        r"$O(\log\,\log\,n\,/\,n)$",
        "",
        "Multi-d needs special treatment; sampling is easier",
        "units",
        2,
        note="of the squared error",
    ),
)


def rows_of(experiment) -> list[Row]:
    """Return the rows that an experiment has measured.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    list of Row
    """
    found = {(variant, metric) for _, variant, metric in experiment.summaries}
    return [row for row in SLIDE if (row.variant, row.metric) in found]


def measured(row: Row, summary) -> tuple[str, str, str]:
    """Return a field of the table: what the error does on one data set.

    Parameters
    ----------
    row : Row
        A row of the slide.
    summary : Summary
        The error of its model.

    Returns
    -------
    large, small, verdict : str
        The rate, the smaller text below it, and the verdict.
    """
    if summary.rate is None:
        return summary.verdict, summary.reason[:40], summary.verdict
    if summary.verdict == "plateau":
        return f"stays at {summary.plateau:.3f}", "its bias", "plateau"
    parts = []
    if not math.isnan(summary.rate_low):  # NaN: too few replicates for an interval
        parts.append(f"[{row.power * summary.rate_low:z.2f}, {row.power * summary.rate_high:z.2f}]")
    if summary.expected_rate is not None:
        kind = summary.reference if summary.reference in ("exact", "simulated", "sieve") else "theory"
        parts.append(f"{kind} {row.power * summary.expected_rate:z.2f}")
    return rf"$n^{{{-row.power * summary.rate:z.2f}}}$", "  ".join(parts), summary.verdict


def all_data(row: Row, summaries: list) -> tuple[str, str]:
    """Return a field of the table: what the error does on all data sets together.

    Parameters
    ----------
    row : Row
        A row of the slide.
    summaries : list of Summary
        The errors of its model, one for each data set.

    Returns
    -------
    rates : str
        The median rate and the range, over the data sets on which the error falls.
    verdicts : str
        How often there is each verdict.
    """
    falling = [s for s in summaries if s.rate is not None and s.verdict != "plateau"]
    counts = {v: sum(s.verdict == v for s in summaries) for v in _COUNTED}
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    if not falling:
        return "", verdicts
    rates = row.power * np.array([s.rate for s in falling])
    span = f"  ({rates.min():z.2f} to {rates.max():z.2f})" if len(rates) > 1 else ""
    return rf"$n^{{{-np.median(rates):z.2f}}}${span}", verdicts


def differences(experiment, data: str) -> list[str]:
    """Return by how much the exponents of the slide's claims differ, as text.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its differences.
    data : str
        Name of the data set.

    Returns
    -------
    list of str
        One for each pair of `_CLAIMS` that has been measured.
    """
    found = {(d.model_a, d.model_b, d.metric): d for d in experiment.differences if d.data == data}
    claims = [(*pair, CORE if "knn" in pair else METRIC) for pair in _CLAIMS]
    return [_difference(found[claim]) for claim in claims if claim in found]


def _difference(difference) -> str:
    """Return a difference with its interval, and theory's."""
    where = " (in the middle)" if difference.metric == CORE else ""
    names = f"{difference.model_a} - {difference.model_b}{where}"
    interval = rate_with_interval(difference.difference, difference.low, difference.high)
    theory = "" if difference.theory is None else f" (theory {difference.theory:z.3f})"
    return f"{names} {interval}{theory}"


def tuned(row: Row, experiment) -> str:
    """Return how the tuned value moves with n: the median over the data sets of its own exponent.

    Parameters
    ----------
    row : Row
        A row of the slide.
    experiment : ExperimentResults
        The experiment.

    Returns
    -------
    str
        Empty where nothing is tuned. For whole numbers, the median value at the first and the last n.
    """
    values = [experiment.cell(name, row.variant).costs("tuned") for name in experiment.data]
    means = [found.groupby(level=0).mean() for found in values if len(found)]
    if not means or not row.symbol:
        return ""
    if row.symbol in ("K", "units") or len(means[0]) < 2:
        first, last = (np.median([mean.iloc[i] for mean in means]) for i in (0, -1))
        return rf"$K$: {first:.3g} to {last:.3g}" if row.symbol == "K" else f"{first:.0f} to {last:.0f} units"
    slopes = [np.polyfit(np.log(mean.index), np.log(mean), 1)[0] for mean in means]
    return rf"${row.symbol} \sim n^{{{np.median(slopes):.2f}}}$"


def limitation(row: Row, experiment) -> str:
    """Return the number behind the slide's limitation.

    Parameters
    ----------
    row : Row
        A row of the slide.
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    str
        A bias, a time, a size, or a number of points, in words.
    """
    if row.variant == "gaussian":
        return _bias(row, experiment)
    if row.variant == "mixture":
        own, other = (_cost(experiment, variant, "fit_seconds") for variant in ("mixture", "gaussian"))
        times = f", {own / other:,.0f} x the Gaussian's" if other else ""
        return f"{own:.2g} s a fit{times}"
    if row.metric == METRIC and row.variant == "knn":
        return points_needed(row, experiment)
    costs = f"{_bytes(_cost(experiment, row.variant, 'model_bytes'))}, "
    costs += f"{_cost(experiment, row.variant, 'sample_us_per_draw'):.2g} us a draw"
    if row.variant == "slc":
        return f"{_cost(experiment, row.variant, 'fit_seconds'):.2g} s a fit; {costs}"
    return "; ".join(filter(None, [points_needed(row, experiment), costs]))


def _bias(row: Row, experiment) -> str:
    """Return the median plateau, and on how many data sets there is one."""
    summaries = [experiment.summary(name, row.variant, METRIC) for name in experiment.data]
    plateaus = [s.plateau for s in summaries if s.verdict == "plateau"]
    if not plateaus:
        return "none seen"
    return f"a root error of {np.median(plateaus):.2f} stays, on {len(plateaus)} of {len(summaries)} data"


def points_needed(row: Row, experiment) -> str:
    """Return how many times the points of a mixture a model needs for the same error, at the largest n.

    Parameters
    ----------
    row : Row
        A row of the slide.
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    str
        The median over the data sets; empty where no mixture has been measured.
    """
    if _REFERENCE_MODEL not in experiment.variants:
        return ""
    pairs = [
        [experiment.summary(name, variant, row.metric).errors for variant in (row.variant, _REFERENCE_MODEL)]
        for name in experiment.data
    ]
    factors = [factor for pair in pairs if (factor := _factor(*pair)) is not None]
    if not factors:
        return ""
    factor, largest = np.median(factors), max(pairs[0][0]) / min(pairs[0][0])
    bound = "over " if factor > 0.99 * largest else ""  # the mixture has that error at the smallest n already
    return f"{bound}{factor:.{0 if factor >= 10 else 1}f} x the points of a mixture"


def _factor(own: dict[int, float], other: dict[int, float]) -> float | None:
    """Return the largest n over the n at which `other` has the error of `own` there; both fall with n."""
    if not own or len(other) < 2:
        return None
    n_max = max(own)
    sizes = np.array(sorted(other))
    errors = np.minimum.accumulate([other[n] for n in sizes])
    # np.interp needs increasing abscissae; beyond the measured sizes it returns the first or the last
    log_n = np.interp(np.log(own[n_max]), np.log(errors[::-1]), np.log(sizes[::-1]))
    return float(n_max / np.exp(log_n))


def _cost(experiment, variant: str, name: str) -> float:
    """Return the median over data sets of a mean cost at the largest n; 0 where it was not measured."""
    if variant not in experiment.variants:
        return 0.0
    costs = [found for d in experiment.data if len(found := experiment.cell(d, variant).costs(name))]
    return float(np.median([c[c.index == c.index.max()].mean() for c in costs])) if costs else 0.0


def _bytes(count: float) -> str:
    return f"{count / 1000:.3g} kB" if count < 1e6 else f"{count / 1e6:.3g} MB"
