"""The comparison table of an experiment, read back from MLflow, and its figures.

python -m genrates.steps.compare experiments=[rates]
"""

import importlib
import logging

import hydra
from omegaconf import DictConfig, OmegaConf

from genrates.analysis import differences
from genrates.analysis.results import ExperimentResults
from genrates.analysis.summary import read_summaries
from genrates.files import atomic_file, atomic_folder
from genrates.progress import progress_bar
from genrates.reporting.comparison import table_of, to_markdown
from genrates.reporting.figures.style import save
from genrates.steps import CONF
from genrates.steps.track import write_runs
from genrates.tracking.runs import read_runs
from genrates.workflow.log import step_log
from genrates.workflow.origins import about_to_compare
from genrates.workflow.plan import plan_of_step
from genrates.workflow.store_version import written_runs


@hydra.main(version_base="1.3", config_path=CONF, config_name="tables")
def main(cfg: DictConfig) -> None:
    """Write comparison.csv, comparison.md, differences.csv and figures/.

    Parameters
    ----------
    cfg : DictConfig
        conf/tables.yaml with a person's overrides.
    """
    with step_log("compare"):
        plan = plan_of_step(OmegaConf.to_container(cfg, resolve=True))
        for name in plan.experiments:
            experiment = plan.experiment_results(name)
            with about_to_compare(plan, name).recorded():
                experiment.summaries = read_summaries(experiment.folder)
                experiment.differences = differences.differences_of(experiment)
                write_table(experiment, plan.results)
                draw_figures(experiment)


def write_table(experiment: ExperimentResults, results: str) -> None:
    """Write comparison.csv, comparison.md and differences.csv, from the runs that the track step has written.

    Where MLflow no longer has them, they are written again first.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    results : str
        The folder of MLflow's database.
    """
    cells = [cell.name for cell in experiment.cells]
    tracked = written_runs(experiment.folder)
    runs = read_runs(results, experiment.name)
    if not {tracked.get(cell) for cell in cells} <= set(runs["run_id"]):
        # deleted in the dashboard, or the database was replaced by an older copy
        logging.warning("%s: MLflow lacks runs of tracked.json; they are written again", experiment.name)
        write_runs(experiment, results)
        runs = read_runs(results, experiment.name)
    table = table_of(runs, cells)
    with atomic_file(experiment.folder / "comparison.csv") as part:
        table.to_csv(part, index=False)
    with atomic_file(experiment.folder / "comparison.md") as part:
        part.write_text(to_markdown(table, experiment.title, experiment.data_titles), encoding="utf-8")
    with atomic_file(experiment.folder / "differences.csv") as part:
        differences.table_of(experiment.differences).to_csv(part, index=False)
    logging.info("%s: %d rows", experiment.name, len(table))


def draw_figures(experiment: ExperimentResults) -> None:
    """Draw what the experiment's modules of genrates.reporting.figures have to show.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    """
    with atomic_folder(experiment.folder / "figures") as folder:
        for module in progress_bar(experiment.figures, f"draw {experiment.name}"):
            drawn = importlib.import_module(f"genrates.reporting.figures.{module}").draw(experiment)
            for name, figure in drawn.items():
                save(figure, folder / f"{name}.png", dpi=120)


if __name__ == "__main__":
    main()
