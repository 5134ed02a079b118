"""Write an experiment's scores, and the rates they show, to MLflow: a run for each cell.

python -m genrates.steps.track experiments=[rates]
"""

import logging

import hydra
from omegaconf import DictConfig, OmegaConf

from genrates.analysis.results import ExperimentResults
from genrates.analysis.summary import summarize, write_summaries
from genrates.files import write_json
from genrates.progress import progress_bar
from genrates.steps import CONF
from genrates.tracking.record import record_of
from genrates.tracking.runs import RunWriter
from genrates.workflow.log import step_log
from genrates.workflow.origins import about_to_track
from genrates.workflow.plan import plan_of_step


@hydra.main(version_base="1.3", config_path=CONF, config_name="tables")
def main(cfg: DictConfig) -> None:
    """Write summaries.json, the runs, and their ids in tracked.json.

    Parameters
    ----------
    cfg : DictConfig
        conf/tables.yaml with a person's overrides.
    """
    with step_log("track"):
        plan = plan_of_step(OmegaConf.to_container(cfg, resolve=True))
        for name in plan.experiments:
            version = cfg.store_version or plan.store_version
            with about_to_track(plan, name, version).recorded():
                write_runs(plan.experiment_results(name), plan.results, version)


def write_runs(experiment: ExperimentResults, results: str, version: int | None = None) -> None:
    """Write summaries.json, a run for each cell, and their ids in tracked.json.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment; it is given its summaries.
    results : str
        The folder of MLflow's database.
    version : int, optional
        The store's number; default: found out.
    """
    writer = RunWriter(results, experiment.name, version)
    run_ids = {}
    for cell in progress_bar(experiment.cells, f"track {experiment.name}"):
        summaries = [summarize(cell, metric) for metric in cell.metrics]
        experiment.summaries |= {(cell.data, cell.variant, s.metric): s for s in summaries}
        run_ids[cell.name] = writer.write(record_of(cell, summaries, experiment.budget, experiment.name))
    logging.info("%s: %d runs", experiment.name, len(run_ids))
    write_summaries(experiment.folder, experiment.summaries)
    write_json(experiment.folder / "tracked.json", run_ids)


if __name__ == "__main__":
    main()
