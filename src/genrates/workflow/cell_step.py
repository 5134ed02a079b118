"""How a step of a cell runs: its config checked, its time limited, its record written when it is done."""

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import QuotedString
from omegaconf import DictConfig, OmegaConf

from genrates.errors import ConfigError, is_integer, is_number, shown
from genrates.workflow.grid import check_grid
from genrates.workflow.job import CellJob
from genrates.workflow.log import step_log
from genrates.workflow.provenance import origin_of_step
from genrates.workflow.quoting import check_folder_name, results_folder
from genrates.workflow.targets import make_model
from genrates.workflow.variants import variant_name


@contextmanager
def cell_job(cfg: DictConfig, step: str) -> Iterator[CellJob]:
    """Check a step's config, and run the step with one readable message for what cannot be run.

    The step's record (:mod:`genrates.workflow.provenance`) is written when the step is done, if the files of
    the steps before it were made from the same config and code. The process ends with exit status 1 after a
    step in which every fit had failed, and by the signal SIGALRM when the cell's time is up.

    Parameters
    ----------
    cfg : DictConfig
        conf/cell.yaml with a person's overrides.
    step : {"train", "sample", "evaluate"}
        Name of the step.

    Yields
    ------
    CellJob
        The checked cell.
    """
    with step_log(step):
        job = make_cell_job(OmegaConf.to_container(cfg, resolve=True))
        logging.info("%s %s: sizes %s, replicates %s", step, job.name, job.sizes, job.config["replicates"])
        with origin_of_step(job.folder, job, step).recorded(), time_limit(job.config["minutes"]):
            yield job
        fits = job.index("fits")
        if all(row["status"] == "failed" for row in fits):
            sys.exit(f"genrates {step}: every fit failed: {fits[0]['reason']}")


@contextmanager
def time_limit(minutes: float | None) -> Iterator[None]:
    """End the process by the signal SIGALRM when its time is up, in compiled code too.

    Parameters
    ----------
    minutes : float or None
        None: no limit.

    Yields
    ------
    None
        The limited work is done meanwhile.
    """
    signal.setitimer(signal.ITIMER_REAL, 60 * (minutes or 0))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def make_cell_job(config: dict[str, Any]) -> CellJob:
    """Return the checked cell of a config.

    Parameters
    ----------
    config : dict
        conf/cell.yaml with a person's overrides, resolved.

    Returns
    -------
    CellJob
        With names for its folders: those in `cell`, else what was chosen and changed on the command line.

    Raises
    ------
    ConfigError
        For sizes, replicates, a seed or model parameters that cannot be run, and for a name that would lead
        out of the folder of results.
    """
    n_max = config["data"].get("metadata", {}).get("n_max")
    check_grid(config["sizes"], config["replicates"], n_max, "config")
    if not is_integer(config["seed"]) or config["seed"] < 0:
        raise ConfigError(f"config: seed: must be an integer >= 0, got {shown(config['seed'])}.")
    _check_minutes(config["minutes"])
    make_model(config["model"], "model")
    given = config["cell"]
    by_hand = {"budget": ("budget", "sizes", "replicates", "seed"), "data": ("data",), "variant": ("model",)}
    names = {
        key: _name_by_hand(*by_hand[key]) if given[key] is None and key in by_hand else given[key]
        for key in ("budget", "experiment", "data", "variant")
    }
    names = {key: check_folder_name(name, f"config: cell.{key}") for key, name in names.items()}
    return CellJob(
        config | {"results": results_folder(config["results"], "config: results")},
        budget=names["budget"],
        experiment=names["experiment"],
        data_name=names["data"],
        variant=names["variant"],
    )


def _check_minutes(minutes: Any) -> None:
    if minutes is not None and not (is_number(minutes) and minutes > 0):
        raise ConfigError(f"config: minutes: must be a positive number or null, got {shown(minutes)}.")


def _name_by_hand(group: str, *keys: str) -> str:
    """Return a name that tells what was chosen of a group, and changed on the command line."""
    hydra = HydraConfig.get()
    given = OverridesParser.create().parse_overrides(hydra.overrides.task)
    prefix = f"{group}."
    changes = [
        (override.key_or_group.removeprefix(prefix), _value(override.value()))
        for override in given
        if override.key_or_group.startswith(prefix) or override.key_or_group in keys
    ]
    return variant_name(hydra.runtime.choices[group], changes)


def _value(parsed: Any) -> Any:
    """Return a value of Hydra's parser without its quotes."""
    if isinstance(parsed, QuotedString):
        return parsed.text
    if isinstance(parsed, list):
        return [_value(item) for item in parsed]
    if isinstance(parsed, dict):
        return {_value(key): _value(item) for key, item in parsed.items()}
    return parsed
