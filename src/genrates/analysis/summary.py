"""From the scores of a cell to one line of the table: the rate, its interval, theory's, and the verdict."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from genrates.analysis import theory
from genrates.analysis.excess import by_replicate, excess_in, limit_of, meaning_of_rate, plateau_of, rate_of
from genrates.analysis.intervals import why_no_interval
from genrates.analysis.references import reference_of
from genrates.analysis.results import CellResults
from genrates.files import made_by, write_json
from genrates.metrics.base import UNKNOWN, Metric
from genrates.rates import PlateauFit, RateFit, grows, judge, power, rivals_in
from genrates.rates.verdict import TOLERANCE

#: what a fit costs, and the value that it has tuned: measured beside the metrics
COSTS = ("fit_seconds", "score_us_per_point", "sample_us_per_draw", "model_bytes", "n_parameters", "tuned")

#: summaries by (data, variant, metric)
Summaries = dict[tuple[str, str, str], "Summary"]


@dataclass(frozen=True)
class Summary:
    """One metric of one cell.

    Attributes
    ----------
    metric : str
        Its name.
    status : {"ok", "skipped", "failed"}
        Whether every fit has a value.
    reason : str
        Why there is no value, no rate or no verdict.
    errors, errors_se : dict of float
        Error and its standard error, by n.
    rate, rate_low, rate_high : float or None
        a in error ~ n^(-a), and its 95 % interval; None where it is not known.
    rate_median : float or None
        The rate of the medians over replicates.
    rate_theory, theory : float or None, str
        The asymptotic exponent, and its formula.
    rate_exact : float or None
        The slope of exact finite-n theory on the same sizes.
    rate_reference, reference : float or None, str
        The slope that the verdict goes by, and where it is from: exact, simulated, sieve or asymptotic.
    error_exact : float or None
        The error of exact, or of a tuned row simulated, finite-n theory at the largest size. That of a
        histogram is the mean over origins at the best equal bin width.
    ratio, ratio_se : float or None
        The measured error over `error_exact`, and its standard error.
    plateau : float or None
        The error that stays, where that is the verdict.
    local_rates : dict of float
        Exponents between neighboring sizes, by their geometric mean.
    auxiliary : dict of dict
        Numbers that the value is read with ("floor", "p_value"; "bias" and "sd"), by n.
    verdict : str
        What the comparison with theory says.
    """

    metric: str
    status: str
    reason: str
    errors: dict[int, float] = field(default_factory=dict)
    errors_se: dict[int, float] = field(default_factory=dict)
    rate: float | None = None
    rate_low: float | None = None
    rate_high: float | None = None
    rate_median: float | None = None
    rate_theory: float | None = None
    theory: str = ""
    rate_exact: float | None = None
    rate_reference: float | None = None
    reference: str = ""
    error_exact: float | None = None
    ratio: float | None = None
    ratio_se: float | None = None
    plateau: float | None = None
    local_rates: dict[float, float] = field(default_factory=dict)
    auxiliary: dict[str, dict[int, float]] = field(default_factory=dict)
    verdict: str = "skipped"

    @property
    def error_n_max(self) -> float | None:
        """The error at the largest n; None where some fit has none: the last error may belong to less.

        Returns
        -------
        float | None
        """
        return self.errors[max(self.errors)] if self.errors and self.status == "ok" else None

    @property
    def expected_rate(self) -> float | None:
        """The rate that these errors should have: the reference, else the asymptotic exponent.

        Returns
        -------
        float | None
        """
        return self.rate_theory if self.rate_reference is None else self.rate_reference

    @classmethod
    def from_json(cls, content: dict) -> "Summary":
        """Return a summary from what JSON keeps of it.

        Parameters
        ----------
        content : dict
            What `dataclasses.asdict` makes of a summary; in JSON its sizes have become text.

        Returns
        -------
        Summary
            The same one.
        """
        kinds = {"errors": int, "errors_se": int, "local_rates": float}
        by_size = {key: {kind(n): v for n, v in content[key].items()} for key, kind in kinds.items()}
        auxiliary = {
            key: {int(n): v for n, v in values.items()} for key, values in content["auxiliary"].items()
        }
        return cls(**content | by_size | {"auxiliary": auxiliary})


def summarize(cell: CellResults, metric: str) -> Summary:
    """Return the summary of one metric of a cell.

    A metric that was skipped or that failed in any replicate has no error: a mean over the others would
    be of something else. The reason says in how many.

    Parameters
    ----------
    cell : CellResults
        The cell.
    metric : str
        One of its metrics.

    Returns
    -------
    Summary
        Errors, rate, theory and verdict.
    """
    measure, scores = cell.metrics[metric], cell.scores
    rows = scores[scores["metric"] == metric]
    bad, auxiliary = rows[rows["status"] != "ok"], _auxiliary(scores, metric, measure)
    expected = theory.asymptotic(metric, cell)
    expected["theory"] = _remarks(expected["theory"], auxiliary, measure, complete=not len(bad))
    errors = _aggregated(rows[~rows["n"].isin(bad["n"])], measure.aggregate)
    if len(bad):
        status = "failed" if (bad["status"] == "failed").any() else "skipped"
        worst = bad[bad["status"] == status]
        reason = f"{worst['reason'].iloc[0]} ({len(bad)} of {len(rows)} fits)"
        return Summary(metric, status, reason, errors, verdict=status, auxiliary=auxiliary, **expected)
    values = by_replicate(rows)
    known = {"errors": errors, "errors_se": _standard_errors(values, measure.aggregate)}
    known |= {"auxiliary": auxiliary, **expected}
    if not measure.has_rate:
        return Summary(metric, "ok", "no rate and no verdict: no error", **known)
    try:
        if measure.ideal == UNKNOWN:
            return Summary(metric, "ok", **_limit(values), **known)
        excess = excess_in(cell, metric)
        fit = rate_of(excess, measure)
    except ValueError as error:
        return Summary(metric, "ok", f"no rate: {error}", verdict="no_rate", **known)
    return Summary(metric, "ok", **known, **_judged(metric, cell, excess, fit))


def _judged(metric: str, cell: CellResults, excess: pd.DataFrame, fit: RateFit) -> dict:
    """Return the rate beside its reference, the plateau, and the verdict."""
    measure, own = cell.metrics[metric], theory.asymptotic(metric, cell)["rate_theory"]
    plateau, reference = plateau_of(excess, measure), reference_of(metric, cell, fit, own)
    if why := why_no_interval(metric, cell, excess):
        fit = replace(fit, rate_low=np.nan, rate_high=np.nan)
    verdict, reason = "skipped", "no verdict: no error"
    if measure.is_error:
        rate = reference.rate_reference
        # The same bootstrap says whether a plateau is real.
        verdict = judge(fit, None if why else plateau, reference=rate, own=own, falls=reference.falls)
        reason = why or _reason(verdict, fit, plateau, rate, own)
        reason = "; ".join(filter(None, [reason, reference.remark(fit)]))
    middles = np.sqrt(fit.sizes[1:] * fit.sizes[:-1]).tolist()
    return reference.columns(fit) | {
        "reason": reason,
        "rate": fit.rate,
        "rate_low": fit.rate_low,
        "rate_high": fit.rate_high,
        "rate_median": fit.rate_median,
        "plateau": plateau.plateau if verdict == "plateau" else None,
        "local_rates": dict(zip(middles, fit.local_rates.tolist(), strict=True)),
        "verdict": verdict,
    }


def _reason(
    verdict: str, fit: RateFit, plateau: PlateauFit, reference: float | None, own: float | None
) -> str:
    """Return what a reader must know of a verdict: why nothing is decided, which rival is close."""
    if reference is None:
        return "" if verdict == "plateau" else _no_reference(fit, plateau)
    reasons = []
    if verdict == "undecided":
        reasons.append(_undecided(fit, own))
    near = rivals_in(reference - TOLERANCE, reference + TOLERANCE, own)
    if near and verdict != "plateau":
        reasons.append(f"the reference lies within {TOLERANCE} of {_listed(near)}")
    return "; ".join(reasons)


def _undecided(fit: RateFit, own: float | None) -> str:
    """Return why a rate with a reference is undecided."""
    if np.isnan(fit.rate_low):
        return "undecided: one replicate has no interval"
    share = f"{100 * power(fit):.0f} %"
    chance = f"a rate as precise as this one agrees with its own reference in {share} of studies"
    held = rivals_in(fit.rate_low, fit.rate_high, own)
    return f"undecided: the interval holds {_listed(held)} too; {chance}" if held else f"undecided: {chance}"


def _no_reference(fit: RateFit, plateau: PlateauFit) -> str:
    """Return why there is nothing to judge a rate by."""
    if grows(fit):
        return "undecided: the error grows with n"
    unknown = ", and a plateau takes more replicates to be seen" if np.isnan(plateau.share_low) else ""
    return f"undecided: theory says nothing of this error{unknown}"


def _listed(exponents: list) -> str:
    return " and ".join(map(str, exponents))


def _limit(values: pd.DataFrame) -> dict:
    """Return the limit of values whose ideal nobody knows, and how fast they fall to it."""
    found = limit_of(values)
    if np.isnan(found.limit_low):
        return _without_rate("a limit takes more replicates to be seen")
    if np.isnan(found.rate):
        return _without_rate("the value does not fall as n grows")
    if not found.determined:
        return _without_rate("these sizes do not say how fast the value falls, nor where to")
    rate = {key: getattr(found, key) for key in ("rate", "rate_low", "rate_high")}
    reason = "undecided: what a perfect model would score is unknown"
    return {"plateau": found.limit, "reason": reason, "verdict": "undecided", **rate}


def _without_rate(reason: str) -> dict:
    return {"reason": f"no rate: {reason}", "verdict": "no_rate"}


def _remarks(formula: str, auxiliary: dict, measure: type[Metric], *, complete: bool) -> str:
    """Return the theory's formula, and what a reader must know to read the value."""
    remarks = [formula, *(f"{key} {values[max(values)]:.3g}" for key, values in auxiliary.items())]
    remarks += [meaning_of_rate(measure)] if measure.is_error and complete else []
    return "; ".join(filter(None, remarks))


def _auxiliary(scores: pd.DataFrame, metric: str, measure: type[Metric]) -> dict[str, dict[int, float]]:
    """Return means over replicates of the numbers beside a metric at each n; of signed errors also the sd."""
    names = [name for name in scores["metric"].unique() if name.endswith(f".{metric}")]
    by_size = {
        name.removesuffix(f".{metric}"): scores[scores["metric"] == name].groupby("n")["value"]
        for name in names
    }
    found = {key: values.mean() for key, values in by_size.items()}
    if measure.has_bias and "bias" in by_size:
        found["sd"] = by_size["bias"].std(ddof=1).dropna()
    return {
        key: {int(n): float(v) for n, v in values.items()} for key, values in found.items() if len(values)
    }


def _aggregated(rows: pd.DataFrame, aggregate: str) -> dict[int, float]:
    """Return the error at each n."""
    power = 2 if aggregate == "root_mean_square" else 1
    means = (rows["value"] ** power).groupby(rows["n"]).mean()
    means = means ** (1 / power) if power > 1 else means
    return {int(n): float(value) for n, value in means.items()}


def _standard_errors(values: pd.DataFrame, aggregate: str) -> dict[int, float]:
    """Return the standard error of the error at each n (delta method); none for one replicate."""
    counts = values.count(axis=1)
    if counts.min() < 2:
        return {}
    power = 2 if aggregate == "root_mean_square" else 1
    powers = values**power
    root = powers.mean(axis=1) ** (1 / power)
    spread = powers.std(axis=1, ddof=1) / np.sqrt(counts)
    return {int(n): float(s) for n, s in (spread / (power * root ** (power - 1))).items()}


def write_summaries(folder: Path, summaries: Summaries) -> None:
    """Write summaries.json: every error at every n, its rate, what that is judged by, and the verdict.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    summaries : dict of Summary
        By (data, variant, metric).
    """
    rows = [
        {"data": data, "variant": variant, **asdict(summary)}
        for (data, variant, _), summary in summaries.items()
    ]
    write_json(folder / "summaries.json", rows)


def read_summaries(folder: Path) -> Summaries:
    """Read what :func:`write_summaries` has written.

    Parameters
    ----------
    folder : Path
        The experiment's folder.

    Returns
    -------
    dict of Summary
        By (data, variant, metric).

    Raises
    ------
    ConfigError
        If it has not been written yet, or is damaged.
    """
    path = folder / "summaries.json"
    with made_by("track", path):
        return _keyed(json.loads(path.read_text()))


def _keyed(rows: Iterable[dict]) -> Summaries:
    found = {}
    for row in rows:
        key = row.pop("data"), row.pop("variant"), row["metric"]
        found[key] = Summary.from_json(row)
    return found
