"""Read the configs of a plan and refuse what cannot be run, before any job starts."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from genrates.analysis.summary import COSTS
from genrates.analysis.text import filled
from genrates.analysis.theory import kinds_of, truth_of
from genrates.errors import ConfigError, check_choice
from genrates.rates import Truth, exponents, theory_of
from genrates.rates.exact import EXACT_KINDS
from genrates.rates.smoothness import KINDS
from genrates.workflow.config import ConfigTree
from genrates.workflow.quoting import hydra_override
from genrates.workflow.schema import DataMetadata, ExperimentConfig, ModelMetadata, PipelineConfig, checked
from genrates.workflow.targets import (
    check_group,
    make_data,
    make_metric,
    make_model,
    make_sampler,
    parameters_of,
)
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
        elif key == "sizes" and isinstance(value, list | str):
            content[key] = _sizes(value)
        elif key == "replicates" and isinstance(value, dict):
            content[key] = dict(zip(_sizes(list(value)), _sizes(list(value.values())), strict=True))
        else:
            content[key] = value
    result = checked(PipelineConfig, content, where)
    for name in result.experiments:
        check_choice(name, configs.options("experiment"), "experiment", f"{where}: experiments")
    return result


def _sizes(value: list | str) -> list:
    """Return sizes as numbers: Snakemake hands over the entries of a list or a map as text."""
    entries = value.strip("[]").replace(",", " ").split() if isinstance(value, str) else value
    return [
        int(entry) if isinstance(entry, str) and entry.strip().isdecimal() else entry for entry in entries
    ]


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
    for metric, entry in metadata.theory.items():
        check_choice(metric, configs.options("metric"), "metric", f"{where}: metadata.theory")
        with _refused(f"{where}: metadata.theory.{metric}"):
            theory_of(entry)
    if metadata.limitation_measured is not None:
        where_measured = f"{where}: metadata.limitation_measured"
        check_choice(metadata.limitation_measured, ("plateau", "rate", *COSTS), "number", where_measured)
    for name in metadata.tuning_parameters or ():
        parameters = sorted(parameters_of(content, where))
        check_choice(name, parameters, "parameter", f"{where}: metadata.tuning_parameters")
    if metadata.exact is not None:
        check_choice(metadata.exact, EXACT_KINDS, "exact theory", f"{where}: metadata.exact")
    for name, properties in kinds_of(metadata.kind).items():
        check_choice(name, sorted(KINDS), "kind", f"{where}: metadata.kind")
        with _refused(f"{where}: metadata.kind"):
            exponents(name, Truth("normal"), 1, content | properties)
    make_model(content, where)


def check_data(content: dict[str, Any], where: str) -> None:
    """Refuse a data set whose metadata or parameters are wrong; one without downloads is made, to see.

    Parameters
    ----------
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
    with _refused(f"{where}: metadata"):
        filled(metadata.title, content)
        truth_of(content)
    if metadata.files:
        check_group(content, "data", where)
        parameters_of(content, where)
    else:
        make_data(content, where)


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
    make_sampler(content, where)


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
        make_metric(content, f"{where}: metrics: {name}")


@contextmanager
def _refused(where: str) -> Iterator[None]:
    """Turn a ValueError into one that names the config key."""
    try:
        yield
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None
