"""Read the configs of a plan and refuse what cannot be run, before any job starts."""

from functools import cache
from pathlib import Path
from typing import Any

from genrates.errors import check_choice
from genrates.workflow.config import ConfigTree
from genrates.workflow.quoting import hydra_override
from genrates.workflow.schema import DataMetadata, ExperimentConfig, ModelMetadata, PipelineConfig, checked
from genrates.workflow.targets import make, make_model, parameters_of
from genrates.workflow.variants import expand

_FIGURES = Path(__file__).parents[1] / "reporting" / "figures"


def read_pipeline(configs: ConfigTree, settings: dict[str, Any]) -> PipelineConfig:
    """Return conf/pipeline.yaml with a person's settings on top.

    Parameters
    ----------
    configs : ConfigTree
        Where configs lie.
    settings : dict
        Keys and values as `snakemake --config` gives them.

    Returns
    -------
    PipelineConfig
        Checked.

    Raises
    ------
    ConfigError
        For an unknown key or name, or a value that is not allowed.
    """
    where = "conf/pipeline.yaml"
    content = dict(configs.compose("pipeline"))
    for key, value in settings.items():
        check_choice(key, sorted(content), "key", where)
        if key in ("budget", "tracking"):
            check_choice(value, configs.options(key), key, f"{where}: {key}")
            content[key] = configs.compose("pipeline", hydra_override(key, value))[key]
        elif key == "experiments" and isinstance(value, str):
            content[key] = [name for name in value.replace(",", " ").split() if name]
        else:
            content[key] = value
    result = checked(PipelineConfig, content, where)
    for name in result.experiments:
        check_choice(name, configs.options("experiment"), "experiment", f"{where}: experiments")
    return result


def read_experiment(configs: ConfigTree, name: str) -> ExperimentConfig:
    """Return conf/experiment/NAME.yaml, its names held against the groups that they come from.

    Parameters
    ----------
    configs : ConfigTree
        Where configs lie.
    name : str
        The experiment.

    Returns
    -------
    ExperimentConfig
        Checked.

    Raises
    ------
    ConfigError
        For an unknown key or name, or a value that is not allowed.
    """
    config_name = f"experiment/{name}"
    where = configs.file(config_name)
    result = checked(ExperimentConfig, configs.compose(config_name)["experiment"], where)
    for metric in result.metrics:
        check_choice(metric, configs.options("metric"), "metric", f"{where}: metrics")
    for figure in result.figures:
        check_choice(figure, figures(), "figure", f"{where}: figures")
    for budget, changes in result.budgets.items():
        check_choice(budget, configs.options("budget"), "budget", f"{where}: budgets")
        for group, key in (("data", "data"), ("model", "models")):
            expand(getattr(changes, key) or [], group, configs.options(group), f"{where}: budgets.{budget}")
    return result


@cache
def figures() -> list[str]:
    """Return the modules of genrates.reporting.figures that draw an experiment.

    They are read, not imported: a plan needs no matplotlib.

    Returns
    -------
    list of str
        Sorted.
    """
    return sorted(
        path.stem
        for path in _FIGURES.glob("*.py")
        if "\ndef draw(experiment) -> dict" in path.read_text(encoding="utf-8")
    )


def check_model(configs: ConfigTree, content: dict[str, Any], where: str) -> None:
    """Refuse a model whose metadata or parameters are wrong.

    Parameters
    ----------
    configs : ConfigTree
        Where configs lie.
    content : dict
        The model's config.
    where : str
        The config key or file, for the error.

    Raises
    ------
    ConfigError
        For a parameter that the class does not have, a value that it does not accept, or bad metadata.
    """
    metadata = checked(ModelMetadata, content.get("metadata", {}), f"{where}: metadata")
    for metric in metadata.theory:
        check_choice(metric, configs.options("metric"), "metric", f"{where}: metadata.theory")
    make_model(content, where)


def check_data(configs: ConfigTree, content: dict[str, Any], where: str) -> None:
    """Refuse a data set whose metadata or parameters are wrong; one without downloads is made, to see.

    Parameters
    ----------
    configs : ConfigTree
        Where configs lie.
    content : dict
        The data set's config.
    where : str
        The config key or file, for the error.

    Raises
    ------
    ConfigError
        For a parameter that the class does not have, a value that it does not accept, or bad metadata.
    """
    metadata = checked(DataMetadata, content.get("metadata", {}), f"{where}: metadata")
    for metric in (key for entries in metadata.theory.values() for key in entries):
        check_choice(metric, configs.options("metric"), "metric", f"{where}: metadata.theory")
    if metadata.files:
        parameters_of(content, where)
    else:
        make(content, where)


def check_sampler(content: dict[str, Any], where: str) -> None:
    """Refuse a sampler whose class or parameters are wrong.

    Parameters
    ----------
    content : dict
        The sampler's config.
    where : str
        The config key or file, for the error.

    Raises
    ------
    ConfigError
        For a class that is not allowed, or a parameter that it refuses.
    """
    make(content, where)


def check_metrics(metrics: dict[str, dict[str, Any]], where: str) -> None:
    """Refuse a metric whose class or parameters are wrong.

    Parameters
    ----------
    metrics : dict of dict
        Configs by name.
    where : str
        The config key or file, for the error.

    Raises
    ------
    ConfigError
        For a class that is not allowed, or a parameter that it refuses.
    """
    for name, content in metrics.items():
        make(content, f"{where}: metrics: {name}")
