"""One self-contained HTML page: the tables, the figures, the configs. It opens offline.

python -m genrates.steps.report
"""

import logging
from pathlib import Path

import hydra
from omegaconf import DictConfig

from genrates.files import fresh_file
from genrates.report import page
from genrates.results import Experiment
from genrates.steps import CONF
from genrates.tables import tables_job


@hydra.main(version_base="1.3", config_path=CONF, config_name="tables")
def main(cfg: DictConfig) -> None:
    with tables_job(cfg, "report") as plan:
        experiments = [Experiment(plan, name) for name in plan.experiments]
        target = Path(plan.results, "report.html")
        with fresh_file(target) as part:
            part.write_text(page(experiments), encoding="utf-8")
        logging.info("%s, %.1f MB", target, target.stat().st_size / 1e6)


if __name__ == "__main__":
    main()
