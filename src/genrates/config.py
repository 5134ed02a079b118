"""Reading `conf/`: Hydra composes, once per choice; whatever cannot be run is refused in plain words."""

import inspect
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from hydra.utils import get_class
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from genrates.lean_start import import_sklearn_base
from genrates.schema import ConfigError, DataCard, Experiment, ModelCard, Pipeline, checked, known

CONF = Path(__file__).parents[2] / "conf"


@cache
def options(group: str) -> list[str]:
    """Names that a config group offers."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


@cache
def _compose(config_name: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    # A step is a Hydra app already: its state waits while another config is composed.
    state = GlobalHydra.instance()
    waiting, state.hydra = state.hydra, None
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            config = OmegaConf.to_container(hydra_compose(config_name, list(overrides)), resolve=True)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise ConfigError(
            f"conf/{config_name}.yaml with {' '.join(overrides) or 'no overrides'}: {error}"
        ) from None
    finally:
        state.hydra = waiting
    config.pop("hydra", None)
    return config


def pipeline(settings: dict[str, Any]) -> Pipeline:
    """conf/pipeline.yaml with a person's `settings` (key: value, as in `snakemake --config`) on top."""
    where = "conf/pipeline.yaml"
    content = dict(_compose("pipeline", ()))
    allowed = sorted(content)
    for key, value in settings.items():
        known(key, allowed, "key", where)
        if key in ("budget", "tracking"):
            known(value, options(key), key, f"{where}: {key}")
            content[key] = _compose("pipeline", (f"{key}={value}",))[key]
        elif key == "experiments" and isinstance(value, str):
            content[key] = [name for name in value.replace(",", " ").split() if name]
        else:
            content[key] = value
    result = checked(Pipeline, content, where)
    for name in result.experiments:
        known(name, options("experiment"), "experiment", f"{where}: experiments")
    return result


def experiment(name: str) -> Experiment:
    """conf/experiment/NAME.yaml, its names checked against the groups they come from."""
    where = f"conf/experiment/{name}.yaml"
    result = checked(Experiment, _compose(f"experiment/{name}", ())["experiment"], where)
    chosen = [name for share in result.budgets.values() for name in share.data or ()]
    for group, names in (
        ("data", result.data + chosen),
        ("metric", result.metrics),
        ("sampler", [result.sampler]),
    ):
        for choice in names:
            known(choice, options(group), group, f"{where}: {group}")
    known(result.figure, _figures(), "figure", f"{where}: figure")
    for budget in result.budgets:
        known(budget, options("budget"), "budget", f"{where}: budgets")
    return result


def _figures() -> list[str]:
    """Modules of genrates.figures that draw an experiment; read, not imported."""
    found = (Path(__file__).parent / "figures").glob("*.py")
    return sorted(
        path.stem for path in found if "\ndef draw(experiment) -> dict" in path.read_text(encoding="utf-8")
    )


def data(name: str) -> dict[str, Any]:
    """conf/data/NAME.yaml."""
    return _compose("cell", (f"data={name}",))["data"]


def metrics(names: list[str]) -> dict[str, Any]:
    """conf/metric/NAME.yaml of several metrics, by name."""
    return _compose("cell", (f"metric=[{','.join(names)}]",))["metric"]


def sampler(name: str) -> dict[str, Any]:
    """conf/sampler/NAME.yaml."""
    return _compose("cell", (f"sampler={name}",))["sampler"]


def model(name: str, changes: dict[str, Any], where: str) -> dict[str, Any]:
    """conf/model/NAME.yaml with `changes` to its parameters.

    Raises
    ------
    ConfigError
        For an unknown parameter. Dots lead to those of a part: density.bandwidth.
    """
    content = deepcopy(_compose("cell", (f"model={name}",))["model"])
    for key, value in changes.items():
        holder, path = content, key.split(".")
        for depth, step in enumerate(path):
            allowed = sorted(set(holder) - {"_target_", "card"}) if isinstance(holder, dict) else []
            known(step, allowed, "parameter", ".".join([f"{where}: {name}", *path[:depth]]))
            holder, last = holder[step], holder
        last[path[-1]] = value
    return content


def check_model(content: dict[str, Any], where: str) -> None:
    """Let the estimator's class judge its parameters, before any job runs.

    Raises
    ------
    ConfigError
        For a parameter that the class does not have, a value that it does not accept, or a bad card.
    """
    import_sklearn_base()
    if "card" in content:
        checked_card(ModelCard, content["card"], where)
    try:
        _made(content, where)._check_parameters()
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}: {error}") from None


def _made(content: dict[str, Any], where: str) -> Any:
    """The object of a config, and of each part with a `_target_` of its own, names checked."""
    parameters = check_names(content, where)
    parts = {k: v for k, v in parameters.items() if isinstance(v, dict) and "_target_" in v}
    parameters |= {key: _made(part, f"{where}.{key}") for key, part in parts.items()}
    return get_class(content["_target_"])(**parameters)


def check_names(content: dict[str, Any], where: str) -> dict[str, Any]:
    """The parameters in `content`, each of which the class that `_target_` names must have."""
    try:
        cls = get_class(content["_target_"])
    except (ImportError, ValueError) as error:
        raise ConfigError(f"{where}: _target_: {error}") from None
    allowed = [name for name in inspect.signature(cls).parameters if name not in ("args", "kwargs")]
    parameters = {k: v for k, v in content.items() if k not in ("_target_", "card")}
    for key in parameters:
        known(key, allowed, "parameter", where)
    return parameters


def check_data(name: str) -> None:
    """Refuse a data set whose parameters or card are wrong; one without downloads is made, to see."""
    content, where = data(name), f"conf/data/{name}.yaml"
    parameters = check_names(content, where)
    card = checked_card(DataCard, content["card"], where)
    try:
        if not card.files:
            get_class(content["_target_"])(**parameters)
    except (TypeError, ValueError, OSError) as error:
        raise ConfigError(f"{where}: {error}") from None


def checked_card(schema: type, content: dict[str, Any], where: str) -> Any:
    """The card of a model or data set; its theory may speak of metrics that there are."""
    card = checked(schema, content, f"{where}: card")
    theories = [card.theory] if schema is ModelCard else (card.theory or {}).values()
    for metric in (key for theory in theories for key in theory or {}):
        known(metric, options("metric"), "metric", f"{where}: card.theory")
    return card
