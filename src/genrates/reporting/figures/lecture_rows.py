"""The slide's rows, and what an experiment has measured for each of their columns, in words."""

from dataclasses import dataclass

import numpy as np

#: of the slides' rates: the root of the integrated squared error of the density
METRIC = "root_mise"
#: the model in whose points the price of a lower rate is told: it has the parametric rate
YARDSTICK = "mixture"


@dataclass(frozen=True)
class Row:
    """One row of the slide's table: its text (in matplotlib's TeX), and the model here that it speaks of.

    `power` is 2 where the slide's rate is of a squared error; `note` says what else its rate is of.
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
        note="at a point; measured over the line",
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


def measured(row: Row, summary) -> tuple[str, str, str]:
    """A cell of the table: what the error does, the small print below it, and the verdict."""
    if summary.rate is None:
        return summary.verdict, summary.reason[:40], summary.verdict
    if summary.verdict == "plateau":
        return f"stays at {summary.plateau:.3f}", "its bias", "plateau"
    small = f"[{row.power * summary.rate_low:.2f}, {row.power * summary.rate_high:.2f}]"
    if summary.rate_low != summary.rate_low:  # too few replicates for an interval
        small = ""
    if summary.rate_exact is not None:
        small += f"  exact {row.power * summary.rate_exact:.2f}"
    elif summary.rate_theory is not None:
        small += f"  theory {row.power * summary.rate_theory:.2f}"
    return rf"$n^{{-{row.power * summary.rate:.2f}}}$", small.strip(), summary.verdict


def over_all(row: Row, summaries: list) -> tuple[str, str]:
    """The median exponent over the data sets on which the error falls, its range, and the verdicts' count."""
    falling = [s for s in summaries if s.rate is not None and s.verdict != "plateau"]
    counts = {v: sum(s.verdict == v for s in summaries) for v in ("agrees", "faster", "slower", "plateau")}
    words = ", ".join(f"{n} {v}" for v, n in counts.items() if n)
    if not falling:
        return "", words
    rates = row.power * np.array([s.rate for s in falling])
    span = f"  ({rates.min():.2f} to {rates.max():.2f})" if len(rates) > 1 else ""
    return rf"$n^{{-{np.median(rates):.2f}}}${span}", words


def tuned(row: Row, experiment) -> str:
    """How the tuned value moves with n: median over the data sets of its own exponent."""
    series = [experiment.cell(d, row.variant).costs("tuned") for d in experiment.data]
    means = [s.groupby(level=0).mean() for s in series if len(s)]
    if not means or not row.symbol:
        return ""
    first, last = (np.median([m.iloc[i] for m in means]) for i in (0, -1))
    if row.symbol in ("K", "units") or len(means[0]) < 2:
        return (
            rf"${row.symbol}$: {first:.3g} to {last:.3g}"
            if row.symbol == "K"
            else f"{first:.0f} to {last:.0f} units"
        )
    slopes = [np.polyfit(np.log(m.index), np.log(m), 1)[0] for m in means]
    return rf"${row.symbol} \sim n^{{{np.median(slopes):.2f}}}$"


def limitation(row: Row, experiment) -> str:
    """The number behind the slide's limitation."""
    if row.variant == "gaussian":
        return _bias(row, experiment)
    if row.variant == "mixture":
        own, other = (_cost(experiment, label, "fit_seconds") for label in (row.variant, "gaussian"))
        times = f", {own / other:,.0f} x the Gaussian's" if other else ""
        return f"{own:.2g} s a fit{times}"
    costs = f"{_bytes(_cost(experiment, row.variant, 'model_bytes'))}, "
    costs += f"{_cost(experiment, row.variant, 'sample_us_per_draw'):.2g} us a draw"
    if row.variant == "slc":
        return f"{_cost(experiment, row.variant, 'fit_seconds'):.2g} s a fit; {costs}"
    return "; ".join(filter(None, [points_needed(row, experiment), costs]))


def _bias(row: Row, experiment) -> str:
    summaries = [experiment.summary(d, row.variant, METRIC) for d in experiment.data]
    left = [s.plateau for s in summaries if s.verdict == "plateau"]
    if not left:
        return "none seen"
    return f"a root error of {np.median(left):.2f} stays, on {len(left)} of {len(summaries)} data"


def points_needed(row: Row, experiment) -> str:
    """How many times the yardstick's points this model needs for an equal error, at the largest n."""
    if YARDSTICK not in experiment.variants:
        return ""
    pairs = [
        (experiment.summary(d, row.variant, METRIC).errors, experiment.summary(d, YARDSTICK, METRIC).errors)
        for d in experiment.data
    ]
    factors = [f for own, other in pairs if (f := _factor(own, other)) is not None]
    if not factors:
        return ""
    factor, most = np.median(factors), max(pairs[0][0]) / min(pairs[0][0])
    bound = "over " if factor > 0.99 * most else ""  # the mixture has that error at the smallest n already
    return f"{bound}{factor:.{0 if factor >= 10 else 1}f} x the points of a mixture"


def _factor(own: dict[int, float], other: dict[int, float]) -> float | None:
    """n_max over the n at which `other` has the error that `own` has at n_max; both fall as n grows."""
    if not own or len(other) < 2:
        return None
    n_max = max(own)
    sizes = np.array(sorted(other))
    errors = np.minimum.accumulate([other[n] for n in sizes])
    # np.interp wants increasing abscissae; beyond the sizes that were run it stays at the first or the last
    log_n = np.interp(np.log(own[n_max]), np.log(errors[::-1]), np.log(sizes[::-1]))
    return float(n_max / np.exp(log_n))


def _cost(experiment, label: str, name: str) -> float:
    """Median over data sets of a mean cost at the largest n; 0 where it was not measured."""
    if label not in experiment.variants:
        return 0.0
    found = [s for d in experiment.data if len(s := experiment.cell(d, label).costs(name))]
    return float(np.median([s[s.index == s.index.max()].mean() for s in found])) if found else 0.0


def _bytes(count: float) -> str:
    return f"{count / 1000:.3g} kB" if count < 1e6 else f"{count / 1e6:.3g} MB"
