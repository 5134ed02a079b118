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

from genrates.errors import ConfigError, check_choice

CONF = Path(__file__).parents[3] / "conf"


@cache
def options(group: str) -> list[str]:
    """Names that a config group offers."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


@cache
def compose(config_name: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    """conf/CONFIG_NAME.yaml with these words on top, resolved, without Hydra's own settings."""
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


def data(name: str) -> dict[str, Any]:
    """conf/data/NAME.yaml."""
    return compose(f"data/{name}", ())["data"]


def metrics(names: list[str]) -> dict[str, Any]:
    """conf/metric/NAME.yaml of several metrics, by name."""
    found = [compose(f"metric/{name}", ())["metric"] for name in names]
    return {key: content for metric in found for key, content in metric.items()}


def sampler(name: str) -> dict[str, Any]:
    """conf/sampler/NAME.yaml."""
    return compose(f"sampler/{name}", ())["sampler"]


def model(name: str, changes: dict[str, Any], where: str) -> dict[str, Any]:
    """conf/model/NAME.yaml with `changes` to its parameters.

    Raises
    ------
    ConfigError
        For an unknown parameter. Dots lead to those of a part: density.bandwidth.
    """
    content = deepcopy(compose(f"model/{name}", ())["model"])
    for key, value in changes.items():
        holder, path = content, key.split(".")
        for depth, step in enumerate(path):
            allowed = sorted(set(holder) - {"_target_", "metadata"}) if isinstance(holder, dict) else []
            check_choice(step, allowed, "parameter", ".".join([f"{where}: {name}", *path[:depth]]))
            holder, last = holder[step], holder
        last[path[-1]] = value
    return content


def check_parameters(content: dict[str, Any], where: str) -> None:
    """Let the estimator's class judge its parameters, before it learns anything.

    Raises
    ------
    ConfigError
        For a parameter that the class does not have, or a value that it does not accept.
    """
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
    parameters = {k: v for k, v in content.items() if k not in ("_target_", "metadata")}
    for key in parameters:
        check_choice(key, allowed, "parameter", where)
    return parameters
