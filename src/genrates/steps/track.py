"""Write an experiment's scores, and the rates they show, to MLflow: a run for each cell.

python -m genrates.steps.track experiments=[rates]
"""

import logging
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import hydra
from omegaconf import DictConfig

from genrates import tracking
from genrates.cell_run import cell_run
from genrates.figures.cell import draw, save_figure
from genrates.files import write_json
from genrates.progress import watched
from genrates.results import Experiment
from genrates.steps import CONF
from genrates.tables import tables_job
from genrates.workflow import Cell, Plan

_FEW = 20  # cells that are not worth a process of their own


@hydra.main(version_base="1.3", config_path=CONF, config_name="tables")
def main(cfg: DictConfig) -> None:
    with tables_job(cfg, "track") as plan:
        client = tracking.open_store(plan.results, cfg.generation)
        for name in plan.experiments:
            cells, runs = plan.cells(name), {}
            for run in watched(_runs(plan, name, cells, cfg.threads), f"track {name}", len(cells)):
                runs[run.cell] = tracking.log_run(client, name, plan.results, run)
            tracking.forget_others(client, name, plan.results, set(runs))
            logging.info("%s: %d runs in %s", name, len(runs), tracking.tracking_uri(plan.results))
            write_json(Path(plan.results, name, "tracked.json"), {"generation": cfg.generation, "runs": runs})


def _runs(plan: Plan, name: str, cells: list[Cell], threads: int) -> Iterator[tracking.Run]:
    """The run of each cell, its picture drawn, as they get ready: one process writes, `threads` prepare."""
    workers = min(threads, max(1, len(cells) // _FEW))
    prepared = partial(_prepared, plan, name)
    if workers == 1:
        yield from map(prepared, cells)
        return
    os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}  # for each worker
    # Spawned, not forked: the database is open here.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from pool.map(prepared, cells, chunksize=_FEW // 4)


def _prepared(plan: Plan, name: str, cell: Cell) -> tracking.Run:
    experiment = Experiment(plan, name)
    save_figure(draw(experiment, cell), experiment.cell_folder(cell.data, cell.label) / "figures")
    return cell_run(plan, experiment, cell)


if __name__ == "__main__":
    main()
