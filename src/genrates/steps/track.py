"""Write an experiment's scores, and the rates they show, to MLflow: a run for each cell.

python -m genrates.steps.track experiments=[rates]
"""

import gc
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import hydra
from omegaconf import DictConfig

from genrates.cell_run import cell_run
from genrates.figures.cell import draw, save_figure
from genrates.files import write_json
from genrates.progress import watched
from genrates.results import Experiment
from genrates.run import Run
from genrates.steps import CONF
from genrates.tables import tables_job
from genrates.workflow import Cell, Plan

_FEW = 20  # cells that are not worth a process of their own


@hydra.main(version_base="1.3", config_path=CONF, config_name="tables")
def main(cfg: DictConfig) -> None:
    with tables_job(cfg, "track") as plan:
        for name in plan.experiments:
            with _prepared_runs(plan, name, plan.cells(name), cfg.threads) as prepared:
                runs = _track(plan, name, prepared, cfg.generation)
            write_json(Path(plan.results, name, "tracked.json"), {"generation": cfg.generation, "runs": runs})


def _track(plan: Plan, name: str, prepared: Iterator[Run], generation: int) -> dict[str, str]:
    """Write the runs of one experiment as they get ready; the id of each cell's run."""
    from genrates import tracking  # MLflow: seconds, in which others prepare, who need none of it

    client = tracking.open_store(plan.results, generation)
    runs, ids = tracking.Runs(client, name, plan.results), {}
    for run in watched(prepared, f"track {name}", len(plan.cells(name))):
        ids[run.cell] = runs.log(run)
    runs.forget_others(set(ids.values()))
    logging.info("%s: %d runs in %s", name, len(ids), tracking.tracking_uri(plan.results))
    return ids


@contextmanager
def _prepared_runs(plan: Plan, name: str, cells: list[Cell], threads: int) -> Iterator[Iterator[Run]]:
    """The run of each cell, its picture drawn: one process writes them, `threads` prepare from now on."""
    workers = min(threads, max(1, len(cells) // _FEW))
    prepared = partial(_prepared, plan, name)
    if workers == 1:
        yield map(prepared, cells)
        return
    os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}  # for each worker
    # Spawned, not forked: libraries have threads of their own by now. What is imported then is to stay.
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=gc.freeze) as pool:
        yield pool.map(prepared, cells, chunksize=_FEW // 4)


def _prepared(plan: Plan, name: str, cell: Cell) -> Run:
    experiment = Experiment(plan, name)
    save_figure(draw(experiment, cell), experiment.cell_folder(cell.data, cell.label) / "figures")
    return cell_run(plan, experiment, cell)


if __name__ == "__main__":
    main()
