"""Fit one model to one data set, at every size, replicate after replicate.

python -m genrates.steps.train data=marron_wand_06 model=kde model.bandwidth=0.2
"""

import logging
import shutil

import hydra
from omegaconf import DictConfig

from genrates.estimators.fitting import Fit, fit_replicates, resumes
from genrates.estimators.persistence import save, save_all
from genrates.files import atomic_folder, write_json
from genrates.progress import progress_bar
from genrates.steps import CONF
from genrates.workflow.cell_step import cell_job
from genrates.workflow.job import size_file


@hydra.main(version_base="1.3", config_path=CONF, config_name="cell")
def main(cfg: DictConfig) -> None:
    """Write fits/, every fitted model without its training set, and model/, the largest one complete.

    Parameters
    ----------
    cfg : DictConfig
        conf/cell.yaml with a person's overrides.
    """
    with cell_job(cfg, "train") as job:
        index, curves = [], {}
        with atomic_folder(job.folder / "fits") as fits, atomic_folder(job.folder / "model") as kept:
            for n in progress_bar(job.sizes, f"train {job.name}"):
                models = job.models(n)
                training_sets = [rows[:n] for rows in job.training_sets[: len(models)]]
                checkpoints = job.checkpoints / f"n={n}" if resumes(models[0]) else None
                found = fit_replicates(models, training_sets, checkpoints)
                index += [describe(n, replicate, fit) for replicate, fit in enumerate(found)]
                fitted = {str(r): fit.model for r, fit in enumerate(found) if fit.model is not None}
                known = {str(r): rows for r, rows in enumerate(training_sets)}
                save_all(fitted, size_file(fits, n), known)
                if (curve := getattr(found[0].model, "loss_curve_", None)) is not None:
                    curves[n] = curve.tolist()
            write_json(fits / "index.json", index)
            write_json(kept / "training.json", curves)
            if found[0].model is not None:
                save(found[0].model, kept / "model.safetensors")
        for complete in job.folder.glob("checkpoints-*"):
            shutil.rmtree(complete)
        failed = [row["reason"] for row in index if row["status"] == "failed"]
        logging.info("%d fits, %d failed%s", len(index), len(failed), f": {failed[0]}" if failed else "")


def describe(n: int, replicate: int, fit: Fit) -> dict:
    """Return the row of fits/index.json that describes a fit.

    Parameters
    ----------
    n, replicate : int
        Size of its training set, and number of its replicate.
    fit : Fit
        The fit.

    Returns
    -------
    dict
        JSON.
    """
    status = "failed" if fit.model is None else "ok"
    row = {"n": n, "replicate": replicate, "status": status, "reason": fit.reason}
    if fit.model is not None:
        costs = {"model_bytes": fit.model.nbytes_, "n_parameters": fit.model.n_parameters_}
        row |= {"seconds": fit.seconds, **costs}
    return row


if __name__ == "__main__":
    main()
