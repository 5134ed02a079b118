"""One self-contained HTML page: the tables, the figures, the configs. It opens offline.

python -m genrates.steps.report
"""

import logging
from pathlib import Path

import hydra
from omegaconf import DictConfig, OmegaConf

from genrates.files import atomic_file
from genrates.reporting.report import page
from genrates.steps import CONF
from genrates.workflow.log import step_log
from genrates.workflow.origins import about_to_report
from genrates.workflow.plan import plan_of_step


@hydra.main(version_base="1.3", config_path=CONF, config_name="tables")
def main(cfg: DictConfig) -> None:
    """Write report.html.

    Parameters
    ----------
    cfg : DictConfig
        conf/tables.yaml with a person's overrides.
    """
    with step_log("report"):
        plan = plan_of_step(OmegaConf.to_container(cfg, resolve=True))
        experiments = [plan.experiment_results(name) for name in plan.experiments]
        target = Path(plan.results, "report.html")
        with about_to_report(plan).recorded(), atomic_file(target) as part:
            part.write_text(page(experiments), encoding="utf-8")
        logging.info("%s, %.1f MB", target, target.stat().st_size / 1e6)


if __name__ == "__main__":
    main()
