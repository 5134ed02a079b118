"""The comparison table of an experiment, read back from MLflow, and its figures.

python -m genrates.steps.compare experiments=[rates]
"""

import importlib
import itertools
import logging
from functools import partial
from pathlib import Path

import hydra
from omegaconf import DictConfig

from genrates.analysis.results import Experiment, Summaries, read_summaries
from genrates.files import atomic_file, atomic_folder
from genrates.progress import progress_bar
from genrates.reporting import comparison
from genrates.reporting.figures.style import save
from genrates.steps import CONF
from genrates.workflow.experiment_job import tables_job
from genrates.workflow.plan import Plan
from genrates.workflow.workers import processes, worth


@hydra.main(version_base="1.3", config_path=CONF, config_name="tables")
def main(cfg: DictConfig) -> None:
    with tables_job(cfg, "compare") as plan:
        for name, about in plan.experiments.items():
            summaries = read_summaries(Path(plan.results, name))
            with (
                atomic_folder(Path(plan.results, name, "figures")) as folder,
                processes(worth(len(plan.cells(name)), cfg.threads), cfg.log) as each,
            ):
                drawn = each(partial(_drawn, plan, name, summaries, folder), about.figures)
                rows = _write_table(plan, name)
                files = itertools.chain(*progress_bar(drawn, f"compare {name}", len(about.figures)))
                logging.info("%s: %d rows, figures: %s", name, rows, ", ".join(files))


def _write_table(plan: Plan, name: str) -> int:
    """Write comparison.csv and comparison.md; returns the number of rows."""
    from genrates.tracking.store import (
        read_runs,
    )  # MLflow: seconds, in which others draw, who need none of it

    experiment = Experiment(plan, name)
    table = comparison.table_of(read_runs(plan.results, name), [c.name for c in plan.cells(name)])
    with atomic_file(experiment.folder / "comparison.csv") as part:
        table.to_csv(part, index=False)
    with atomic_file(experiment.folder / "comparison.md") as part:
        part.write_text(comparison.markdown(table, experiment.title, experiment.data_titles))
    return len(table)


def _drawn(plan: Plan, name: str, summaries: Summaries, folder: Path, figures: str) -> list[str]:
    """Draw what a module of genrates.reporting.figures has to show; returns the names of the files."""
    experiment = Experiment(plan, name, summaries)
    drawn = importlib.import_module(f"genrates.reporting.figures.{figures}").draw(experiment)
    for file, figure in drawn.items():
        save(figure, folder / f"{file}.png", dpi=120)
    return list(drawn)


if __name__ == "__main__":
    main()
