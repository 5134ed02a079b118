"""The comparison table of an experiment, read back from MLflow, and its figures.

python -m genrates.steps.compare experiments=[rates]
"""

import importlib
import logging

import hydra
from omegaconf import DictConfig

from genrates import comparison
from genrates.files import fresh_file, fresh_folder
from genrates.results import Experiment
from genrates.steps import CONF
from genrates.tables import tables_job
from genrates.tracking import read_runs


@hydra.main(version_base="1.3", config_path=CONF, config_name="tables")
def main(cfg: DictConfig) -> None:
    with tables_job(cfg, "compare") as plan:
        for name, about in plan.experiments.items():
            experiment = Experiment(plan, name)
            table = comparison.table_of(read_runs(plan.results, name), [c.name for c in plan.cells(name)])
            with fresh_file(experiment.folder / "comparison.csv") as part:
                table.to_csv(part, index=False)
            with fresh_file(experiment.folder / "comparison.md") as part:
                part.write_text(comparison.markdown(table, about.title, experiment.data_titles))
            figures = importlib.import_module(f"genrates.figures.{about.figure}").draw(experiment)
            with fresh_folder(experiment.folder / "figures") as folder:
                for figure_name, figure in figures.items():
                    figure.savefig(folder / f"{figure_name}.png", dpi=120)
            logging.info("%s: %d rows, figures: %s", name, len(table), ", ".join(figures))


if __name__ == "__main__":
    main()
