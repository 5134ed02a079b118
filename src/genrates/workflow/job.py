"""A cell as its three jobs (train, sample, evaluate) see it: one config, made into objects and paths."""

import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from sklearn.base import clone

from genrates.data.streams import draw_seed, fit_seed, training_seed
from genrates.errors import ConfigError, UnusableFile
from genrates.estimators.base import DensityEstimator
from genrates.estimators.persistence import open_models
from genrates.files import made_by
from genrates.workflow.fingerprint import fingerprint, modules_of
from genrates.workflow.grid import check_grid, replicates_of, rows_of_training_sets
from genrates.workflow.rows import fault_of_drawing, fault_of_fit
from genrates.workflow.targets import make_data, make_metric, make_model, make_sampler, without_metadata


@dataclass(frozen=True)
class CellJob:
    """One cell's config (conf/cell.yaml), checked.

    Attributes
    ----------
    config : dict
        The config, resolved.
    budget, experiment, data_name, variant : str
        Names of the folders of its files.
    """

    config: dict[str, Any]
    budget: str
    experiment: str
    data_name: str
    variant: str

    @property
    def name(self) -> str:
        """Path below the folder of results.

        Returns
        -------
        str
        """
        return "/".join((self.budget, self.experiment, self.data_name, self.variant))

    @property
    def folder(self) -> Path:
        """Where its files lie.

        Returns
        -------
        Path
        """
        return Path(self.config["results"], self.name)

    @property
    def sizes(self) -> list[int]:
        """Sample sizes, increasing.

        Returns
        -------
        list[int]
        """
        return self.config["sizes"]

    @property
    def replicates(self) -> dict[int, int]:
        """How many training sets of each size.

        Returns
        -------
        dict[int, int]
        """
        return replicates_of(self.sizes, self.config["replicates"])

    @property
    def grid(self) -> list[tuple[int, int]]:
        """Size and replicate of every fit, sizes first.

        Returns
        -------
        list[tuple[int, int]]
        """
        return [(n, replicate) for n, count in self.replicates.items() for replicate in range(count)]

    @property
    def seed(self) -> int:
        """What all random streams hang on.

        Returns
        -------
        int
        """
        return self.config["seed"]

    @property
    def data_config(self) -> dict[str, Any]:
        """Config of the data set.

        Returns
        -------
        dict[str, Any]
        """
        return self.config["data"]

    @property
    def model_config(self) -> dict[str, Any]:
        """Config of the model.

        Returns
        -------
        dict[str, Any]
        """
        return self.config["model"]

    @property
    def sampler_config(self) -> dict[str, Any]:
        """Config of the sampler.

        Returns
        -------
        dict[str, Any]
        """
        return self.config["sampler"]

    @property
    def metric_configs(self) -> dict[str, dict[str, Any]]:
        """Configs of the metrics, by name.

        Returns
        -------
        dict[str, dict[str, Any]]
        """
        return self.config["metric"]

    @property
    def tuned(self) -> str | None:
        """The fitted attribute that holds the model's tuned value.

        Returns
        -------
        str or None
        """
        return self.config["tuned"]

    @property
    def n_fits(self) -> int:
        """How many fits there are.

        Returns
        -------
        int
        """
        return len(self.grid)

    # -- objects ----------------------------------------------------------------------------------

    @cached_property
    def data(self) -> Any:
        """The data set; one that was downloaded finds its files in its folder below data/.

        Returns
        -------
        Any
        """
        more = {"folder": self.config["downloads"]} if self.config["data"]["metadata"].get("files") else {}
        return make_data(self.config["data"], f"data={self.data_name}", **more)

    @cached_property
    def sampler(self) -> Any:
        """What draws from a fitted model.

        Returns
        -------
        Any
        """
        return make_sampler(self.config["sampler"], "sampler")

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """What measures, by name.

        Returns
        -------
        dict[str, Any]
        """
        chosen = self.config["metric"]
        return {name: make_metric(content, f"metric: {name}") for name, content in chosen.items()}

    def models(self, n: int) -> list[DensityEstimator]:
        """Return an unfitted model for each replicate of size n, each with a seed of its own.

        Parameters
        ----------
        n : int
            Size of the training sets.

        Returns
        -------
        list of DensityEstimator
            One for each replicate.
        """
        unfitted, found = make_model(self.config["model"], "model"), []
        for replicate in range(self.replicates[n]):
            model = clone(unfitted)
            if "random_state" in model.get_params(deep=False):
                model.set_params(random_state=fit_seed(self.config["seed"], self.data_name, replicate, n))
            found.append(model)
        return found

    @cached_property
    def training_sets(self) -> list[np.ndarray]:
        """The largest training set of each replicate; the smaller ones are its prefixes.

        Large sizes may have fewer replicates: those of size n are the first of the list.

        Returns
        -------
        list[np.ndarray]
        """
        n_max = getattr(self.data, "n_max", None)
        check_grid(self.sizes, self.config["replicates"], n_max, f"data={self.data_name}")
        self._refuse_what_memory_cannot_hold()
        largest = {replicate: n for n, replicate in self.grid}
        seeds = (training_seed(self.config["seed"], self.data_name, r) for r in largest)
        return [
            self.data.sample(n, np.random.default_rng(seed))
            for n, seed in zip(largest.values(), seeds, strict=True)
        ]

    def _refuse_what_memory_cannot_hold(self) -> None:
        """Raise a ConfigError if all training sets together are larger than this machine's memory."""
        rows = rows_of_training_sets(self.replicates)
        needed = 8 * rows * self.data.n_features
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        if needed > there:
            raise ConfigError(
                f"config: sizes, replicates: {rows} rows of training sets with {self.data.n_features} "
                f"columns need {needed / 1e9:.3g} GB; this machine has "
                f"{there / 1e9:.3g} GB."
            )

    def recipe(self, n: int, replicate: int) -> dict[str, Any]:
        """Return how the draws of a fit are made.

        Parameters
        ----------
        n, replicate : int
            Size of its training set, and number of its replicate.

        Returns
        -------
        dict
            `n`, `replicate`, `n_draws` (as many as the sampler says; by default n) and `seed`, the entropy of
            numpy's SeedSequence.
        """
        seed = draw_seed(self.config["seed"], self.data_name, replicate, self.variant, n)
        n_draws = getattr(self.sampler, "n_samples", None) or n
        return {"n": n, "replicate": replicate, "n_draws": n_draws, "seed": seed.entropy}

    def draw(self, model: DensityEstimator, recipe: dict[str, Any]) -> np.ndarray:
        """Draw from a fitted model, always the same points.

        Parameters
        ----------
        model : DensityEstimator
            The fit.
        recipe : dict
            As :meth:`recipe` gives it.

        Returns
        -------
        ndarray of shape (n_draws, n_features)
            The draws.
        """
        rng = np.random.default_rng(np.random.SeedSequence(recipe["seed"]))
        return self.sampler.draw(model, recipe["n_draws"], rng)

    # -- files of earlier steps -------------------------------------------------------------------

    def fits(self) -> Iterator[tuple[dict, DensityEstimator | None]]:
        """Yield each fit, sizes first.

        Yields
        ------
        row : dict
            Its row of fits/index.json.
        model : DensityEstimator or None
            The fitted model; None where the fit failed.
        """
        for n, rows in itertools.groupby(self.index("fits"), key=itemgetter("n")):
            file = size_file(self.folder / "fits", n)
            with ExitStack() as stack:
                with made_by("train", file):
                    read = stack.enter_context(open_models(file))
                for row in rows:
                    model = None
                    if row["status"] == "ok":
                        with made_by("train", file):
                            model = self._model(read, n, row["replicate"])
                    yield row, model

    def _model(self, read: Callable, n: int, replicate: int) -> DensityEstimator:
        return read(str(replicate), lambda: self.training_sets[replicate][:n])

    def draws(self) -> Iterator[tuple[dict, np.ndarray | None]]:
        """Yield what draws/ holds of each fit, in the order of the fits.

        Yields
        ------
        row : dict
            Its row of draws/index.json.
        draws : ndarray or None
            The draws, where they are stored; else :meth:`draw` makes them again, unless the row has a reason
            why there are none.
        """
        for n, rows in itertools.groupby(self.index("draws"), key=itemgetter("n")):
            stored = size_file(self.folder / "draws", n)
            with made_by("sample", stored):
                draws = _arrays(stored) if stored.exists() else {}
            for row in rows:
                yield row, draws.get(str(row["replicate"]))

    def index(self, folder: str) -> list[dict]:
        """Return what an earlier step says of each fit.

        Parameters
        ----------
        folder : {"fits", "draws"}
            Where the step has written it.

        Returns
        -------
        list of dict
            A row for each size and replicate, sizes first.

        Raises
        ------
        UnusableFile
            If it cannot be read, is of other sizes or replicates, or holds what its step does not write.
        """
        path, step = self.folder / folder / "index.json", {"fits": "train", "draws": "sample"}[folder]
        with made_by(step, path):
            rows = json.loads(path.read_text(encoding="utf-8"))
            is_whole = [(row["n"], row["replicate"]) for row in rows] == self.grid
        if not is_whole:
            raise UnusableFile(path, step, "is of other sizes or replicates")
        fault_of = {"fits": fault_of_fit, "draws": fault_of_drawing}[folder]
        for row in rows:
            if fault := fault_of(row, self.recipe(row["n"], row["replicate"])):
                raise UnusableFile(path, step, f"is damaged ({fault[:200]})")
        return rows

    @property
    def checkpoints(self) -> Path:
        """Folder of trainings that can be resumed, whose name tells this very config.

        The hash is of what decides a fit (data, model, seed, largest size, code), so that a training never
        carries on from one that had another config.

        Returns
        -------
        Path
        """
        data, model = self.config["data"], self.config["model"]
        parts = [without_metadata(part) for part in (data, model)]
        code = fingerprint(*modules_of(data, model))
        content = [*parts, self.data_name, self.config["seed"], self.sizes[-1], code]
        text = json.dumps(content, sort_keys=True)
        return self.folder / f"checkpoints-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def size_file(folder: Path, n: int) -> Path:
    """Return the file in which a size's models, or draws, lie by the numbers of their replicates.

    Parameters
    ----------
    folder : Path
        fits/ or draws/ of a cell.
    n : int
        Size of the training sets.

    Returns
    -------
    Path
        FOLDER/n=N.safetensors.
    """
    return folder / f"n={n}.safetensors"


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file, or raise a ValueError."""
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(str(error)) from None
