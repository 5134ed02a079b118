"""Make the objects that configs name by `_target_`, and nothing else.

A config may come from somebody else, so only classes are made, and only those of genrates, of an explicit
list of peers, and of packages that the person at the keyboard allows by the environment variable
GENRATES_ALLOW (a comma-separated list). No file can allow itself.
"""

import importlib
import inspect
from collections.abc import Callable
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


def check_group(content: dict[str, Any], group: str, where: str) -> None:
    """Refuse a class that belongs to another group of configs, or is only the base of others.

    Parameters
    ----------
    content : dict
        A config with a `_target_`.
    group : {"model", "data", "metric", "sampler"}
        The group that it was chosen from.
    where : str
        The config key or file, for the error.

    Raises
    ------
    ConfigError
        If its class is of another kind, or abstract.
    """
    if not isinstance(content, dict):
        raise ConfigError(f"{where}: must have a _target_ and its parameters, got {content!r}.")
    found = class_of(content.get("_target_"), where)
    kind, is_right, is_whole = _kind(group)
    if not is_right(found):
        raise ConfigError(f"{where}: _target_: {content['_target_']!r} is no {kind}.")
    if inspect.isabstract(found) or not is_whole(found):
        raise ConfigError(
            f"{where}: _target_: {content['_target_']!r} is the base class of others; name one of them."
        )


def _kind(group: str) -> tuple[str, Callable[[type], bool], Callable[[type], bool]]:
    """Return what a group's classes are called, whether a class is of the kind, and whether it is whole."""
    if group == "data":
        from genrates.data.base import Data

        return "data set: a subclass of genrates.data.Data", lambda c: issubclass(c, Data), lambda c: True
    if group == "metric":
        from genrates.metrics.base import Metric, SampleMetric

        return (
            "metric: a subclass of genrates.metrics.Metric",
            lambda c: issubclass(c, Metric),
            lambda c: (
                c.__call__ is not Metric.__call__
                and getattr(c, "distance", None) is not SampleMetric.distance
            ),
        )
    if group == "sampler":
        return "sampler: a class with applies_to and draw", _is_sampler, lambda c: True
    return "density estimator: a class with fit and score_samples or sample", _is_model, _is_whole_model


def _is_sampler(found: type) -> bool:
    return all(callable(getattr(found, method, None)) for method in ("applies_to", "draw"))


def _is_model(found: type) -> bool:
    from genrates.estimators.base import DensityEstimator

    methods = ("fit", "get_params", "set_params")
    return issubclass(found, DensityEstimator) or all(callable(getattr(found, m, None)) for m in methods)


def _is_whole_model(found: type) -> bool:
    return callable(getattr(found, "fit", None))


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
    found = class_of(content.get("_target_"), where)
    try:
        signature = inspect.signature(found).parameters
    except ValueError:  # a class of C, such as an exception
        raise ConfigError(f"{where}: _target_: {content['_target_']!r} cannot be made by a config.") from None
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
    if inspect.isabstract(class_of(content["_target_"], where)):
        raise ConfigError(f"{where}: _target_: {content['_target_']!r} is the base class of others.")
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

    check_group(content, "model", where)
    try:
        model = adapt(make(content, where))
        model._check_parameters()
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}: {error}") from None
    return model


def make_data(content: dict[str, Any], where: str, **more: Any) -> Any:
    """Make a data set.

    Parameters
    ----------
    content : dict
        A data set's config.
    where : str
        The config key or file, for the error.
    **more
        Parameters beside those of the config.

    Returns
    -------
    Data

    Raises
    ------
    ConfigError
        As :func:`make`; for a class that is no data set.
    """
    check_group(content, "data", where)
    return make(content, where, **more)


def make_metric(content: dict[str, Any], where: str) -> Any:
    """Make a metric.

    Parameters
    ----------
    content : dict
        A metric's config.
    where : str
        The config key or file, for the error.

    Returns
    -------
    Metric

    Raises
    ------
    ConfigError
        As :func:`make`; for a class that is no metric.
    """
    check_group(content, "metric", where)
    return make(content, where)


def make_sampler(content: dict[str, Any], where: str) -> Any:
    """Make a sampler and let its class judge its parameters.

    Parameters
    ----------
    content : dict
        A sampler's config.
    where : str
        The config key or file, for the error.

    Returns
    -------
    object
        With `applies_to` and `draw`.

    Raises
    ------
    ConfigError
        As :func:`make`; for a value that no model could make valid; for a class that is no sampler.
    """
    check_group(content, "sampler", where)
    sampler = make(content, where)
    try:
        getattr(sampler, "_check_parameters", lambda: None)()
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None
    return sampler


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
