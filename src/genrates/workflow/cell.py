"""One cell: the unit of work, of caching, and of a row in the dashboard; and the cells of an experiment."""

import itertools
from dataclasses import dataclass
from typing import Any

from genrates.errors import ConfigError, check_choice
from genrates.workflow.checks import check_data, check_metrics, check_model, check_sampler
from genrates.workflow.config import ConfigTree
from genrates.workflow.grid import Replicates, check_grid
from genrates.workflow.schema import ExperimentBudget, ExperimentConfig, PipelineConfig
from genrates.workflow.variants import Variant, expand


@dataclass(frozen=True, eq=False)
class Cell:
    """One (budget, experiment, data set, model).

    Attributes
    ----------
    budget, experiment : str
        Names of the folders above it.
    data, model, sampler : Variant
        The configs that it is made from, by name.
    data_config, model_config, sampler_config : dict
        The same, resolved.
    metric_configs : dict of dict
        What is measured, by name.
    sizes : list of int
        Sample sizes, increasing.
    replicates : int or dict of int
        How many training sets of each size; a map's numbers count from their size on.
    seed : int
        All random streams hang on it.
    minutes : int
        How long one of its jobs may take.
    """

    budget: str
    experiment: str
    data: Variant
    model: Variant
    sampler: Variant
    data_config: dict[str, Any]
    model_config: dict[str, Any]
    sampler_config: dict[str, Any]
    metric_configs: dict[str, dict[str, Any]]
    sizes: list[int]
    replicates: Replicates
    seed: int
    minutes: int

    @property
    def key(self) -> tuple[str, str]:
        """Names of its data set and of its variant of the model.

        Returns
        -------
        tuple[str, str]
        """
        return self.data.name, self.model.name

    @property
    def name(self) -> str:
        """Path below the folder of results.

        Returns
        -------
        str
        """
        return "/".join((self.budget, self.experiment, *self.key))

    @property
    def tuned(self) -> str | None:
        """The fitted attribute that holds the model's tuned value.

        Returns
        -------
        str or None
        """
        return self.model_config["metadata"].get("tuned")

    @property
    def files(self) -> dict[str, dict]:
        """Files that its data set needs from elsewhere: {name: {url, sha256}}.

        Returns
        -------
        dict[str, dict]
        """
        return self.data_config["metadata"].get("files") or {}


def make_cells(
    configs: ConfigTree, pipeline: PipelineConfig, budget: str, name: str, experiment: ExperimentConfig
) -> list[Cell]:
    """Return the cells of an experiment, checked: every data set, model, sampler and metric can be made.

    Parameters
    ----------
    configs : ConfigTree
        Where configs lie.
    pipeline : PipelineConfig
        The budget, and the settings of the command line.
    budget : str
        Name of the folder below the results.
    name : str
        The experiment's name.
    experiment : ExperimentConfig
        Its config.

    Returns
    -------
    list of Cell
        Data sets first, in the order of the config.

    Raises
    ------
    ConfigError
        For whatever cannot be run; and for two cells of one name.
    """
    file = configs.file(f"experiment/{name}")
    changes = experiment.budgets.get(pipeline.budget.name, ExperimentBudget())
    data, models, samplers = (
        _choices(configs, group, entries, f"{file}: {key}")
        for group, key, entries in (
            ("data", "data", changes.data or experiment.data),
            ("model", "models", changes.models or experiment.models),
            ("sampler", "sampler", [experiment.sampler]),
        )
    )
    if len(samplers) != 1:
        raise ConfigError(f"{file}: sampler: one sampler an experiment, got a list of values.")
    ((sampler, sampler_config),) = samplers
    sizes, numbers = _grid(pipeline, changes, [variant.config for variant, _ in models], f"{file}: budgets")
    metrics = configs.metrics(experiment.metrics)
    for variant, content in data:
        check_data(content, configs.file(f"data/{variant.config}"))
        n_max = content["metadata"].get("n_max")
        for replicates in numbers.values():
            check_grid(sizes, replicates, n_max, f"{file}: budget {budget}: {variant.name}")
    for variant, content in models:
        check_model(configs, content, f"{file}: models: {variant.name}")
    check_sampler(sampler_config, f"{file}: sampler")
    check_metrics(metrics, file)
    cells = [
        Cell(
            budget=budget,
            experiment=name,
            data=data_variant,
            model=model_variant,
            sampler=sampler,
            data_config=data_config,
            model_config=model_config,
            sampler_config=sampler_config,
            metric_configs=metrics,
            sizes=sizes,
            replicates=numbers[model_variant.config],
            seed=pipeline.seed,
            minutes=changes.minutes or pipeline.budget.minutes,
        )
        for (data_variant, data_config), (model_variant, model_config) in itertools.product(data, models)
    ]
    _refuse_repeated([cell.name for cell in cells], file)
    return cells


def _choices(
    configs: ConfigTree, group: str, entries: list, where: str
) -> list[tuple[Variant, dict[str, Any]]]:
    """Return every variant that is listed, with its config."""
    variants = expand(entries, group, configs.options(group), where)
    return [(v, configs.choose(group, v.config, dict(v.changes), where)) for v in variants]


def _grid(
    pipeline: PipelineConfig, changes: ExperimentBudget, models: list[str], where: str
) -> tuple[list[int], dict[str, Replicates]]:
    """Return sizes, and replicates by model: what was asked for, else the experiment's, else the budget's."""
    choices = (pipeline, changes, pipeline.budget)
    sizes, replicates = (
        next(value for choice in choices if (value := getattr(choice, key)) is not None)
        for key in ("sizes", "replicates")
    )
    for name in changes.replicates_of:
        check_choice(name, models, "model", f"{where}.{pipeline.budget.name}.replicates_of")
    own = {} if pipeline.replicates is not None else changes.replicates_of
    return sizes, {model: own.get(model, replicates) for model in models}


def _refuse_repeated(names: list[str], file: str) -> None:
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(
            f"{file}: named twice: {', '.join(repeated)}. List a config once, with its variants: "
            "`- kde: {bandwidth: [silverman, lscv]}`."
        )
