"""Write an experiment's scores, and the rates they show, to MLflow: a run for each cell.

python -m genrates.steps.track experiments=[rates]
"""

import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import hydra
from omegaconf import DictConfig

from genrates.analysis.results import Experiment, Summaries, write_summaries
from genrates.files import write_json
from genrates.progress import progress_bar
from genrates.reporting.figures.cell import draw
from genrates.reporting.figures.style import save
from genrates.steps import CONF
from genrates.tracking.cell_record import cell_run
from genrates.tracking.record import Run
from genrates.workflow.experiment_job import tables_job
from genrates.workflow.plan import Cell, Plan
from genrates.workflow.workers import processes, worth


@hydra.main(version_base="1.3", config_path=CONF, config_name="tables")
def main(cfg: DictConfig) -> None:
    with tables_job(cfg, "track") as plan:
        for name in plan.experiments:
            cells, folder = plan.cells(name), Path(plan.results, name)
            with processes(worth(len(cells), cfg.threads), cfg.log) as each:
                prepared = each(partial(_prepared, plan, name), cells)
                runs, summaries = _track(plan, name, prepared, cfg.generation)
            write_summaries(folder, summaries)
            write_json(folder / "tracked.json", {"generation": cfg.generation, "runs": runs})


def _track(plan: Plan, name: str, prepared: Iterator[tuple[Run, Summaries]], generation: int):
    """Write the runs of one experiment as they get ready; the id of each cell's run, and all summaries."""
    from genrates.tracking import (
        store as tracking,
    )  # MLflow: seconds, in which others get runs ready, who need none of it

    client = tracking.open_store(plan.results, generation)
    runs, ids, found = tracking.Runs(client, name, plan.results), {}, {}
    for run, summaries in progress_bar(prepared, f"track {name}", len(plan.cells(name))):
        ids[run.cell] = runs.log(run)
        found |= summaries
    runs.forget_others(set(ids.values()))
    logging.info("%s: %d runs in %s", name, len(ids), tracking.tracking_uri(plan.results))
    return ids, found


def _prepared(plan: Plan, name: str, cell: Cell) -> tuple[Run, Summaries]:
    """The run of a cell, its picture drawn, and the summaries of its metrics."""
    experiment = Experiment(plan, name)
    keys = [(cell.data, cell.label, metric) for metric in cell.metrics]
    picture = experiment.cell_folder(cell.data, cell.label) / "figures" / "cell.png"
    save(draw(experiment, cell), picture, dpi=90)
    return cell_run(plan, experiment, cell), {key: experiment.summary(*key) for key in keys}


if __name__ == "__main__":
    main()
