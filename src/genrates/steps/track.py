"""Write an experiment's scores, and the rates they show, to MLflow: a run for each cell.

python -m genrates.steps.track experiments=[rates]
"""

import logging

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


@hydra.main(version_base="1.3", config_path=CONF, config_name="tables")
def main(cfg: DictConfig) -> None:
    with tables_job(cfg, "track") as plan:
        client = tracking.open_store(plan.results, cfg.generation)
        for name in plan.experiments:
            experiment = Experiment(plan, name)
            runs = {}
            for cell in watched(plan.cells(name), f"track {name}"):
                save_figure(draw(experiment, cell), experiment.cell_folder(cell.data, cell.label) / "figures")
                run = cell_run(plan, experiment, cell)
                runs[run.cell] = tracking.log_run(client, name, plan.results, run)
            tracking.forget_others(client, name, plan.results, set(runs))
            logging.info("%s: %d runs in %s", name, len(runs), tracking.tracking_uri(plan.results))
            write_json(experiment.folder / "tracked.json", {"generation": cfg.generation, "runs": runs})


if __name__ == "__main__":
    main()
