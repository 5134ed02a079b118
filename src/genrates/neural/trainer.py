"""A Lightning Trainer that says nothing and leaves no file, for fits inside a library call."""

import contextlib
import logging
import signal
import warnings

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.exceptions import MisconfigurationException, SIGTERMException
from torch.utils.data import DataLoader

_QUIET = {
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
    """A data set of n empty batches: the module holds its data itself, and a batch is one more cycle."""

    def __init__(self, n: int):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return index


@contextlib.contextmanager
def single_thread():
    """One torch thread: nets of a few units run 20 to 30 times faster than on all cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def silence():
    """No banners, tips or advice of Lightning's; its errors still come through."""
    loggers = [logging.getLogger(name) for name in ("pytorch_lightning", "lightning", "lightning.pytorch")]
    before = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)


@contextlib.contextmanager
def ended_by_a_signal():
    """Lightning turns SIGTERM into an exit without a code, a success to any shell: 128 + 15 it is."""
    try:
        yield
    except SIGTERMException:
        raise SystemExit(128 + signal.SIGTERM) from None


def run_cycles(module: pl.LightningModule, trainer: dict) -> pl.Trainer:
    """Train a module that holds its own data: every batch is a cycle over all of it.

    Parameters
    ----------
    trainer : dict
        Arguments of Lightning's Trainer. `max_steps` counts cycles; so does `max_epochs` alone.

    Raises
    ------
    ValueError
        For an argument that Lightning's Trainer does not have or accept.
    """
    settings = {**_QUIET, **trainer}
    steps = settings.get("max_steps", -1)
    with silence(), single_thread(), ended_by_a_signal():
        if steps and steps > 0:
            settings.setdefault("max_epochs", -1)
        loader = DataLoader(
            _Cycles(steps if steps and steps > 0 else 1), batch_size=None, generator=torch.Generator()
        )
        try:
            engine = pl.Trainer(**settings)
        except (TypeError, MisconfigurationException) as error:
            raise ValueError(f"trainer: {error}") from None
        engine.fit(module, loader)
    return engine
