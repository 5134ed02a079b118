"""What a measured error is judged by: its slope and its level, exact, simulated, of a sieve or asymptotic."""

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from genrates.analysis.results import CellResults
from genrates.analysis.theory import kinds_of
from genrates.data.marron_wand import MarronWand
from genrates.rates import RateFit, exact_cdf_error, exact_core_error, exact_error, log_log_slope

#: errors of tuned rows by simulation (benchmarks/simulated_references.py)
SIMULATED = Path(__file__).with_name("simulated.csv")
#: what its models are: whoever changes one of these parameters has another row
_SIMULATED_MODELS = {
    "kde": {
        "_target_": "genrates.estimators.KernelDensity",
        "bandwidth": "lscv",
        "kernel": "gaussian",
        "bounds": None,
    },
    "histogram": {"_target_": "genrates.estimators.HistogramDensity", "bins": "loo", "bin_width": None},
}
#: errors at finite n, by metric
_EXACT: dict[str, Callable[..., np.ndarray | None]] = {
    "root_mise": exact_error,
    "root_mise_core": exact_core_error,
    "root_sup_cdf": partial(exact_cdf_error, "root_sup_cdf"),
    "wasserstein_1": partial(exact_cdf_error, "wasserstein_1"),
}
#: what the exact root MISE of a kind is the error of, where the row itself may do better
_MEANINGS = {
    "histogram": "the mean over origins at the best equal bin width",
    "kernel": "that of the best bandwidth, the same for all samples, before any clipping",
    "neighbors": "that of the mean box of the data",
    "series": "that of the best number of terms, the same for all samples, before the projection",
}
#: exponents that a sieve of infinitely smooth functions ends with, by metric; of the error of P parameters
_SIEVES = {"root_mise": 0.5, "kl": 1.0}
#: how far beyond the largest size exact theory is asked whether the error falls on
_BEYOND = 1000


@dataclass(frozen=True)
class Reference:
    """What theory says of one metric of one cell at the sizes that were run.

    Attributes
    ----------
    rate_exact : float or None
        The slope of exact finite-n theory; None where there is no closed form.
    error_exact, error_exact_se : float or None, float
        The error of exact or simulated theory at the largest size, and its standard error.
    rate_reference : float or None
        The slope that the verdict goes by; None where theory says nothing.
    kind : str
        Where it is from: "exact", "simulated", "sieve", "asymptotic"; empty where there is none.
    falls : bool
        Whether the exact error has not reached its plateau at the largest size.
    meaning : str
        What the exact error is the error of, where a row may do better; else empty.
    """

    rate_exact: float | None = None
    error_exact: float | None = None
    error_exact_se: float = 0.0
    rate_reference: float | None = None
    kind: str = ""
    falls: bool = False
    meaning: str = ""

    def columns(self, fit: RateFit) -> dict[str, Any]:
        """Return what the table says of it.

        Parameters
        ----------
        fit : RateFit
            The measured errors.

        Returns
        -------
        dict
            `rate_exact`, `rate_reference`, `reference`, `error_exact`, `ratio` (measured over exact at the
            largest size) and `ratio_se` (delta method); None where there is none.
        """
        found: dict[str, Any] = {"rate_exact": self.rate_exact, "error_exact": self.error_exact}
        found |= {"rate_reference": self.rate_reference, "reference": self.kind}
        if not self.error_exact:
            return found
        error, error_se = float(fit.errors[-1]), float(fit.error_se[-1])
        ratio = error / self.error_exact
        relative = math.hypot(error_se / error, self.error_exact_se / self.error_exact)
        return found | {"ratio": ratio, "ratio_se": None if math.isnan(relative) else ratio * relative}

    def remark(self, fit: RateFit) -> str:
        """Return what a reader must know of an error that lies below the exact one.

        Parameters
        ----------
        fit : RateFit
            The measured errors.

        Returns
        -------
        str
            Empty unless the ratio is below 1 by two standard errors.
        """
        found = self.columns(fit)
        if not self.meaning or found.get("ratio_se") is None or found["ratio"] + 2 * found["ratio_se"] >= 1:
            return ""
        return f"below the exact error, which is {self.meaning}"


def reference_of(metric: str, cell: CellResults, fit: RateFit, asymptotic: float | None) -> Reference:
    """Return the best reference there is: simulated before exact, then a sieve's, then the asymptotic one.

    Exact theory speaks of the best value of a tuning parameter. A simulated reference has the estimator's
    own choice of it in it, so it comes first. All slopes are taken with the weights of the fit.

    Parameters
    ----------
    metric : str
        Name of the metric.
    cell : CellResults
        The cell.
    fit : RateFit
        The measured rate, which says the sizes and their weights.
    asymptotic : float or None
        The asymptotic exponent.

    Returns
    -------
    Reference
    """
    found = _exact(metric, cell, fit)
    if (simulated := _simulated(metric, cell, fit)) is not None:
        rate, error, error_se = simulated
        return Reference(found.rate_exact, error, error_se, rate, "simulated", found.falls)
    if found.rate_reference is not None:
        return found
    if (rate := _sieve(metric, cell, fit, asymptotic)) is not None:
        return Reference(rate_reference=rate, kind="sieve")
    return Reference() if asymptotic is None else Reference(rate_reference=asymptotic, kind="asymptotic")


def _exact(metric: str, cell: CellResults, fit: RateFit) -> Reference:
    """Return slope and level of exact finite-n theory; nothing where it knows no such error."""
    kind, mixture = cell.model_metadata.get("exact"), getattr(cell.truth, "mixture", None)
    if kind is None or mixture is None:
        return Reference()
    tuning = {k: v for k, v in cell.model_config.items() if k not in ("_target_", "metadata")}
    sizes = [*fit.sizes, _BEYOND * fit.sizes[-1]]
    parameters = cell.metric_parameters.get(metric, {})
    errors = _EXACT[metric](kind, mixture, sizes, **parameters, **tuning) if metric in _EXACT else None
    if errors is None or not np.all(np.isfinite(errors[:-1]) & (errors[:-1] > 0)):
        return Reference()
    rate = -log_log_slope(fit.sizes, errors[:-1], fit.weights)
    # A plateau is more than half of the squared error: one that is not there three decades later was none.
    falls = bool(errors[-1] ** 2 < errors[-2] ** 2 / 2)
    meaning = _MEANINGS.get(kind, "") if metric == "root_mise" else ""
    return Reference(rate, float(errors[-2]), 0.0, rate, "exact", falls, meaning)


def _simulated(metric: str, cell: CellResults, fit: RateFit) -> tuple[float, float, float] | None:
    """Return slope, error at the largest size and its standard error, if every size has been simulated."""
    if not isinstance(cell.truth, MarronWand):
        return None
    same = (
        model
        for model, asked in _SIMULATED_MODELS.items()
        if all(cell.model_config.get(key) == value for key, value in asked.items())
    )
    key = (f"marron_wand_{cell.truth.number:02}", next(same, ""), metric)
    table = _simulated_errors(SIMULATED).get(key, {})
    if not all(int(n) in table for n in fit.sizes):
        return None
    errors = np.array([table[int(n)] for n in fit.sizes])
    return -log_log_slope(fit.sizes, errors[:, 0], fit.weights), *map(float, errors[-1])


@cache
def _simulated_errors(path: Path) -> dict[tuple[str, str, str], dict[int, tuple[float, float]]]:
    """Return error and standard error by n, by (data, model, metric)."""
    found: dict[tuple[str, str, str], dict[int, tuple[float, float]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sizes = found.setdefault((row["data"], row["model"], row["metric"]), {})
            sizes[int(row["n"])] = (float(row["error"]), float(row["error_se"]))
    return found


def _sieve(metric: str, cell: CellResults, fit: RateFit, asymptotic: float | None) -> float | None:
    """Return the slope of (P(n) / n)^a, with P(n) the mean number of parameters of a network that grows."""
    exponent = _SIEVES.get(metric)
    if (
        exponent is None
        or exponent != asymptotic
        or "neural_cdf" not in kinds_of(cell.model_metadata.get("kind"))
    ):
        return None
    counts = cell.costs("n_parameters").groupby(level=0).mean()
    if not len(counts) or counts.nunique() == 1:
        return None
    share = counts.reindex(fit.sizes.astype(int)).to_numpy() / fit.sizes
    return None if np.isnan(share).any() else -exponent * log_log_slope(fit.sizes, share, fit.weights)
