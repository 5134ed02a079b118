"""A Lightning Trainer that prints nothing and writes no file, for fits inside a library call."""

import contextlib
import logging
import signal
import warnings

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.exceptions import MisconfigurationException, SIGTERMException
from torch.utils.data import DataLoader

QUIET_SETTINGS = {
    "accelerator": "cpu",
    "devices": 1,
    "logger": False,
    "enable_checkpointing": False,
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "num_sanity_val_steps": 0,
    "inference_mode": False,
}


class _Cycles(torch.utils.data.Dataset):
    """A data set of n empty batches: the module holds its own data, and each batch is one training cycle."""

    def __init__(self, n: int):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return index


@contextlib.contextmanager
def single_thread():
    """Limit torch to one thread: small networks run faster on one thread than on all cores.

    Yields
    ------
    None
    """
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)


@contextlib.contextmanager
def silence():
    """Suppress Lightning's banners, tips and warnings; its errors are still reported.

    Yields
    ------
    None
    """
    loggers = [logging.getLogger(name) for name in ("pytorch_lightning", "lightning", "lightning.pytorch")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


@contextlib.contextmanager
def exit_on_sigterm():
    """Exit with status 128 + 15 when SIGTERM ends a training.

    Lightning itself would exit without a status, which a shell takes for success.

    Yields
    ------
    None

    Raises
    ------
    SystemExit
        If the training inside received SIGTERM.
    """
    try:
        yield
    except SIGTERMException:
        raise SystemExit(128 + signal.SIGTERM) from None


def run_cycles(module: pl.LightningModule, trainer: dict) -> pl.Trainer:
    """Train a module that holds its own data; each batch is one cycle over all of the data.

    Parameters
    ----------
    module : LightningModule
        The module to train, in place.
    trainer : dict
        Arguments of Lightning's Trainer. `max_steps` counts cycles, and so does `max_epochs` when given
        alone.

    Returns
    -------
    Trainer
        The Lightning Trainer after training.

    Raises
    ------
    ValueError
        If Lightning's Trainer does not know or accept an argument.
    """
    settings = {**QUIET_SETTINGS, **trainer}
    steps = settings.get("max_steps", -1)
    with silence(), single_thread(), exit_on_sigterm():
        if steps and steps > 0:
            settings.setdefault("max_epochs", -1)
        loader = DataLoader(
            _Cycles(steps if steps and steps > 0 else 1), batch_size=None, generator=torch.Generator()
        )
        try:
            lightning_trainer = pl.Trainer(**settings)
        except (TypeError, MisconfigurationException) as error:
            raise ValueError(f"trainer: {error}") from None
        lightning_trainer.fit(module, loader)
    return lightning_trainer
