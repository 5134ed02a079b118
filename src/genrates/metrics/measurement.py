"""Measure one fitted model: every metric, what it costs, and the value that it has tuned."""

import logging
import math
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from genrates.errors import reason_of
from genrates.estimators._numerics.spread import power_of_two
from genrates.metrics.base import Evaluation, Metric, Skip

_TIMED_POINTS = 1000  # how many points a density is timed at


class Measurement(NamedTuple):
    """One number of one fitted model.

    Attributes
    ----------
    metric : str
        Name of the metric, or of what stands beside it ("floor.mmd", "fit_seconds").
    value : float
        NaN unless `status` is "ok".
    status : {"ok", "skipped", "failed"}
        Skipped: the metric does not apply. Failed: it raised an error, or gave no finite number.
    reason : str
        Why there is no value.
    seconds : float
        What it took.
    """

    metric: str
    value: float
    status: str = "ok"
    reason: str = ""
    seconds: float = 0.0


def measure(name: str, metric: Metric, evaluation: Evaluation) -> Iterator[Measurement]:
    """Yield the value of a metric, and the auxiliary numbers that it is read with.

    Parameters
    ----------
    name : str
        The metric's name.
    metric : Metric
        What measures.
    evaluation : Evaluation
        The fitted model with its data and draws.

    Yields
    ------
    Measurement
        The value first; then "floor.NAME" and the like, where there are any.
    """
    found, auxiliary = _value(name, metric, evaluation), []
    if found.status == "ok":
        start = time.perf_counter()
        try:
            numbers = metric.auxiliary(evaluation)
            seconds = time.perf_counter() - start
            auxiliary = [_checked(f"{key}.{name}", value, seconds) for key, value in numbers.items()]
        except Skip:
            pass  # the value stands alone
        except Exception as error:
            logging.exception("what %s is read with failed", name)
            found = failed(name, f"what it is read with: {reason_of(error)}")
    yield found
    yield from auxiliary


def _value(name: str, metric: Metric, evaluation: Evaluation) -> Measurement:
    """Return the value of a metric, or why there is none."""
    start = time.perf_counter()
    value, status, reason = math.nan, "ok", ""
    try:
        value = float(metric(evaluation))
    except Skip as skip:
        status, reason = "skipped", str(skip)
    except Exception as error:  # a result of this fit: the others go on
        logging.exception("metric %s failed", name)
        status, reason = "failed", reason_of(error)
    seconds = time.perf_counter() - start
    return (
        _checked(name, value, seconds)
        if status == "ok"
        else Measurement(name, value, status, reason, seconds)
    )


def _checked(name: str, value: float, seconds: float = 0.0) -> Measurement:
    """Return a number as a measurement, of status "failed" if it is NaN or infinite."""
    if math.isfinite(value):
        return Measurement(name, value, seconds=seconds)
    return Measurement(name, math.nan, "failed", f"the value is {value}", seconds)


def failed(name: str, reason: str) -> Measurement:
    """Return the row of a metric for a model that could not be fitted.

    Parameters
    ----------
    name : str
        The metric's name.
    reason : str
        Why the fit failed.

    Returns
    -------
    Measurement
        Of status "failed".
    """
    return Measurement(name, math.nan, "failed", reason)


def seconds_to_score(evaluation: Evaluation) -> Iterator[Measurement]:
    """Yield how long the model's density takes at a point, where it has one.

    Parameters
    ----------
    evaluation : Evaluation
        The fitted model with its data.

    Yields
    ------
    Measurement
        "score_us_per_point", in microseconds.
    """
    if "likelihood" in evaluation.model.capabilities_:
        points = evaluation.train[:_TIMED_POINTS]
        start = time.perf_counter()
        try:
            evaluation.model.score_samples(points)
        except Exception as error:
            logging.exception("score_samples failed")
            yield failed("score_us_per_point", reason_of(error))
            return
        yield Measurement("score_us_per_point", 1e6 * (time.perf_counter() - start) / len(points))


def tuned_value(model, attribute: str | None) -> Iterator[Measurement]:
    """Yield the parameter that a model has tuned, where that is one number.

    Parameters
    ----------
    model : DensityEstimator
        A fitted model.
    attribute : str or None
        Name of the fitted attribute; None: nothing is tuned.

    Yields
    ------
    Measurement
        "tuned".
    """
    value = None if attribute is None else getattr(model, attribute, None)
    if value is not None and np.size(value) == 1:
        yield _checked("tuned", float(np.ravel(value)[0]))


def aggregate(rows: Iterable[tuple[int, int, Measurement]], metric: str, how: str) -> dict[int, float]:
    """Return the error of a metric at each n where every fit has one.

    Parameters
    ----------
    rows : iterable of (n, replicate, Measurement)
        Numbers of fitted models.
    metric : str
        The metric's name.
    how : {"mean", "root_mean_square"}
        How replicates become one error.

    Returns
    -------
    dict of float
        By n, ascending.
    """
    values: dict[int, list[float]] = {}
    for n, _, measurement in rows:
        if measurement.metric == metric:
            values.setdefault(n, []).append(measurement.value)
    power = 2 if how == "root_mean_square" else 1
    errors = {}
    for n, v in sorted(values.items()):
        unit = power_of_two(np.array(v)[:, None])[0]  # before squaring
        errors[n] = float(unit * np.mean((np.array(v) / unit) ** power) ** (1 / power))
    return {n: error for n, error in errors.items() if math.isfinite(error)}
