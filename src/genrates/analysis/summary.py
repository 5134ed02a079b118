"""From the scores of a cell to one line of the table: the rate, its interval, theory's, and the verdict."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from hydra.utils import get_class, instantiate

from genrates.analysis.excess import excess_of, limit_of, plateau_of, rate_of, reading
from genrates.metrics.base import FLOOR, UNKNOWN, Metric
from genrates.rates import PlateauFit, RateFit, exact_rate, grows, judge, theory_of
from genrates.workflow import config
from genrates.workflow.plan import Cell, Plan

#: what a fit costs, and the value that it has tuned: measured beside the metrics
COSTS = ("fit_seconds", "score_us_per_point", "sample_us_per_draw", "model_bytes", "n_parameters", "tuned")
_WIDEST = 0.5  # an interval wider than this contains every theory there is


@dataclass(frozen=True)
class Summary:
    """One (data, model, metric). `rate` is a where error ~ n^(-a); None is "not known".

    `local_rates` are the exponents between neighboring sizes, at their geometric means.
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
    plateau: float | None = None
    local_rates: dict[float, float] = field(default_factory=dict)
    auxiliary: dict[str, dict[int, float]] = field(default_factory=dict)
    verdict: str = "skipped"

    @property
    def error_n_max(self) -> float | None:
        """None where a fit at any size has no error: the last one may belong to a smaller n."""
        return self.errors[max(self.errors)] if self.errors and self.status == "ok" else None

    @classmethod
    def from_json(cls, content: dict) -> "Summary":
        """A summary from what `dataclasses.asdict` makes of it and JSON keeps: sizes are numbers again."""
        kinds = {"errors": int, "errors_se": int, "local_rates": float}
        numbers = {key: {kind(n): v for n, v in content[key].items()} for key, kind in kinds.items()}
        auxiliary = {
            key: {int(n): v for n, v in of_key.items()} for key, of_key in content["auxiliary"].items()
        }
        return cls(**content | numbers | {"auxiliary": auxiliary})

    @property
    def rate_text(self) -> str:
        return "" if self.rate is None else f"n^-{self.rate:.2f}"


def summarize(scores: pd.DataFrame, metric: str, cell: Cell, plan: Plan) -> Summary:
    """The summary of one metric of a cell.

    A metric that was skipped or that failed in any replicate has no error: a mean over the others would
    be of something else. The reason says in how many.
    """
    rows = scores[scores["metric"] == metric]
    measure = _metric_class(metric)
    aggregate, auxiliary = measure.aggregate, _auxiliary(scores, metric)
    bad, theory = rows[rows["status"] != "ok"], _theory(metric, cell)
    said = [theory["theory"], *(f"{key} {values[max(values)]:.3g}" for key, values in auxiliary.items())]
    said += [reading(measure)] if measure.is_error and not len(bad) else []
    theory["theory"] = "; ".join(filter(None, said))
    errors = _aggregated(rows[~rows["n"].isin(bad["n"])], aggregate)
    if len(bad):
        status = "failed" if (bad["status"] == "failed").any() else "skipped"
        worst = bad[bad["status"] == status]
        reason = f"{worst['reason'].iloc[0]} ({len(bad)} of {len(rows)} fits)"
        return Summary(metric, status, reason, errors, verdict=status, auxiliary=auxiliary, **theory)
    values = _by_replicate(rows)
    common = {"errors": errors, "errors_se": _standard_errors(values, aggregate), "auxiliary": auxiliary}
    try:
        if measure.ideal == UNKNOWN:
            return Summary(metric, "ok", **_limit(values), **common, **theory)
        judged = measure.ideal == FLOOR
        floors = _by_replicate(scores[scores["metric"] == f"floor.{metric}"]) if judged else None
        excess = excess_of(values, measure, floors)
        fit = rate_of(excess, measure)
    except ValueError as error:
        return Summary(metric, "ok", f"no rate: {error}", **common, **theory)
    exact = _exact(metric, cell, fit)
    plateau = plateau_of(excess, measure)
    verdict = judge(fit, plateau, exact=exact.get("rate_exact"), theory=theory["rate_theory"])
    verdict, silence = _spoken(verdict, fit, plateau) if measure.is_error else (None, "no verdict: no error")
    return Summary(
        metric,
        "ok",
        silence,
        **common,
        **theory,
        **exact,
        rate=fit.rate,
        rate_low=fit.rate_low,
        rate_high=fit.rate_high,
        rate_median=fit.rate_median,
        plateau=plateau.plateau if verdict == "plateau" else None,
        local_rates=dict(
            zip(np.sqrt(fit.sizes[1:] * fit.sizes[:-1]).tolist(), fit.local_rates.tolist(), strict=True)
        ),
        verdict=verdict or "skipped",
    )


def _by_replicate(rows: pd.DataFrame) -> pd.DataFrame:
    """Values by size and replicate, sizes ascending."""
    return rows.pivot(index="n", columns="replicate", values="value").sort_index()


def _limit(values: pd.DataFrame) -> dict:
    """Of values (size, replicate) whose ideal nobody knows: their limit, and how fast they fall to it."""
    found = limit_of(values)
    if np.isnan(found.limit_low):
        return {"reason": "no rate: a limit takes more replicates to be seen"}
    if np.isnan(found.rate):
        return {"reason": "no rate: the value does not fall as n grows"}
    if not found.determined:
        return {"reason": "no rate: these sizes do not say how fast the value falls, nor where to"}
    rate = {key: getattr(found, key) for key in ("rate", "rate_low", "rate_high")}
    reason = "no verdict: what a perfect model would score is unknown"
    return {"plateau": found.limit, "reason": reason, **rate}


def _spoken(verdict: str | None, fit: RateFit, plateau: PlateauFit) -> tuple[str | None, str]:
    """The verdict, or None and why there is none."""
    if verdict == "agrees" and fit.rate_high - fit.rate_low > _WIDEST:
        return None, "no verdict: the interval is too wide to agree or disagree with anything"
    if verdict:
        return verdict, ""
    if grows(fit):
        return None, "no verdict: the error grows with n"
    unknown = ", and a plateau takes more replicates to be seen" if np.isnan(plateau.share_low) else ""
    return None, f"no verdict: theory says nothing of this error{unknown}"


def _auxiliary(scores: pd.DataFrame, metric: str) -> dict[str, dict[int, float]]:
    """Means over replicates of what stands beside a metric ("floor", "p_value", ...), at each n."""
    names = [name for name in scores["metric"].unique() if name.endswith(f".{metric}")]
    means = {name: scores[scores["metric"] == name].groupby("n")["value"].mean() for name in names}
    return {
        name.removesuffix(f".{metric}"): {int(n): float(v) for n, v in values.items()}
        for name, values in means.items()
    }


def _aggregated(rows: pd.DataFrame, aggregate: str) -> dict[int, float]:
    power = 2 if aggregate == "root_mean_square" else 1
    means = (rows["value"] ** power).groupby(rows["n"]).mean()
    means = means ** (1 / power) if power > 1 else means
    return {int(n): float(value) for n, value in means.items()}


def _standard_errors(values: pd.DataFrame, aggregate: str) -> dict[int, float]:
    """Standard error of the aggregated error at each n (delta method); none for one replicate."""
    if values.shape[1] < 2:
        return {}
    power = 2 if aggregate == "root_mean_square" else 1
    powers = values**power
    root = powers.mean(axis=1) ** (1 / power)
    spread = powers.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
    return {int(n): float(s) for n, s in (spread / (power * root ** (power - 1))).items()}


def _metric_class(name: str) -> type[Metric]:
    return get_class(config.metrics([name])[name]["_target_"])


def _theory(metric: str, cell: Cell) -> dict:
    """The asymptotic exponent: the model's own, unless the data say otherwise or lie outside its family.

    A family that chooses its own size is a sieve there: no plateau, no exponent that is known. A tuning
    parameter that a person has fixed leaves its bias, or its spread, at every n.
    """
    data, model = config.data(cell.data), config.model(cell.model, dict(cell.changes), cell.name)
    metadata, family = model["metadata"], model["metadata"].get("family")
    entry = (metadata.get("theory") or {}).get(metric)
    entry = ((data["metadata"].get("theory") or {}).get(cell.model) or {}).get(metric, entry)
    tuning = (metadata.get("tuned") or "").removesuffix("_")
    if entry is not None and family and not _holds(family, data, model, cell.data):
        if isinstance(model.get(tuning), str):
            return {"rate_theory": None, "theory": f"{tuning} grows (truth outside the family)"}
        return {"rate_theory": 0.0, "theory": "plateau (truth outside the family)"}
    if entry is not None and not family and not isinstance(model.get(tuning), str | None):
        return {"rate_theory": 0.0, "theory": f"plateau ({tuning} is fixed)"}
    rate, formula = theory_of(entry, n_features(data))
    return {"rate_theory": None if rate is None else float(rate), "theory": formula}


def _holds(family: str, data: dict, model: dict, name: str) -> bool:
    """Whether the model's family contains the truth; a mixture of too few components does not."""
    if family not in (data["metadata"].get("families") or []):
        return False
    components, truth = model.get("n_components"), getattr(data_set(name), "mixture", None)
    return not (isinstance(components, int) and truth is not None and components < len(truth.weights))


def _exact(metric: str, cell: Cell, fit: RateFit) -> dict:
    """Slope of exact finite-n theory on the same sizes, where there is a closed form."""
    model = config.model(cell.model, dict(cell.changes), cell.name)
    kind = model["metadata"].get("exact")
    mixture = getattr(data_set(cell.data), "mixture", None)
    if metric != "root_mise" or kind is None or mixture is None:
        return {}
    tuning = {k: v for k, v in model.items() if k not in ("_target_", "metadata")}
    return {"rate_exact": exact_rate(kind, mixture, fit.sizes, weights=fit.weights, **tuning)}


@cache
def data_set(name: str):
    """The data set of conf/data/NAME.yaml; None where it must be downloaded first."""
    content = config.data(name)
    if content["metadata"].get("files"):
        return None
    return instantiate({k: v for k, v in content.items() if k != "metadata"})


def n_features(data: dict) -> int:
    """Dimension of a data config, known without the data."""
    return int(data.get("d") or data["metadata"].get("n_features") or get_class(data["_target_"]).n_features)
