"""Draw from every fitted model of a cell: as many points as it has learned from, or a fixed number.

python -m genrates.steps.sample data=marron_wand_06 model=kde sampler=inversion
"""

import time
from contextlib import ExitStack

import hydra
import numpy as np
from hydra.utils import instantiate
from omegaconf import DictConfig

from genrates.cell import draws_file, job
from genrates.files import fresh_file, fresh_folder, write_json
from genrates.progress import watched
from genrates.steps import CONF, run_and_leave


@hydra.main(version_base="1.3", config_path=CONF, config_name="cell")
def main(cfg: DictConfig) -> None:
    with job(cfg, "sample") as cell:
        sampler = instantiate(cfg.sampler)
        largest, index = np.empty((0, 0)), []
        with fresh_folder(cell.folder / "draws") as folder, ExitStack() as files:
            file = {n: files.enter_context(open(draws_file(folder, n), "wb")) for n in cell.sizes}
            for row, model in watched(cell.fits(), f"sample {cell.name}", cell.n_fits):
                n, replicate = row["n"], row["replicate"]
                reason = row["reason"] or sampler.applies_to(model)
                if reason:
                    index.append({"n": n, "replicate": replicate, "reason": reason})
                    continue
                rng = np.random.default_rng(cell.seed(replicate, f"sample/{cell.label}/{n}"))
                start = time.perf_counter()
                draws = sampler.draw(model, getattr(sampler, "n_samples", None) or n, rng)
                seconds = time.perf_counter() - start
                index.append({"n": n, "replicate": replicate, "draws": len(draws), "seconds": seconds})
                np.save(file[n], draws)
                if n == cell.sizes[-1] and replicate == 0:
                    largest = draws
            write_json(folder / "index.json", index)
        with fresh_file(cell.folder / "samples.npz") as part:
            np.savez_compressed(part, samples=largest)


if __name__ == "__main__":
    run_and_leave(main)
