"""The plan that the Snakefile asks: which cells there are, and where their files lie.

Pure functions of `conf/` and of the settings on the command line: nothing here fits a model or writes a file.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from genrates.analysis.results import ExperimentResults
from genrates.errors import ConfigError, check_choice
from genrates.workflow.cell import Cell, make_cells
from genrates.workflow.checks import read_experiment, read_pipeline
from genrates.workflow.config import ConfigTree
from genrates.workflow.fingerprint import module_path, modules_of
from genrates.workflow.overrides import to_overrides
from genrates.workflow.quoting import check_folder_name, results_folder
from genrates.workflow.results import results_of
from genrates.workflow.schema import ExperimentConfig
from genrates.workflow.store_version import store_version
from genrates.workflow.variants import variant_name

#: files of a cell that a person is promised
CELL_FILES = (
    "config.yaml",
    "fits",
    "model",
    "draws",
    "samples.npz",
    "scores.parquet",
    "density_grids.npz",
    "figures",
)
#: files of an experiment that a person is promised
EXPERIMENT_FILES = (
    "summaries.json",
    "tracked.json",
    "comparison.csv",
    "comparison.md",
    "differences.csv",
    "figures",
)
#: settings that make a budget of its own name when they are given
_OWN_BUDGET = ("sizes", "replicates", "seed")


class Plan:
    """The pipeline that a person asked for, checked as a whole before any of it runs.

    Parameters
    ----------
    settings : dict, optional
        Keys of conf/pipeline.yaml with the values to use instead, as `snakemake --config` gives them.

    Attributes
    ----------
    budget : str
        Name of the folder below the results: the budget's, and the settings that differ from it.
    results : str
        The folder for results, in its one spelling.
    experiments : dict of ExperimentConfig
        The chosen experiments, by name.

    Raises
    ------
    ConfigError
        In words that name the config key, what was given and what is allowed.
    """

    def __init__(self, settings: dict[str, Any] | None = None):
        self._settings = dict(settings or {})
        self.configs = ConfigTree(self._settings.get("conf"))
        self.pipeline = read_pipeline(self.configs, self._settings)
        self.results = results_folder(self.pipeline.results)
        _check_writable(Path(self.results))
        self.budget = self._budget_name()
        self._cells: dict[str, dict[tuple[str, str], Cell]] = {}
        self._other_budgets: dict[str, Plan] = {}
        self.experiments = {name: self.experiment(name) for name in self.pipeline.experiments}
        for name in self.experiments:
            self.cells(name)

    def _budget_name(self) -> str:
        default = self.configs.compose("pipeline")
        given = {key: getattr(self.pipeline, key) for key in _OWN_BUDGET}
        changes = [(key, value) for key, value in given.items() if value != default[key]]
        name = check_folder_name(self.pipeline.budget.name, "budget: name")
        return variant_name(name, changes)

    # -- what there is ----------------------------------------------------------------------------

    @property
    def budgets(self) -> list[str]:
        """Names of all budgets that can be asked for: this plan's, and those of conf/budget/.

        Returns
        -------
        list[str]
        """
        return list(dict.fromkeys([self.budget, *self.configs.options("budget")]))

    @property
    def all_experiments(self) -> list[str]:
        """Names of all experiments, chosen or not.

        Returns
        -------
        list[str]
        """
        return self.configs.options("experiment")

    def of_budget(self, budget: str) -> "Plan":
        """Return the same plan in another budget.

        Parameters
        ----------
        budget : str
            One of `budgets`.

        Returns
        -------
        Plan
            This plan itself where the budget is its own.
        """
        if budget == self.budget:
            return self
        if budget not in self._other_budgets:
            kept = {key: value for key, value in self._settings.items() if key not in _OWN_BUDGET}
            self._other_budgets[budget] = Plan(kept | {"budget": budget})
        return self._other_budgets[budget]

    def experiment(self, name: str) -> ExperimentConfig:
        """Return the config of an experiment, chosen or not.

        Parameters
        ----------
        name : str
            One of `all_experiments`.

        Returns
        -------
        ExperimentConfig
            Checked.
        """
        return read_experiment(self.configs, name)

    def cells(self, experiment: str) -> list[Cell]:
        """Return the cells of an experiment in this budget, in the order of its config.

        Parameters
        ----------
        experiment : str
            One of `all_experiments`.

        Returns
        -------
        list of Cell
            Checked: whatever they name can be made.
        """
        return list(self._by_key(experiment).values())

    def cell(self, wildcards) -> Cell:
        """Return the cell that a rule's wildcards name.

        Parameters
        ----------
        wildcards : namedtuple
            With `budget`, `experiment`, `data` and `variant`.

        Returns
        -------
        Cell
            The cell.

        Raises
        ------
        ConfigError
            If there is none.
        """
        cells = self.of_budget(wildcards.budget)._by_key(wildcards.experiment)
        key = (wildcards.data, wildcards.variant)
        if key not in cells:
            check_choice("/".join(key), ["/".join(k) for k in cells], "cell", f"{wildcards.experiment}")
        return cells[key]

    def _by_key(self, experiment: str) -> dict[tuple[str, str], Cell]:
        if experiment not in self._cells:
            config = self.experiment(experiment)
            cells = make_cells(self.configs, self.pipeline, self.budget, experiment, config)
            self._cells[experiment] = {cell.key: cell for cell in cells}
        return self._cells[experiment]

    # -- where files lie --------------------------------------------------------------------------

    def cell_files(self, budget: str, experiment: str, *names: str) -> list[str]:
        """Return these files of all cells of an experiment.

        Parameters
        ----------
        budget, experiment : str
            Names of the folders above the cells.
        *names : str
            Names of files in a cell's folder.

        Returns
        -------
        list of str
            Paths.
        """
        cells = self.of_budget(budget).cells(experiment)
        return [f"{self.results}/{cell.name}/{name}" for cell in cells for name in names]

    def promised(self, experiment: str) -> list[str]:
        """Return every file of an experiment that a person is promised.

        Parameters
        ----------
        experiment : str
            One of `all_experiments`.

        Returns
        -------
        list of str
            Paths.
        """
        own = [f"{self.results}/{self.budget}/{experiment}/{name}" for name in EXPERIMENT_FILES]
        return own + self.cell_files(self.budget, experiment, *CELL_FILES)

    def manifests(self, cell: Cell) -> list[str]:
        """Return what stands for the downloads of a cell's data set.

        Parameters
        ----------
        cell : Cell
            One of `cells`.

        Returns
        -------
        list of str
            One path, or none.
        """
        return [f"data/{cell.data.config}/manifest.json"] if cell.files else []

    def modules(self, cell: Cell) -> list[str]:
        """Return the source files of a cell's data set and model.

        Parameters
        ----------
        cell : Cell
            One of `cells`.

        Returns
        -------
        list of str
            Paths.
        """
        modules = modules_of(cell.data_config, cell.model_config)
        return [os.path.relpath(path) for module in modules if (path := module_path(module))]

    def priority(self, cell: Cell) -> float:
        """Return the priority of a cell's training.

        What takes long begins early, so that no core waits for it in the end. Slow models stand last in an
        experiment's list.

        Parameters
        ----------
        cell : Cell
            One of `cells`.

        Returns
        -------
        float
            From 0 to 1.
        """
        cells = self.of_budget(cell.budget).cells(cell.experiment)
        variants = list(dict.fromkeys(c.model.name for c in cells))
        return variants.index(cell.model.name) / len(variants)

    @cached_property
    def store_version(self) -> int:
        """Which MLflow store this is: one more each time a part of it is gone.

        Returns
        -------
        int
        """
        folders = [Path(self.results, self.budget, name) for name in self.experiments]
        return store_version(self.results, folders)

    # -- the overrides that repeat a job by hand -----------------------------------------------------

    def download_overrides(self, data: str) -> str:
        """Return Hydra's overrides of the download of a data set.

        Parameters
        ----------
        data : str
            Name of its config.

        Returns
        -------
        str
            Quoted for the shell.

        Raises
        ------
        ConfigError
            If there is no such config.
        """
        check_choice(data, self.configs.options("data"), "data", "download")
        return to_overrides(self.configs.overrides | {"data": data})

    def cell_overrides(self, cell: Cell, step: str) -> str:
        """Return Hydra's overrides of a job of a cell: those that its step uses, and no others.

        Parameters
        ----------
        cell : Cell
            One of `cells`.
        step : {"train", "sample", "evaluate"}
            A later step uses all that an earlier one does, so its overrides repeat that one too.

        Returns
        -------
        str
            Quoted for the shell.
        """
        settings = dict(self.configs.overrides)
        for group in ("data", "model") if step == "train" else ("data", "model", "sampler"):
            variant = getattr(cell, group)
            settings[group] = variant.config
            settings |= {f"{group}.{key}": value for key, value in variant.changes}
        if step == "evaluate":
            settings["metric"] = list(cell.metric_configs)
        settings |= {"sizes": cell.sizes, "replicates": cell.replicates}
        settings |= {"seed": cell.seed, "results": self.results}
        settings |= {"cell.budget": cell.budget, "cell.experiment": cell.experiment}
        settings |= {"cell.data": cell.data.name, "cell.variant": cell.model.name}
        return to_overrides(settings)

    def experiment_overrides(self, budget: str, experiments: list[str]) -> str:
        """Return Hydra's overrides of the jobs that speak of whole experiments.

        Parameters
        ----------
        budget : str
            Name of their folder.
        experiments : list of str
            Names of the experiments.

        Returns
        -------
        str
            Quoted for the shell.
        """
        pipeline = self.of_budget(budget).pipeline
        settings = self.configs.overrides | {"budget": pipeline.budget.name, "experiments": experiments}
        given = {key: getattr(pipeline, key) for key in (*_OWN_BUDGET, "conf")}
        settings |= {key: value for key, value in given.items() if value is not None}
        return to_overrides(settings | {"results": self.results})

    # -- what analysis is given ---------------------------------------------------------------------

    def experiment_results(self, name: str) -> ExperimentResults:
        """Return an experiment of this budget as analysis wants it.

        Parameters
        ----------
        name : str
            The experiment.

        Returns
        -------
        ExperimentResults
            Its cells, their configs, and where their files lie.
        """
        config = self.experiment(name)
        return ExperimentResults(
            name=name,
            budget=self.budget,
            title=config.title,
            figures=config.figures,
            metrics=config.metrics,
            folder=Path(self.results, self.budget, name),
            cells=results_of(self.cells(name), self.results),
        )


def _check_writable(results: Path) -> None:
    there = next(p for p in (results, *results.resolve().parents) if os.path.exists(p))
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ConfigError(
            f"results: {str(results)!r} cannot be written: {there} is not a folder one may write to."
        )


def plan_of_step(config: dict[str, Any]) -> Plan:
    """Return the plan of a step that speaks of whole experiments.

    Parameters
    ----------
    config : dict
        conf/tables.yaml with a person's overrides, resolved.

    Returns
    -------
    Plan
        The same plan that the Snakefile has.
    """
    settings = {key: value for key, value in config.items() if key not in ("store_version", "tracking")}
    return Plan(settings | {"budget": config["budget"]["name"]})
