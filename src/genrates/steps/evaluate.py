"""Measure every fitted model of a cell with every metric: scores.parquet, one row a value.

python -m genrates.steps.evaluate data=marron_wand_06 model=kde metric=[root_mise,kl]
"""

import contextlib
import logging
import math
import time
from pathlib import Path

import hydra
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from genrates.files import atomic_file
from genrates.metrics.base import Evaluation, Skip
from genrates.metrics.density_grids import DensityGrids
from genrates.progress import progress_bar
from genrates.steps import CONF, run_and_leave
from genrates.workflow.job import Job, job

_TYPES = {np.int64: pa.int64(), np.float64: pa.float64()}
#: columns of scores.parquet, and what each holds
COLUMNS = {
    "experiment": str,
    "data": str,
    "model": str,
    "metric": str,
    "n": np.int64,
    "replicate": np.int64,
    "value": np.float64,
    "status": str,
    "reason": str,
    "seconds": np.float64,
}


@hydra.main(version_base="1.3", config_path=CONF, config_name="cell")
def main(cfg: DictConfig) -> None:
    with job(cfg, "evaluate") as cell:
        data = cell.data()
        metrics = {name: instantiate(content) for name, content in cfg.metric.items()}
        samples, rows = cell.samples(data), []
        chain, tuning = chain_settings(instantiate(cfg.sampler)), cfg.tuned
        pictures = DensityGrids(data, samples[0], chain)
        pairs = zip(cell.fits(), cell.draws(), strict=True)
        for (fit, model), (drawn, points) in progress_bar(pairs, f"evaluate {cell.name}", cell.n_fits):
            n, replicate = fit["n"], fit["replicate"]
            if model is None:
                rows += [(metric, n, replicate, math.nan, "failed", fit["reason"], 0.0) for metric in metrics]
                continue
            evaluation = Evaluation(
                model, data, samples[replicate][:n], points, why_no_draws=drawn.get("reason"), chain=chain
            )
            for name, metric in metrics.items():
                found = measure(metric, evaluation)
                rows.append((name, n, replicate, *found))
                rows += [
                    (key, n, replicate, *about) for key, about in auxiliary(name, metric, evaluation, found)
                ]
            rows += [
                (name, n, replicate, value, "ok", "", 0.0)
                for name, value in [*costs(fit, drawn, evaluation), *tuned(model, tuning)]
            ]
            if replicate == 0:
                pictures.add(n, model, evaluation.train, points)
        write_scores(cell, rows)
        with atomic_file(cell.folder / "density_grids.npz") as part:
            pictures.save(part)
        write_config(cell)


def measure(metric, evaluation: Evaluation) -> tuple[float, str, str, float]:
    """(value, status, reason, seconds) of one metric; what is not finite is a failure, never a number."""
    start = time.perf_counter()
    try:
        value, status, reason = float(metric(evaluation)), "ok", ""
        if not math.isfinite(value):
            value, status, reason = math.nan, "failed", f"the metric is {value}"
    except Skip as skip:
        value, status, reason = math.nan, "skipped", str(skip)
    except (ValueError, ArithmeticError) as error:
        logging.exception("a metric failed")
        value, status, reason = math.nan, "failed", str(error) or type(error).__name__
    return value, status, reason, time.perf_counter() - start


def auxiliary(name: str, metric, evaluation: Evaluation, found: tuple):
    """("floor.NAME", (value, status, reason, seconds)) and the like: what a metric's value is read with."""
    if found[1] == "ok":
        start, numbers = time.perf_counter(), {}
        with contextlib.suppress(Skip):  # the value stands alone then
            numbers = metric.auxiliary(evaluation)
        for key, value in numbers.items():
            yield f"{key}.{name}", (value, "ok", "", time.perf_counter() - start)


def chain_settings(sampler) -> dict:
    """What a sampler says of a model's chain, and the model does not."""
    said = sampler.get_params()
    return {key: said[key] for key in ("burn_in", "thin", "start") if said.get(key) is not None}


def costs(fit: dict, drawn: dict, evaluation: Evaluation):
    """(name, value) of what a fit costs: seconds, bytes, microseconds a point."""
    yield "fit_seconds", fit["seconds"]
    yield "model_bytes", float(fit["model_bytes"])
    yield "n_parameters", float(fit["n_parameters"])
    if "seconds" in drawn:
        yield "sample_us_per_draw", 1e6 * drawn["seconds"] / drawn["draws"]
    if "likelihood" in evaluation.model.capabilities_:
        points = evaluation.train[:1000]
        start = time.perf_counter()
        evaluation.model.score_samples(points)
        yield "score_us_per_point", 1e6 * (time.perf_counter() - start) / len(points)


def tuned(model, attribute: str | None):
    """("tuned", value) of the parameter that the model's card calls tuned, where that is one number."""
    value = None if attribute is None else getattr(model, attribute, None)
    if value is not None and np.size(value) == 1:
        yield "tuned", float(np.ravel(value)[0])


def write_scores(cell: Job, rows: list[tuple]) -> None:
    same = (cell.cfg.into, cell.data_name, cell.label)
    rows = [(*same, *row) for row in rows]
    columns = [_column(kind, [row[i] for row in rows]) for i, kind in enumerate(COLUMNS.values())]
    with atomic_file(cell.folder / "scores.parquet") as part:
        pq.write_table(pa.table(columns, names=list(COLUMNS)), part)


def _column(kind: type, values: list) -> pa.Array:
    """By way of bytes: pyarrow imports pandas, a fifth of a short job, to look at Python's own values."""
    if kind is not str:
        return pa.Array.from_buffers(_TYPES[kind], len(values), [None, pa.py_buffer(np.array(values, kind))])
    text = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, text)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(text), pa.py_buffer(ends), pa.py_buffer(b"".join(text)))


def write_config(cell: Job) -> None:
    """The resolved config, with which `--config-path FOLDER --config-name config` repeats the cell."""
    content = OmegaConf.to_container(cell.cfg, resolve=True) | {
        "label": cell.label,
        "data_name": cell.data_name,
    }
    content |= {"log": None, "mirror": None, "hydra": OmegaConf.load(Path(CONF, "cell.yaml")).hydra}
    # Cards are for the table; one that changes does not run this step again.
    content["model"] = {k: v for k, v in content["model"].items() if k != "metadata"}
    content["data"]["metadata"] = {k: content["data"]["metadata"].get(k) for k in ("files", "n_max")}
    with atomic_file(cell.folder / "config.yaml") as part:
        OmegaConf.save(OmegaConf.create(content), part)


if __name__ == "__main__":
    run_and_leave(main)
