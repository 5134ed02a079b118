"""Checks of parameters that all networks have, made before torch is imported."""

import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from genrates.errors import hint, is_count, is_number, shown

#: largest learning rate, penalty or margin; Adam's float32 must hold its square, too
LARGEST = 1e9
#: most layers of a network
MOST_LAYERS = 16
#: largest number of units in a layer
MOST_UNITS = 1_000_000
#: arguments of pytorch_lightning.Trainer; a test holds them against its signature
TRAINER_ARGUMENTS = (
    *("accelerator", "strategy", "devices", "num_nodes", "precision", "logger", "callbacks", "fast_dev_run"),
    *("max_epochs", "min_epochs", "max_steps", "min_steps", "max_time", "limit_train_batches"),
    *("limit_val_batches", "limit_test_batches", "limit_predict_batches", "overfit_batches"),
    *("val_check_interval", "check_val_every_n_epoch", "num_sanity_val_steps", "log_every_n_steps"),
    *("enable_checkpointing", "enable_progress_bar", "enable_model_summary", "accumulate_grad_batches"),
    *("gradient_clip_val", "gradient_clip_algorithm", "deterministic", "benchmark", "inference_mode"),
    *("use_distributed_sampler", "profiler", "detect_anomaly", "barebones", "plugins", "sync_batchnorm"),
    *("reload_dataloaders_every_n_epochs", "default_root_dir", "enable_autolog_hparams", "model_registry"),
)
_ACCELERATORS = ("auto", "cpu", "gpu", "cuda", "mps", "tpu")
_PRECISIONS = (
    *("64", "32", "16", "bf16", "64-true", "32-true", "16-true", "16-mixed", "bf16-true", "bf16-mixed"),
    *("transformer-engine", "transformer-engine-float16"),
)


def _is_limit(value: Any) -> bool:
    return value is None or value == -1 or is_count(value, 0)


def _is_flag(value: Any) -> bool:
    return value is None or isinstance(value, bool)


#: argument -> whether a value can be right, and what can; the rest is Lightning's to judge
_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "max_steps": (lambda v: v is not None and not isinstance(v, bool) and _is_limit(v), "an integer >= -1"),
    "max_epochs": (lambda v: not isinstance(v, bool) and _is_limit(v), "None or an integer >= -1"),
    "max_time": (lambda v: not isinstance(v, numbers.Number | list), 'None, "DD:HH:MM:SS" or a dict'),
    "accelerator": (lambda v: not _is_plain(v) or v in _ACCELERATORS, f"one of {', '.join(_ACCELERATORS)}"),
    "precision": (
        lambda v: v is None or (_is_plain(v) and not isinstance(v, bool) and str(v) in _PRECISIONS),
        f"one of {', '.join(_PRECISIONS)}",
    ),
    "callbacks": (
        lambda v: v is None or not _is_plain(v) or isinstance(v, dict | list),
        "a dict {class in pytorch_lightning.callbacks: arguments}",
    ),
    "gradient_clip_val": (lambda v: v is None or (is_number(v) and v >= 0), "None or a number >= 0"),
    "accumulate_grad_batches": (is_count, "an integer >= 1"),
    **dict.fromkeys(
        ("enable_progress_bar", "enable_model_summary", "enable_checkpointing", "detect_anomaly"),
        (_is_flag, "True or False"),
    ),
}


def _is_plain(value: Any) -> bool:
    """Return whether a config can hold a value; objects of Lightning are its own to judge."""
    return value is None or isinstance(value, str | bytes | numbers.Number | list | tuple | dict)


def check_trainer(model) -> None:
    """Raise a ValueError unless `trainer` is None or a dict of arguments of Lightning's Trainer.

    Parameters
    ----------
    model : DensityEstimator
        An estimator with a parameter `trainer`.

    Raises
    ------
    ValueError
        For anything else, for an argument that Lightning does not have, and for values that it refuses.
    """
    name, trainer = type(model).__name__, model.trainer
    if trainer is None:
        return
    if not isinstance(trainer, Mapping):
        raise ValueError(
            f"{name}: trainer must be None or a dict of arguments of Lightning's Trainer, "
            f"got {shown(trainer)}."
        )
    for key, value in trainer.items():
        if key not in TRAINER_ARGUMENTS:
            raise ValueError(
                f"{name}: trainer: Lightning's Trainer has no argument {key!r}, got {shown(trainer)}."
                f"{hint(key, TRAINER_ARGUMENTS)}"
            )
        is_right, allowed = _VALUES.get(key, (None, ""))
        if is_right is not None and not is_right(value):
            raise ValueError(f"{name}: trainer: {key} must be {allowed}, got {shown(value)}.")


def is_list_of_counts(value: Any) -> bool:
    """Return whether a value is a list of at most `MOST_LAYERS` numbers of units, 1 to `MOST_UNITS` each.

    Parameters
    ----------
    value : object
        What was given.

    Returns
    -------
    bool
        True for an empty list, too.
    """
    is_list = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    return is_list and len(value) <= MOST_LAYERS and all(is_count(entry, 1, MOST_UNITS) for entry in value)
