"""One Lightning Trainer over minibatches: early stopping, the best weights kept, resumable checkpoints."""

from pathlib import Path

import numpy as np
import pytorch_lightning as pl
import torch
from torch.nn import functional

from genrates.neural.autoencoder._batches import Minibatches, Slices
from genrates.neural.autoencoder._network import LayerStack
from genrates.neural.checkpoints import unfinished
from genrates.neural.trainer import _QUIET, ended_by_a_signal, silence

#: what the trainer does unless it is told otherwise
DEFAULT_EPOCHS = 40
DEFAULT_CALLBACKS = {"EarlyStopping": {"monitor": "val_loss", "patience": 10}}
#: a training that is written down at most so often
_CHECKPOINTS = 20


class Reconstruction(pl.LightningModule):
    """What autoencoders share in training: rows on the device, Adam, losses in nats, streams of their own.

    A subclass implements `loss(rows, generator)`: mean negative log-probability of the rows, nats a row.

    Parameters
    ----------
    stack : LayerStack
    rows, held_out : ndarray of shape (n, features), float32
        Training rows, and those whose loss is watched (there may be none).
    gaussian : bool
        Output: False Bernoulli logits, True means at unit variance.
    learning_rate : float
        Adam's.
    seed : int
        Of every stream; each epoch has its own, so that a resumed training draws what the whole one draws.
    """

    def __init__(self, stack: LayerStack, rows, held_out, *, gaussian: bool, learning_rate: float, seed: int):
        super().__init__()
        self.stack, self.gaussian, self.learning_rate, self.seed = stack, gaussian, learning_rate, seed
        self.register_buffer("rows", torch.from_numpy(rows), persistent=False)
        self.register_buffer("held_out", torch.from_numpy(held_out), persistent=False)
        self.register_buffer("total", torch.zeros(()), persistent=False)
        self.steps, self.held_loss = 0, float("nan")
        self.curve: list[list[float]] = []  # epoch, training loss, held-out loss or nan

    def loss(self, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        raise NotImplementedError

    def nats(self, outputs: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """-log P(rows | outputs), summed over all: cross-entropy, or half the squared error."""
        if self.gaussian:
            return 0.5 * functional.mse_loss(outputs, rows, reduction="sum")
        return functional.binary_cross_entropy_with_logits(outputs, rows, reduction="sum")

    def inputs(self, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """What the network is shown of the rows: themselves."""
        return rows

    def residual_variance(self, rows: torch.Tensor) -> torch.Tensor:
        """Mean squared residual of each column: the variance of greatest likelihood."""
        with torch.no_grad():
            return (self.stack(self.inputs(rows, self.stream(3))) - rows).square().mean(dim=0)

    def stream(self, purpose: int, epoch: int = 0) -> torch.Generator:
        """A generator on this device, keyed by the seed, a purpose (0 training, 1 held out) and the epoch."""
        key = np.random.SeedSequence([self.seed, purpose, epoch]).generate_state(1, np.uint64)[0]
        return torch.Generator(self.device).manual_seed(int(key >> np.uint64(1)))

    def configure_optimizers(self):
        return torch.optim.Adam(self.stack.parameters(), lr=self.learning_rate, fused=True)

    def on_train_epoch_start(self):
        self.generator, self.steps = self.stream(0, self.current_epoch), 0
        self.total.zero_()

    def training_step(self, batch, batch_idx):
        loss = self.loss(self.rows[batch], self.generator)
        self.total += loss.detach()
        self.steps += 1
        return loss

    def validation_step(self, batch, batch_idx):
        if batch_idx == 0:
            self.held_generator, self.held_total = self.stream(1), 0.0
        self.held_total += float(self.loss(self.held_out[batch], self.held_generator)) * len(batch)

    def on_validation_epoch_end(self):
        self.held_loss = self.held_total / len(self.held_out)
        self.log("val_loss", self.held_loss)

    def on_train_epoch_end(self):
        self.curve.append([self.current_epoch + 1, float(self.total) / max(self.steps, 1), self.held_loss])

    def on_save_checkpoint(self, checkpoint):
        # Lightning saves before the epoch's own end
        checkpoint["curve"] = self.curve

    def on_load_checkpoint(self, checkpoint):
        self.curve = checkpoint["curve"]


class KeepBest(pl.Callback):
    """Remembers the weights of the lowest held-out loss."""

    def __init__(self):
        self.loss, self.weights = float("inf"), None

    def on_validation_end(self, trainer, module):
        if module.held_loss < self.loss:
            self.loss = module.held_loss
            self.weights = [p.detach().clone() for p in module.stack.parameters()]

    def state_dict(self):
        return {"loss": self.loss, "weights": self.weights}

    def load_state_dict(self, state):
        self.loss, self.weights = state["loss"], state["weights"]


def run_epochs(
    module: Reconstruction, batch_size: int, trainer: dict | None, checkpoints: str | Path | None
) -> None:
    """Train a module; afterwards it has the weights of the lowest held-out loss, on the CPU, float32.

    Parameters
    ----------
    trainer : dict or None
        Arguments of Lightning's Trainer. `callbacks` may be a dict {class in pytorch_lightning.callbacks:
        arguments}, which a config can hold, or a list of callbacks; an empty one means none, None (or no such
        key) means early stopping.
    checkpoints : folder or None
        Where the training is written down as it goes, and carries on if it finds itself there.
    """
    settings = {**_QUIET, **(trainer or {})}
    if not {"max_epochs", "max_steps", "max_time"} & set(settings):
        settings["max_epochs"] = DEFAULT_EPOCHS
    given = settings.pop("callbacks", None)
    callbacks = _callbacks(DEFAULT_CALLBACKS if given is None else given)
    if settings["accelerator"] != "cpu" and torch.cuda.is_available():
        # cuDNN may choose kernels that add in another order each time: one seed would not give one model
        settings.setdefault("deterministic", "warn")
    best, resume = KeepBest(), None
    if len(module.held_out):
        callbacks.append(best)
    else:
        callbacks = [c for c in callbacks if not isinstance(c, pl.callbacks.EarlyStopping)]
    if checkpoints is not None:
        settings["enable_checkpointing"] = True
        callbacks.append(_written_down(checkpoints, settings.get("max_epochs")))
        resume = unfinished(checkpoints)
    loader = Minibatches(len(module.rows), batch_size, module.seed, lambda: module.current_epoch)
    held_out = Slices(len(module.held_out))
    with silence(), ended_by_a_signal():
        try:
            engine = pl.Trainer(callbacks=callbacks, **settings)
        except (TypeError, ValueError, pl.utilities.exceptions.MisconfigurationException) as error:
            raise ValueError(f"trainer: {error}") from error
        engine.fit(module, loader, held_out if len(held_out) else None, ckpt_path=resume, weights_only=True)
    module.cpu().float()
    if best.weights is not None:
        with torch.no_grad():
            for p, w in zip(module.stack.parameters(), best.weights, strict=True):
                p.copy_(w)


def _callbacks(given) -> list:
    if not isinstance(given, dict):
        return list(given)
    unknown = [name for name in given if not hasattr(pl.callbacks, str(name))]
    if unknown:
        raise ValueError(f"trainer: pytorch_lightning.callbacks has no {unknown[0]!r}.")
    # max_steps may end an epoch before its validation: nothing to stop then
    more = {"EarlyStopping": {"check_on_train_epoch_end": False}}
    return [getattr(pl.callbacks, k)(**more.get(k, {}), **(v or {})) for k, v in given.items()]


def _written_down(folder: str | Path, epochs: int | None) -> pl.callbacks.ModelCheckpoint:
    every = max(1, (epochs or 0) // _CHECKPOINTS)
    return pl.callbacks.ModelCheckpoint(
        folder,
        filename="last",
        every_n_epochs=every,
        enable_version_counter=False,
        save_on_train_epoch_end=True,
    )
