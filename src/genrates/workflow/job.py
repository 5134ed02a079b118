"""A cell on disk, and what its three jobs (train, sample, evaluate) share."""

import hashlib
import itertools
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from hydra.core.hydra_config import HydraConfig
from hydra.utils import get_class, instantiate
from omegaconf import DictConfig, OmegaConf
from safetensors import safe_open

from genrates.data.streams import seed_sequence
from genrates.errors import ConfigError
from genrates.lean_start import compose_once, import_sklearn_base
from genrates.workflow import config
from genrates.workflow.environment import PLANNED
from genrates.workflow.fingerprint import fingerprint, modules_of
from genrates.workflow.log import reported
from genrates.workflow.variants import cell_label

import_sklearn_base()  # before a step imports an estimator
compose_once()
from sklearn.base import clone  # noqa: E402

from genrates.estimators.base import DensityEstimator  # noqa: E402
from genrates.estimators.persistence import opened  # noqa: E402


@dataclass(frozen=True)
class Job:
    """One cell's config, made into objects and paths."""

    cfg: DictConfig
    sizes: list[int]
    replicates: int
    label: str

    # config values that are asked for once a fit: omegaconf parses an interpolation each time it is read
    @cached_property
    def folder(self) -> Path:
        return Path(self.cfg.results, self.cfg.into, self.data_name, self.label)

    @cached_property
    def data_name(self) -> str:
        return self.cfg.get("data_name") or HydraConfig.get().runtime.choices["data"]

    @property
    def name(self) -> str:
        return f"{self.cfg.into}/{self.data_name}/{self.label}"

    def data(self) -> Any:
        """The data set; one that was downloaded finds its files in data/NAME."""
        extra = {"folder": f"data/{self.data_name}"} if self.cfg.data.metadata.get("files") else {}
        parameters = config.check_names(OmegaConf.to_container(self.cfg.data, resolve=True), "data")
        try:
            return get_class(self.cfg.data._target_)(**parameters, **extra)
        except (TypeError, ValueError, OSError) as error:
            raise ConfigError(f"data={self.data_name}: {error}") from None

    def models(self, n: int) -> list[Any]:
        """An unfitted model for each replicate of size n, each with a seed of its own."""
        found, unfitted = [], instantiate(_parameters(self.cfg.model), _convert_="all")
        for replicate in range(self.replicates):
            model = clone(unfitted)
            if "random_state" in model.get_params(deep=False):
                state = self.seed(replicate, f"fit/{n}").generate_state(1)
                model.set_params(random_state=int(state[0]))
            found.append(model)
        return found

    def samples(self, data: Any) -> list[np.ndarray]:
        """The largest training sample of each replicate; the smaller ones are its prefixes."""
        n_max = getattr(data, "n_max", None)
        if n_max is not None and self.sizes[-1] > n_max:
            raise ConfigError(f"sizes: {self.data_name} has {n_max} points, got {self.sizes[-1]}.")
        return [
            data.sample(self.sizes[-1], np.random.default_rng(self.seed(replicate, "train")))
            for replicate in range(self.replicates)
        ]

    @cached_property
    def _seed(self) -> int:
        return self.cfg.seed

    def seed(self, replicate: int, purpose: str) -> np.random.SeedSequence:
        return seed_sequence(self._seed, self.data_name, replicate, purpose)

    @property
    def n_fits(self) -> int:
        return len(self.sizes) * self.replicates

    def index(self, folder: str, made_by: str) -> list[dict]:
        """The index that an earlier step has written.

        Raises
        ------
        ConfigError
            If that step has not run, or has run for other sizes or replicates.
        """
        path = self.folder / folder / "index.json"
        if not path.exists():
            raise ConfigError(
                f"{path} is missing; run `python -m genrates.steps.{made_by}` with the same words first."
            )
        rows = json.loads(path.read_text())
        grid = itertools.product(self.sizes, range(self.replicates))
        if [(row["n"], row["replicate"]) for row in rows] != list(grid):
            raise ConfigError(
                f"{path} is of other sizes or replicates than sizes={self.sizes}, "
                f"replicates={self.replicates}; run `python -m genrates.steps.{made_by}` with the same "
                "words first."
            )
        return rows

    @property
    def checkpoints(self) -> Path:
        """Where trainings that can be resumed are written down: a folder of this very config alone.

        The hash is of what decides a fit (data, model, seed, code; n and the replicate are folders below), so
        that a training never carries on from one that had another config.
        """
        content = OmegaConf.to_container(self.cfg, resolve=True)
        parts = [{k: v for k, v in content[part].items() if k != "metadata"} for part in ("data", "model")]
        code = fingerprint(*modules_of(content["data"]), *modules_of(content["model"]))
        text = json.dumps([*parts, self.data_name, content["seed"], self.sizes[-1], code], sort_keys=True)
        return self.folder / f"checkpoints-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    def fits(self) -> Iterator[tuple[dict, DensityEstimator | None]]:
        """(row of the index, fitted model) of each fit, sizes first; None in place of one that has failed."""
        for n, rows in itertools.groupby(self.index("fits", "train"), key=itemgetter("n")):
            with opened(fits_file(self.folder / "fits", n)) as model:
                for row in rows:
                    yield row, model(str(row["replicate"])) if row["status"] == "ok" else None

    def draws(self) -> Iterator[tuple[dict, np.ndarray | None]]:
        """(row of the index, points drawn) of each fit in the same order; None where there are none."""
        for n, rows in itertools.groupby(self.index("draws", "sample"), key=itemgetter("n")):
            with safe_open(draws_file(self.folder / "draws", n), "numpy") as file:
                for row in rows:
                    yield row, None if row.get("reason") else file.get_tensor(str(row["replicate"]))


def fits_file(folder: Path, n: int) -> Path:
    """Where a size's fitted models lie, by the numbers of their replicates."""
    return folder / f"n={n}.safetensors"


def draws_file(folder: Path, n: int) -> Path:
    """Where a size's draws lie, by the numbers of their replicates."""
    return folder / f"n={n}.safetensors"


@contextmanager
def job(cfg: DictConfig, step: str):
    """The checked job of a step; its log goes to `cfg.log`, its errors are one readable message."""
    with reported(step, cfg.log):
        found = _checked(cfg)
        logging.info("%s %s: sizes %s, %d replicates", step, found.name, found.sizes, found.replicates)
        yield found


def _checked(cfg: DictConfig) -> Job:
    content = OmegaConf.to_container(cfg, resolve=True)
    if not os.environ.get(PLANNED):
        _check_shapes(content)
    config.check_parameters(content["model"], "model")
    sizes = content["sizes"]
    if (n_max := content["data"].get("metadata", {}).get("n_max")) and sizes[-1] > n_max:
        raise ConfigError(f"sizes: the data set has {n_max} points, {sizes[-1]} are asked for.")
    return Job(cfg, sizes, content["replicates"], cfg.label or _label_by_hand())


def _check_shapes(content: dict[str, Any]) -> None:
    """What a plan has held against its shapes already: a planned job starts sooner without pydantic."""
    from genrates.workflow.checks import check_metadata
    from genrates.workflow.schema import Grid, ModelMetadata, checked

    checked(Grid, {k: content[k] for k in ("sizes", "replicates")}, "sizes and replicates")
    if "metadata" in content["model"]:
        check_metadata(ModelMetadata, content["model"]["metadata"], "model")


def _label_by_hand() -> str:
    """The model's name and what was changed on the command line, so that a sweep's jobs do not collide."""
    hydra = HydraConfig.get()
    words = [w for w in hydra.overrides.task if w.startswith(("model.", "data.", "seed="))]
    changes = [w.removeprefix("model.").split("=", 1) for w in words]
    return cell_label(hydra.runtime.choices["model"], [(k, v) for k, v in changes])


def _parameters(group: DictConfig) -> DictConfig:
    return OmegaConf.create(
        {k: v for k, v in OmegaConf.to_container(group, resolve=True).items() if k != "metadata"}
    )
