"""What a plan reads of `conf/`, held against the shapes that it must have: more than a planned job needs."""

from functools import cache
from pathlib import Path
from typing import Any

from hydra.utils import get_class

from genrates.errors import ConfigError, check_choice
from genrates.workflow.config import check_names, check_parameters, compose, data, options
from genrates.workflow.schema import DataMetadata, Experiment, ModelMetadata, Pipeline, checked


def pipeline(settings: dict[str, Any]) -> Pipeline:
    """conf/pipeline.yaml with a person's `settings` (key: value, as in `snakemake --config`) on top."""
    where = "conf/pipeline.yaml"
    content = dict(compose("pipeline", ()))
    allowed = sorted(content)
    for key, value in settings.items():
        check_choice(key, allowed, "key", where)
        if key in ("budget", "tracking"):
            check_choice(value, options(key), key, f"{where}: {key}")
            content[key] = compose("pipeline", (f"{key}={value}",))[key]
        elif key == "experiments" and isinstance(value, str):
            content[key] = [name for name in value.replace(",", " ").split() if name]
        else:
            content[key] = value
    result = checked(Pipeline, content, where)
    for name in result.experiments:
        check_choice(name, options("experiment"), "experiment", f"{where}: experiments")
    return result


def experiment(name: str) -> Experiment:
    """conf/experiment/NAME.yaml, its names checked against the groups they come from."""
    where = f"conf/experiment/{name}.yaml"
    result = checked(Experiment, compose(f"experiment/{name}", ())["experiment"], where)
    chosen = [name for share in result.budgets.values() for name in share.data or ()]
    for group, names in (
        ("data", result.data + chosen),
        ("metric", result.metrics),
        ("sampler", [result.sampler]),
    ):
        for choice in names:
            check_choice(choice, options(group), group, f"{where}: {group}")
    for figure in result.figures:
        check_choice(figure, _figures(), "figure", f"{where}: figures")
    for budget in result.budgets:
        check_choice(budget, options("budget"), "budget", f"{where}: budgets")
    return result


@cache
def _figures() -> list[str]:
    """Modules of genrates.reporting.figures that draw an experiment; read, not imported."""
    found = (Path(__file__).parent / "figures").glob("*.py")
    return sorted(
        path.stem for path in found if "\ndef draw(experiment) -> dict" in path.read_text(encoding="utf-8")
    )


def check_model(content: dict[str, Any], where: str) -> None:
    """Check the card of a model, and let the estimator's class judge its parameters, before any job runs.

    Raises
    ------
    ConfigError
        For a parameter that the class does not have, a value that it does not accept, or a bad metadata.
    """
    if "metadata" in content:
        check_metadata(ModelMetadata, content["metadata"], where)
    check_parameters(content, where)


def check_data(name: str) -> None:
    """Refuse a data set whose parameters or card are wrong; one without downloads is made, to see."""
    content, where = data(name), f"conf/data/{name}.yaml"
    parameters = check_names(content, where)
    metadata = check_metadata(DataMetadata, content["metadata"], where)
    try:
        if not metadata.files:
            get_class(content["_target_"])(**parameters)
    except (TypeError, ValueError, OSError) as error:
        raise ConfigError(f"{where}: {error}") from None


def check_metadata(schema: type, content: dict[str, Any], where: str) -> Any:
    """The card of a model or data set; its theory may speak of metrics that there are."""
    metadata = checked(schema, content, f"{where}: card")
    theories = [metadata.theory] if schema is ModelMetadata else (metadata.theory or {}).values()
    for metric in (key for theory in theories for key in theory or {}):
        check_choice(metric, options("metric"), "metric", f"{where}: metadata.theory")
    return metadata
