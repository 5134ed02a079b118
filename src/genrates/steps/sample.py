"""Draw from the fitted models of a cell: as many points as each has learned from, or a fixed number.

python -m genrates.steps.sample data=marron_wand_06 model=kde sampler=inversion
"""

import itertools
import logging
import time

import hydra
import numpy as np
from omegaconf import DictConfig
from safetensors.numpy import save_file

from genrates.errors import reason_of
from genrates.files import atomic_file, atomic_folder, write_json
from genrates.progress import progress_bar
from genrates.steps import CONF
from genrates.workflow.cell_step import cell_job
from genrates.workflow.job import CellJob, size_file


@hydra.main(version_base="1.3", config_path=CONF, config_name="cell")
def main(cfg: DictConfig) -> None:
    """Write draws/, a recipe for every fit and the draws where drawing is slow, and samples.npz.

    Parameters
    ----------
    cfg : DictConfig
        conf/cell.yaml with a person's overrides.
    """
    with cell_job(cfg, "sample") as job:
        first, index = np.empty((0, 0)), []
        with atomic_folder(job.folder / "draws") as folder:
            fits = progress_bar(job.fits(), f"sample {job.name}", job.n_fits)
            for n, fits_of_size in itertools.groupby(fits, key=lambda fit: fit[0]["n"]):
                stored = {}
                for row, model in fits_of_size:
                    entry, draws = draw_or_defer(job, row, model)
                    index.append(entry)
                    if row["replicate"] == 0:
                        first = np.empty((0, 0)) if draws is None else draws
                    if draws is not None and model.sampling_is_slow:
                        stored[str(row["replicate"])] = np.ascontiguousarray(draws)
                if stored:
                    save_file(stored, size_file(folder, n))
            write_json(folder / "index.json", index)
        with atomic_file(job.folder / "samples.npz") as part:
            are_bits = np.isin(first, (0, 1)).all()  # nothing else shrinks much
            (np.savez_compressed if are_bits else np.savez)(part, samples=first)


def draw_or_defer(job: CellJob, row: dict, model) -> tuple[dict, np.ndarray | None]:
    """Return the recipe of a fit's draws, and the draws where they are wanted now.

    They are wanted of the first replicate, which is timed and looked at, and wherever drawing is slow.
    Elsewhere `evaluate` draws from the kept fit and the same seed.

    Parameters
    ----------
    job : CellJob
        The cell.
    row : dict
        The fit's row of fits/index.json.
    model : DensityEstimator or None
        The fitted model.

    Returns
    -------
    entry : dict
        The row of draws/index.json: the recipe, `seconds` that drawing took, `reason` why
        the model cannot be drawn from, `error` that drawing has raised.
    draws : ndarray of shape (n_draws, n_features) or None
        The draws.
    """
    entry = job.recipe(row["n"], row["replicate"])
    if reason := row["reason"] or job.sampler.applies_to(model):
        return entry | {"reason": reason}, None
    if row["replicate"] > 0 and not model.sampling_is_slow:
        return entry, None
    start = time.perf_counter()
    try:
        draws = job.draw(model, entry)
    except Exception as error:  # a result of this fit: the others go on
        logging.exception("drawing failed")
        return entry | {"error": reason_of(error)}, None
    return entry | {"seconds": time.perf_counter() - start}, draws


if __name__ == "__main__":
    main()
