"""Measure every fitted model of a cell with every metric: scores.parquet, one row a value.

python -m genrates.steps.evaluate data=marron_wand_06 model=kde metric=[root_mise,kl]
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import hydra
import numpy as np
from omegaconf import DictConfig, OmegaConf

from genrates.analysis.scores import write_scores
from genrates.files import atomic_file, atomic_folder
from genrates.metrics.base import Evaluation
from genrates.metrics.density_grids import DensityGrids
from genrates.metrics.measurement import (
    Measurement,
    aggregate,
    failed,
    measure,
    seconds_to_score,
    tuned_value,
)
from genrates.progress import progress_bar
from genrates.reporting.figures.cell import draw
from genrates.reporting.figures.style import save
from genrates.steps import CONF
from genrates.workflow.cell_step import cell_job
from genrates.workflow.job import CellJob
from genrates.workflow.quoting import escape_interpolations
from genrates.workflow.targets import without_metadata


@hydra.main(version_base="1.3", config_path=CONF, config_name="cell")
def main(cfg: DictConfig) -> None:
    """Write scores.parquet, density_grids.npz, config.yaml and the cell's figure.

    Parameters
    ----------
    cfg : DictConfig
        conf/cell.yaml with a person's overrides.
    """
    with cell_job(cfg, "evaluate") as job:
        grids = DensityGrids(job.data, job.training_sets[0], chain_settings(job.sampler))
        rows: list[tuple[int, int, Measurement]] = []
        pairs = zip(job.fits(), job.draws(), strict=True)
        for (fit, model), (recipe, draws) in progress_bar(pairs, f"evaluate {job.name}", job.n_fits):
            n, replicate = fit["n"], fit["replicate"]
            if model is None:
                rows += [(n, replicate, failed(name, fit["reason"])) for name in job.metrics]
                continue
            evaluation = evaluation_of(job, model, recipe, draws)
            rows += [(n, replicate, found) for found in measurements(job, evaluation, fit, recipe)]
            if replicate == 0:
                look_at(grids, n, evaluation)
        names = {"experiment": job.experiment, "data": job.data_name, "model": job.variant}
        write_scores(job.folder / "scores.parquet", names, rows)
        with atomic_file(job.folder / "density_grids.npz") as part:
            grids.save(part)
        write_config(job)
        draw_figure(job, rows)


def evaluation_of(job: CellJob, model, recipe: dict, draws: np.ndarray | None) -> Evaluation:
    """Return a fitted model beside its data and draws.

    Parameters
    ----------
    job : CellJob
        The cell.
    model : DensityEstimator
        The fitted model.
    recipe : dict
        Its row of draws/index.json.
    draws : ndarray or None
        Its draws, where they are stored.

    Returns
    -------
    Evaluation
        Draws that are not stored are made when a metric asks for them.
    """

    def draw() -> np.ndarray:
        if "error" in recipe:
            raise RuntimeError(recipe["error"])
        return job.draw(model, recipe)

    return Evaluation(
        model,
        job.data,
        job.training_sets[recipe["replicate"]][: recipe["n"]],
        draw if draws is None and "reason" not in recipe else draws,
        why_no_draws=recipe.get("reason"),
        chain=chain_settings(job.sampler),
    )


def look_at(grids: DensityGrids, n: int, evaluation: Evaluation) -> None:
    """Keep the density of a fitted model, or some of its draws, to look at.

    Parameters
    ----------
    grids : DensityGrids
        Where to keep them.
    n : int
        Size of the training set.
    evaluation : Evaluation
        The fitted model.
    """
    try:
        draws = evaluation.draws if evaluation.has_draws else None
        grids.add(n, evaluation.model, evaluation.train, draws)
    except Exception:  # the metrics give the reason
        logging.exception("n = %d: there is nothing to look at", n)


def measurements(job: CellJob, evaluation: Evaluation, fit: dict, recipe: dict) -> Iterator[Measurement]:
    """Yield every number of one fitted model.

    Parameters
    ----------
    job : CellJob
        The cell.
    evaluation : Evaluation
        The fitted model.
    fit, recipe : dict
        Its rows of fits/index.json and draws/index.json.

    Yields
    ------
    Measurement
        Metrics, costs, and the tuned value.
    """
    for name, metric in job.metrics.items():
        yield from measure(name, metric, evaluation)
    yield Measurement("fit_seconds", fit["seconds"])
    yield Measurement("model_bytes", float(fit["model_bytes"]))
    yield Measurement("n_parameters", float(fit["n_parameters"]))
    if "seconds" in recipe:
        yield Measurement("sample_us_per_draw", 1e6 * recipe["seconds"] / recipe["n_draws"])
    yield from seconds_to_score(evaluation)
    yield from tuned_value(evaluation.model, job.config["tuned"])


def chain_settings(sampler) -> dict:
    """Return what a sampler says of a model's chain.

    Parameters
    ----------
    sampler : sampler
        Any sampler.

    Returns
    -------
    dict
        Of `burn_in`, `thin` and `start` those that differ from the model's own.
    """
    parameters = sampler.get_params()
    return {key: parameters[key] for key in ("burn_in", "thin", "start") if parameters.get(key) is not None}


def write_config(job: CellJob) -> None:
    """Write config.yaml, with which `--config-path FOLDER --config-name config` repeats the cell.

    Parameters
    ----------
    job : CellJob
        The cell.
    """
    names = {"budget": job.budget, "experiment": job.experiment}
    names |= {"data": job.data_name, "variant": job.variant}
    settings = OmegaConf.load(Path(CONF, "cell.yaml")).hydra
    content = job.config | {"cell": names, "mirror": None}
    # Metadata are for the table; a change of them does not run this step again.
    content["model"] = without_metadata(content["model"])
    metadata = {key: content["data"]["metadata"].get(key) for key in ("files", "n_max")}
    content["data"] = content["data"] | {"metadata": metadata}
    with atomic_file(job.folder / "config.yaml") as part:
        OmegaConf.save(OmegaConf.create(escape_interpolations(content) | {"hydra": settings}), part)


def draw_figure(job: CellJob, rows: list[tuple[int, int, Measurement]]) -> None:
    """Draw figures/cell.png: the errors over n, and the densities learned.

    Parameters
    ----------
    job : CellJob
        The cell.
    rows : list of (n, replicate, Measurement)
        Its scores.
    """
    errors = {name: aggregate(rows, name, metric.aggregate) for name, metric in job.metrics.items()}
    with np.load(job.folder / "density_grids.npz", allow_pickle=False) as grids:
        figure = draw(f"{job.data_name}: {job.variant}", errors, dict(grids))
    with atomic_folder(job.folder / "figures") as folder:
        save(figure, folder / "cell.png", dpi=90)


if __name__ == "__main__":
    main()
