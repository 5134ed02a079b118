"""What the Snakefile asks: which cells there are, where their files lie, and what each job depends on.

Pure functions of `conf/` and of the settings on the command line: nothing here runs a model or writes a file.
"""

import itertools
import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from genrates.errors import ConfigError, check_choice
from genrates.workflow import config
from genrates.workflow.checks import check_data, check_model, experiment, pipeline
from genrates.workflow.fingerprint import fingerprint, module_path, modules_of, target_module
from genrates.workflow.overrides import to_overrides
from genrates.workflow.schema import Grid, Share, checked
from genrates.workflow.variants import cell_label


@dataclass(frozen=True)
class Cell:
    """One (experiment, data, model): the unit of work, of caching, and of a row in the dashboard."""

    experiment: str
    data: str
    model: str
    changes: tuple[tuple[str, Any], ...]
    label: str
    grid: Grid
    metrics: tuple[str, ...]
    sampler: str

    @property
    def name(self) -> str:
        return f"{self.experiment}/{self.data}/{self.label}"


class Plan:
    """The pipeline that a person asked for, checked as a whole before any of it runs.

    Parameters
    ----------
    settings : dict
        Keys of conf/pipeline.yaml with the values to use instead, as `snakemake --config` gives them.
    check_models : bool, default=True
        Let the estimators' classes judge their parameters, which imports them; a job of a plan that was
        checked already need not.

    Raises
    ------
    ConfigError
        In words that name the config key, what was given and what is allowed.
    """

    def __init__(self, settings: dict[str, Any] | None = None, *, check_models: bool = True):
        self.pipeline = pipeline(settings or {})
        self.results = self.pipeline.results
        _check_writable(Path(self.results))
        self.experiments = {name: experiment(name) for name in self.pipeline.experiments}
        self._cells = {c.name: c for name in self.experiments for c in self._cells_of(name)}
        for data in {cell.data for cell in self._cells.values()} if check_models else ():
            check_data(data)
        for cell in self._cells.values() if check_models else ():
            check_model(self._model(cell), f"{_models_key(cell.experiment)}: {cell.model}")

    # -- what there is ----------------------------------------------------------------------------

    def cells(self, experiment: str | None = None) -> list[Cell]:
        """All cells, or those of one experiment, in the order of the configs."""
        return [c for c in self._cells.values() if experiment in (None, c.experiment)]

    def cell(self, wildcards) -> Cell:
        """The cell that a rule's wildcards name."""
        return self._cells[f"{wildcards.experiment}/{wildcards.data}/{wildcards.label}"]

    def files(self, experiment: str, *names: str) -> list[str]:
        """These files of all cells of an experiment."""
        return [f"{self.results}/{c.name}/{name}" for c in self.cells(experiment) for name in names]

    def downloads(self, data: str) -> dict[str, dict]:
        """Files that a data set needs from elsewhere: name -> {url, sha256}."""
        return config.data(data)["metadata"].get("files") or {}

    def urgency(self, cell: Cell) -> float:
        """Of a cell's training, from 0 to 1: the models that an experiment names last come first.

        Slow ones stand there. What takes long begins early, so that no core waits for it in the end.
        """
        labels = list(dict.fromkeys(c.label for c in self.cells(cell.experiment)))
        return labels.index(cell.label) / len(labels)

    # -- what a job depends on, beyond its input files ----------------------------------------------

    def train_slice(self, cell: Cell) -> str:
        """Data, model, sizes, seed, and the code behind them: a change here trains this cell anew."""
        data, model = config.data(cell.data), self._model(cell)
        return _text(
            data=_without(data, "metadata"),
            model=_without(model, "metadata"),
            grid=cell.grid.model_dump(),
            seed=self.pipeline.seed,
            code=fingerprint("genrates.steps.train", *modules_of(data), *modules_of(model)),
        )

    def sample_slice(self, cell: Cell) -> str:
        """The sampler and its code."""
        sampler = config.sampler(cell.sampler)
        return _text(sampler=sampler, code=fingerprint("genrates.steps.sample", _module(sampler)))

    def evaluate_slice(self, cell: Cell) -> str:
        """The metrics, the name of the tuned attribute, and the code."""
        metrics, tuned = config.metrics(list(cell.metrics)), self._model(cell)["metadata"].get("tuned")
        code = fingerprint("genrates.steps.evaluate", *(_module(m) for m in metrics.values()))
        return _text(metrics=metrics, tuned=tuned, code=code)

    def track_slice(self, experiment: str) -> str:
        """What the table says beyond the scores: the cards of data and models, and the code of theory."""
        metadata = {
            c.name: (config.data(c.data)["metadata"], self._model(c)["metadata"])
            for c in self.cells(experiment)
        }
        return _text(
            metadata=metadata, generation=self.store_generation, code=fingerprint("genrates.steps.track")
        )

    def compare_slice(self, experiment: str) -> str:
        about = self.experiments[experiment]
        code = fingerprint(
            "genrates.steps.compare", *(f"genrates.reporting.figures.{name}" for name in about.figures)
        )
        return _text(title=about.title, figures=about.figures, code=code)

    def report_slice(self) -> str:
        titles = {name: about.title for name, about in self.experiments.items()}
        return _text(titles=titles, code=fingerprint("genrates.steps.report"))

    def modules(self, cell: Cell) -> list[str]:
        """Source files of the cell's data set and model."""
        modules = modules_of(config.data(cell.data)) + modules_of(self._model(cell))
        return [os.path.relpath(module_path(module)) for module in modules]

    @cached_property
    def store_generation(self) -> int:
        """Which MLflow database this is: one more each time a person has deleted it.

        Snakemake cannot have the database as a file of a rule (every cell writes to it), yet must fill a
        new one when it is gone. So the number stands among the track rule's parameters.
        """
        written = Path(self.results, "mlflow.generation")
        number = int(written.read_text()) if written.exists() else 0
        return max(1, number + (number > 0 and not Path(self.results, "mlflow.db").exists()))

    # -- the words that repeat a job by hand ---------------------------------------------------------

    def cell_words(self, cell: Cell) -> str:
        """Hydra overrides of a cell, the same for its train, sample and evaluate jobs."""
        words = {"into": cell.experiment, "data": cell.data, "model": cell.model}
        words |= {f"model.{key}": value for key, value in cell.changes}
        words |= {"label": cell.label, "sampler": cell.sampler, "metric": list(cell.metrics)}
        words |= {"sizes": cell.grid.sizes, "replicates": cell.grid.replicates}
        words |= {"seed": self.pipeline.seed, "results": self.results}
        return to_overrides(words)

    def pipeline_words(self, *experiments: str) -> str:
        """Hydra overrides of the jobs that speak of whole experiments."""
        names = list(experiments or self.experiments)
        words = {"budget": self.pipeline.budget.name, "seed": self.pipeline.seed}
        return to_overrides(words | {"experiments": names, "results": self.results})

    # -----------------------------------------------------------------------------------------------

    def _model(self, cell: Cell) -> dict[str, Any]:
        return config.model(cell.model, dict(cell.changes), _models_key(cell.experiment))

    def _share_of(self, name: str) -> tuple[Grid, list[str], list]:
        """Sizes and replicates, the data sets, and the models of an experiment in this budget."""
        about, budget = self.experiments[name], self.pipeline.budget
        share = about.budgets.get(budget.name, Share())
        given = {key: getattr(budget, key) for key in ("sizes", "replicates")}
        given |= {key: value for key in given if (value := getattr(share, key)) is not None}
        where = f"conf/experiment/{name}.yaml: budgets.{budget.name}"
        return checked(Grid, given, where), share.data or about.data, share.models or about.models

    def _cells_of(self, name: str) -> list[Cell]:
        about = self.experiments[name]
        grid, data_names, models = self._share_of(name)
        cells = []
        for data, (model, changes, label) in itertools.product(data_names, _variants(models, name)):
            n_max = config.data(data)["metadata"].get("n_max")
            if n_max and grid.sizes[-1] > n_max:
                raise ConfigError(
                    f"conf/experiment/{name}.yaml: sizes: {data} has {n_max} points, got {grid.sizes[-1]}."
                )
            cell = Cell(name, data, model, changes, label, grid, tuple(about.metrics), about.sampler)
            self._model(cell)
            cells.append(cell)
        repeated = {c.name for c in cells if sum(c.name == other.name for other in cells) > 1}
        if repeated:
            raise ConfigError(
                f"conf/experiment/{name}.yaml: named twice: {', '.join(sorted(repeated))}. "
                "List a model once, with its variants: `- kde: {bandwidth: [silverman, lscv]}`."
            )
        return cells


def _variants(models: list, name: str) -> list[tuple[str, tuple, str]]:
    """(model, changes, label) of each entry of `models`; a list of values is one variant per value."""
    where = _models_key(name)
    found = []
    for entry in models:
        if isinstance(entry, dict) and len(entry) != 1:
            raise ConfigError(f"{where}: one model an entry, got {entry!r}.")
        model, changes = next(iter(entry.items())) if isinstance(entry, dict) else (entry, {})
        check_choice(model, config.options("model"), "model", where)
        if empty := [key for key, value in changes.items() if value == []]:
            raise ConfigError(f"{where}: {model}: {empty[0]}: an empty list of values; give at least one.")
        swept = [key for key, value in changes.items() if isinstance(value, list)]
        for values in itertools.product(*(v if isinstance(v, list) else [v] for v in changes.values())):
            change = tuple(zip(changes, values, strict=True))
            found.append((model, change, cell_label(model, [(k, v) for k, v in change if k in swept])))
    return found


def _models_key(experiment: str) -> str:
    return f"conf/experiment/{experiment}.yaml: models"


def _module(content: dict[str, Any]) -> str:
    return target_module(content["_target_"])


def _without(content: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in content.items() if k != key}


def _text(**content: Any) -> str:
    return json.dumps(content, sort_keys=True)


def _check_writable(results: Path) -> None:
    there = next(p for p in (results, *results.resolve().parents) if os.path.exists(p))
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ConfigError(
            f"results: {str(results)!r} cannot be written: {there} is not a folder one may write to."
        )
