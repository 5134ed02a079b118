"""Draw from every fitted model of a cell: as many points as it has learned from, or a fixed number.

python -m genrates.steps.sample data=marron_wand_06 model=kde sampler=inversion
"""

import itertools
import time

import hydra
import numpy as np
from hydra.utils import instantiate
from omegaconf import DictConfig
from safetensors.numpy import save_file

from genrates.files import atomic_file, atomic_folder, write_json
from genrates.progress import progress_bar
from genrates.steps import CONF, run_and_leave
from genrates.workflow.job import Job, draws_file, job


@hydra.main(version_base="1.3", config_path=CONF, config_name="cell")
def main(cfg: DictConfig) -> None:
    with job(cfg, "sample") as cell:
        sampler = instantiate(cfg.sampler)
        first, index = np.empty((0, 0)), []
        with atomic_folder(cell.folder / "draws") as folder:
            fits = progress_bar(cell.fits(), f"sample {cell.name}", cell.n_fits)
            for n, of_size in itertools.groupby(fits, key=lambda fit: fit[0]["n"]):
                found = {}
                for row, model in of_size:
                    said, draws = drawn(cell, sampler, row, model)
                    index.append(said)
                    if draws is not None:
                        found[str(row["replicate"])] = np.ascontiguousarray(draws)
                save_file(found, draws_file(folder, n))
                first = found.get("0", np.empty((0, 0)))  # of the largest size in the end
            write_json(folder / "index.json", index)
        with atomic_file(cell.folder / "samples.npz") as part:
            bits = np.isin(first, (0, 1)).all()  # all else hardly shrinks
            (np.savez_compressed if bits else np.savez)(part, samples=first)


def drawn(cell: Job, sampler, row: dict, model) -> tuple[dict, np.ndarray | None]:
    """The row of the index that describes the draws of a fit, and the draws; None and why there are none."""
    n, replicate = row["n"], row["replicate"]
    reason = row["reason"] or sampler.applies_to(model)
    if reason:
        return {"n": n, "replicate": replicate, "reason": reason}, None
    rng = np.random.default_rng(cell.seed(replicate, f"sample/{cell.label}/{n}"))
    start = time.perf_counter()
    draws = sampler.draw(model, getattr(sampler, "n_samples", None) or n, rng)
    seconds = time.perf_counter() - start
    return {"n": n, "replicate": replicate, "draws": len(draws), "seconds": seconds}, draws


if __name__ == "__main__":
    run_and_leave(main)
