"""Put placeholders where a job of a cell has died, so that the table and all other cells stand.

python -m genrates.steps.train OVERRIDES ||
    python -m genrates.steps.died OVERRIDES +step=train +status=$? +attempt=1

Every number of the step is then `failed`, with how the job died as its reason. The same command tries the job
again, since its record (:mod:`genrates.workflow.provenance`) says that it died.
"""

import logging
import signal
import sys
from collections.abc import Callable

import hydra
import numpy as np
from omegaconf import DictConfig, OmegaConf

from genrates.analysis.scores import write_scores
from genrates.estimators.persistence import save_all
from genrates.files import atomic_file, atomic_folder, write_json
from genrates.metrics.measurement import failed
from genrates.steps import CONF
from genrates.steps.evaluate import write_config
from genrates.workflow.cell_step import make_cell_job
from genrates.workflow.environment import note_death
from genrates.workflow.job import CellJob, size_file
from genrates.workflow.log import step_log
from genrates.workflow.provenance import origin_of_step

_INTERRUPTED = 128 + signal.SIGINT
_REASONS = {
    128 + signal.SIGALRM: "it took longer than {minutes} minutes, the time limit of its budget",
    128 + signal.SIGKILL: "it was killed (SIGKILL), as the system does when memory runs out",
}


@hydra.main(version_base="1.3", config_path=CONF, config_name="cell")
def main(cfg: DictConfig) -> None:
    """Write placeholders for the files of a step, unless it came to its end or was interrupted.

    Parameters
    ----------
    cfg : DictConfig
        conf/cell.yaml with the overrides of the job; and `step`, its name, `status`, its exit status, and
        `attempt`: 2 if its shell died at the first.
    """
    with step_log("died"):
        config = OmegaConf.to_container(cfg, resolve=True)
        step, status, attempt = (config.pop(key) for key in ("step", "status", "attempt"))
        if status == _INTERRUPTED:
            sys.exit(status)
        job = make_cell_job(config)
        origin = origin_of_step(job.folder, job, step)
        if origin.stands:  # every fit failed: that is a result
            return
        how_it_died = (
            how(status, job.config["minutes"])
            if attempt == 1
            else "its shell, or its job on a cluster, was killed"
        )
        reason = f"the {step} job died: {how_it_died}"
        logging.error("%s: %s", job.name, reason)
        _PLACEHOLDERS[step](job, reason)
        origin.write(died=reason)
        note_death(job.config["results"], step, job.name, reason)


def how(status: int, minutes: float | None) -> str:
    """Return in words how a job died.

    Parameters
    ----------
    status : int
        Its exit status, as a shell gives it.
    minutes : float or None
        Its time limit.

    Returns
    -------
    str
        The rest of a sentence.

    Examples
    --------
    >>> how(139, None)
    'it was ended by SIGSEGV'
    >>> how(1, None)
    'exit status 1; its log has the error'
    """
    if status in _REASONS:
        return _REASONS[status].format(minutes=minutes)
    names = {128 + number: number.name for number in signal.Signals}
    return (
        f"it was ended by {names[status]}"
        if status in names
        else f"exit status {status}; its log has the error"
    )


def failed_fits(job: CellJob, reason: str) -> None:
    """Write fits/ and model/ in which every fit has failed.

    Parameters
    ----------
    job : CellJob
        The cell.
    reason : str
        How its job died.
    """
    rows = [{"n": n, "replicate": r, "status": "failed", "reason": reason} for n, r in job.grid]
    with atomic_folder(job.folder / "fits") as folder:
        for n in job.sizes:
            save_all({}, size_file(folder, n), {})
        write_json(folder / "index.json", rows)
    with atomic_folder(job.folder / "model") as folder:
        write_json(folder / "training.json", {})


def failed_draws(job: CellJob, reason: str) -> None:
    """Write draws/ and samples.npz in which every drawing has failed.

    Parameters
    ----------
    job : CellJob
        The cell.
    reason : str
        How its job died.
    """
    with atomic_folder(job.folder / "draws") as folder:
        write_json(folder / "index.json", [job.recipe(n, r) | {"error": reason} for n, r in job.grid])
    with atomic_file(job.folder / "samples.npz") as part:
        np.savez(part, samples=np.empty((0, 0)))


def failed_scores(job: CellJob, reason: str) -> None:
    """Write scores.parquet in which every metric has failed, and nothing to look at.

    Parameters
    ----------
    job : CellJob
        The cell.
    reason : str
        How its job died.
    """
    names = {"experiment": job.experiment, "data": job.data_name, "model": job.variant}
    rows = [(n, replicate, failed(name, reason)) for n, replicate in job.grid for name in job.metrics]
    write_scores(job.folder / "scores.parquet", names, rows)
    with atomic_file(job.folder / "density_grids.npz") as part:
        np.savez(part, points=np.empty((0, 0)))
    with atomic_folder(job.folder / "figures"):
        pass
    write_config(job)


_PLACEHOLDERS: dict[str, Callable[[CellJob, str], None]] = {
    "train": failed_fits,
    "sample": failed_draws,
    "evaluate": failed_scores,
}


if __name__ == "__main__":
    main()
