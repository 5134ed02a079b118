"""Make the objects that configs name by `_target_`, and nothing else.

A config may come from somebody else, so only classes are made, and only those of genrates, of an explicit
list of peers, and of packages that the person at the keyboard allows by the environment variable
GENRATES_ALLOW (a comma-separated list). No file can allow itself.
"""

import importlib
import inspect
from typing import Any

from genrates.errors import ConfigError, check_choice

#: keys of a data set's or model's config that are not parameters of its class
NOT_PARAMETERS = ("_target_", "metadata")


def class_of(target: str, where: str) -> type:
    """Return the class that a `_target_` names.

    Parameters
    ----------
    target : str
        Its full name: "genrates.estimators.KernelDensity".
    where : str
        The config key or file, for the error.

    Returns
    -------
    type
        The class.

    Raises
    ------
    ConfigError
        If the class is not allowed, cannot be imported, or is no class.
    """
    module, _, name = str(target).rpartition(".")
    package = module.split(".")[0]
    if package != "genrates" and not _is_allowed(package, target):
        raise ConfigError(_refusal(target, where))
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"{where}: _target_: {target!r} cannot be imported: {error}.") from None
    if not isinstance(found, type):
        raise ConfigError(f"{where}: _target_: {target!r} is no class.")
    if package == "genrates" and found.__module__.split(".")[0] != "genrates":
        raise ConfigError(_refusal(target, where))  # one that a module of genrates imports from elsewhere
    return found


def parameters_of(content: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the parameters in a config, each of which its class must have.

    Parameters
    ----------
    content : dict
        A config with a `_target_`.
    where : str
        The config key or file, for the error.

    Returns
    -------
    dict
        The config without `_target_` and `metadata`.

    Raises
    ------
    ConfigError
        For a parameter that the class does not have.
    """
    signature = inspect.signature(class_of(content.get("_target_"), where)).parameters
    allowed = [name for name in signature if name not in ("args", "kwargs")]
    parameters = {key: value for key, value in content.items() if key not in NOT_PARAMETERS}
    for key in parameters:
        check_choice(key, allowed, "parameter", where)
    return parameters


def without_metadata(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a job depends on in a config: metadata are for the table.

    Parameters
    ----------
    content : dict
        A data set's or model's config.

    Returns
    -------
    dict
        The config without `metadata`.
    """
    return {key: value for key, value in content.items() if key != "metadata"}


def make(content: dict[str, Any], where: str, **more: Any) -> Any:
    """Make the object of a config, and of each part that has a `_target_` of its own.

    Parameters
    ----------
    content : dict
        A config with a `_target_`.
    where : str
        The config key or file, for the error.
    **more
        Parameters beside those of the config.

    Returns
    -------
    object
        An instance of the class.

    Raises
    ------
    ConfigError
        For a class that is not allowed, a parameter that it does not have, or a value that it refuses.
    """
    parameters = parameters_of(content, where)
    parts = {k: v for k, v in parameters.items() if isinstance(v, dict) and "_target_" in v}
    parameters |= {key: make(part, f"{where}.{key}") for key, part in parts.items()}
    try:
        return class_of(content["_target_"], where)(**parameters, **more)
    except (TypeError, ValueError, OSError) as error:
        raise ConfigError(f"{where}: {error}") from None


def make_model(content: dict[str, Any], where: str) -> Any:
    """Make an unfitted density estimator and let its class judge its parameters.

    Parameters
    ----------
    content : dict
        A model's config. A peer of another package is adapted.
    where : str
        The config key or file, for the error.

    Returns
    -------
    DensityEstimator
        The unfitted estimator.

    Raises
    ------
    ConfigError
        As :func:`make`; for a value that no data could make valid; for a class that is no density estimator.
    """
    from genrates.estimators.peers import adapt  # scikit-learn: plans that make no model start without it

    try:
        model = adapt(make(content, where))
        model._check_parameters()
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}: {error}") from None
    return model


def _refusal(target: str, where: str) -> str:
    """Return in words why a class is not allowed."""
    return (
        f"{where}: _target_: {target!r} is not allowed. Allowed: classes of genrates, "
        f"{', '.join(_peers())}, and of the packages in the environment variable GENRATES_ALLOW."
    )


def _peers() -> list[str]:
    """Return the classes of other packages that a config may name."""
    from genrates.estimators.peers.density import STORED_CLASSES

    return list(STORED_CLASSES)


def _is_allowed(package: str, target: str) -> bool:
    """Return whether a config may name this class of another package."""
    from genrates.estimators.persistence import allowed_packages

    return package in allowed_packages() or target in _peers()
