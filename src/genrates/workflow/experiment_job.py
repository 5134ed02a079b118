"""What the jobs that speak of whole experiments share: their checked plan."""

from contextlib import contextmanager

from omegaconf import DictConfig, OmegaConf

from genrates.workflow.log import reported
from genrates.workflow.plan import Plan


@contextmanager
def tables_job(cfg: DictConfig, step: str):
    """The plan that `cfg` (conf/tables.yaml) asks for; log and errors as everywhere."""
    with reported(step, cfg.log):
        settings = OmegaConf.to_container(cfg, resolve=True)
        chosen = {key: settings[key] for key in ("experiments", "results", "seed", "mirror")}
        yield Plan({"budget": settings["budget"]["name"], **chosen}, check_models=False)
