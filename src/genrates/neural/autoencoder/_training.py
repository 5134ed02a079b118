"""Training of autoencoders by one Lightning Trainer: early stopping, best weights, resumable checkpoints."""

from pathlib import Path

import numpy as np
import pytorch_lightning as pl
import torch
from torch.nn import functional

from genrates.neural.autoencoder._batches import MINIMUM_STEPS, Minibatches, Slices
from genrates.neural.autoencoder._network import LayerStack
from genrates.neural.checkpoints import unfinished
from genrates.neural.trainer import QUIET_SETTINGS, exit_on_sigterm, silence

#: the trainer's defaults
DEFAULT_EPOCHS = 40
DEFAULT_CALLBACKS = {"EarlyStopping": {"monitor": "val_loss", "patience": 10}}
#: largest number of times that a training's progress is saved
_MAX_CHECKPOINTS = 20


class Reconstruction(pl.LightningModule):
    """Base class of the training modules: data on the device, Adam, losses in nats, own random streams.

    A subclass implements `loss(rows, generator)`, the mean negative log-probability in nats.

    Parameters
    ----------
    stack : LayerStack
        The network.
    rows, held_out : ndarray of shape (n, features), float32
        Training set, and the rows whose loss is monitored; the latter may be empty.
    gaussian : bool
        Kind of the output: False for Bernoulli logits, True for means at unit variance.
    learning_rate : float
        Learning rate of Adam.
    seed : int
        Seed of all streams. Each epoch has its own stream, so a resumed training draws the same numbers as an
        uninterrupted one.
    """

    #: fewest steps of an epoch
    minimum_steps = MINIMUM_STEPS

    def __init__(self, stack: LayerStack, rows, held_out, *, gaussian: bool, learning_rate: float, seed: int):
        super().__init__()
        self.stack, self.gaussian, self.learning_rate, self.seed = stack, gaussian, learning_rate, seed
        self.register_buffer("rows", torch.from_numpy(rows), persistent=False)
        self.register_buffer("held_out", torch.from_numpy(held_out), persistent=False)
        self.register_buffer("total", torch.zeros(()), persistent=False)
        self.steps, self.held_out_loss = 0, float("nan")
        self.curve: list[list[float]] = []  # epoch, training loss, held-out loss or nan

    def loss(self, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return the training loss of a batch; a subclass implements it.

        Parameters
        ----------
        rows : Tensor of shape (n, features)
            The batch.
        generator : torch.Generator
            Source of random numbers.

        Returns
        -------
        Tensor, scalar
            Mean negative log-probability, in nats.

        Raises
        ------
        NotImplementedError
            In this base class.
        """
        raise NotImplementedError

    def negative_log_likelihood(self, outputs: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Return -log P(rows | outputs), summed over the rows.

        Parameters
        ----------
        outputs : Tensor of shape (n, features)
            Output units: logits, or means.
        rows : Tensor of shape (n, features)
            Rows.

        Returns
        -------
        Tensor, scalar
            Cross-entropy in nats; for a Gaussian output half the squared error.
        """
        if self.gaussian:
            return 0.5 * functional.mse_loss(outputs, rows, reduction="sum")
        return functional.binary_cross_entropy_with_logits(outputs, rows, reduction="sum")

    def inputs(self, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return the network's inputs for the given rows; here the rows themselves.

        Parameters
        ----------
        rows : Tensor of shape (n, features)
            Original rows.
        generator : torch.Generator
            Source of random numbers, for subclasses.

        Returns
        -------
        Tensor of shape (n, features)
        """
        return rows

    def residual_variance(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the mean squared residual of each column, the variance of maximum likelihood.

        Parameters
        ----------
        rows : Tensor of shape (n, features)
            Rows.

        Returns
        -------
        Tensor of shape (features,)
        """
        with torch.no_grad():
            return (self.stack(self.inputs(rows, self.stream(3))) - rows).square().mean(dim=0)

    def stream(self, purpose: int, epoch: int = 0) -> torch.Generator:
        """Return a random generator on this device, keyed by the seed, a purpose and an epoch.

        Parameters
        ----------
        purpose : int
            0 for training, 1 for the held-out rows, 3 for the residual variance.
        epoch : int, default=0
            Number of the epoch.

        Returns
        -------
        torch.Generator
        """
        key = np.random.SeedSequence([self.seed, purpose, epoch]).generate_state(1, np.uint64)[0]
        return torch.Generator(self.device).manual_seed(int(key >> np.uint64(1)))

    def configure_optimizers(self):
        """Return the optimizer, Adam.

        Returns
        -------
        torch.optim.Adam
        """
        return torch.optim.Adam(self.stack.parameters(), lr=self.learning_rate, fused=True)

    def on_train_epoch_start(self):
        """Start the epoch's random stream and reset its loss."""
        self.generator, self.steps = self.stream(0, self.current_epoch), 0
        self.total.zero_()

    def training_step(self, batch, batch_idx):
        """Return the loss of a minibatch, and add it to the epoch's total.

        Parameters
        ----------
        batch : Tensor of int
            Row numbers.
        batch_idx : int
            Not used.

        Returns
        -------
        Tensor, scalar
            Nats per row.
        """
        loss = self.loss(self.rows[batch], self.generator)
        self.total += loss.detach()
        self.steps += 1
        return loss

    def validation_step(self, batch, batch_idx):
        """Add the loss of a held-out batch; every validation uses the same random numbers.

        Parameters
        ----------
        batch : Tensor of int
            Row numbers.
        batch_idx : int
            0 starts a new total.
        """
        if batch_idx == 0:
            self.held_out_generator, self.held_out_total = self.stream(1), 0.0
        self.held_out_total += float(self.loss(self.held_out[batch], self.held_out_generator)) * len(batch)

    def on_validation_epoch_end(self):
        """Log the mean held-out loss."""
        self.held_out_loss = self.held_out_total / len(self.held_out)
        self.log("val_loss", self.held_out_loss)

    def on_train_epoch_end(self):
        """Append the epoch's losses to the curve."""
        self.curve.append(
            [self.current_epoch + 1, float(self.total) / max(self.steps, 1), self.held_out_loss]
        )

    def on_save_checkpoint(self, checkpoint):
        """Store the loss curve in a checkpoint.

        Parameters
        ----------
        checkpoint : dict
            Lightning's checkpoint, which is extended.
        """
        # a plain attribute, which Lightning does not save by itself
        checkpoint["curve"] = self.curve

    def on_load_checkpoint(self, checkpoint):
        """Restore the loss curve from a checkpoint.

        Parameters
        ----------
        checkpoint : dict
            Lightning's checkpoint.
        """
        self.curve = checkpoint["curve"]


class KeepBest(pl.Callback):
    """A callback that remembers the weights of the lowest held-out loss."""

    def __init__(self):
        self.loss, self.weights = float("inf"), None

    def on_validation_end(self, trainer, module):
        """Copy the weights if the held-out loss is the lowest so far.

        Parameters
        ----------
        trainer : Trainer
            Not used.
        module : Reconstruction
            The module in training.
        """
        if module.held_out_loss < self.loss:
            self.loss = module.held_out_loss
            self.weights = [p.detach().clone() for p in module.stack.parameters()]

    def state_dict(self):
        """Return the lowest loss and its weights, for a checkpoint.

        Returns
        -------
        dict
        """
        return {"loss": self.loss, "weights": self.weights}

    def load_state_dict(self, state):
        """Restore the lowest loss and its weights from a checkpoint.

        Parameters
        ----------
        state : dict
            As `state_dict` returns it.
        """
        self.loss, self.weights = state["loss"], state["weights"]


def run_epochs(
    module: Reconstruction, batch_size: int, trainer: dict | None, checkpoints: str | Path | None
) -> None:
    """Train a module; it ends on the CPU in float32, with the weights of the lowest held-out loss.

    Parameters
    ----------
    module : Reconstruction
        The module to train, in place.
    batch_size : int
        Rows of a minibatch.
    trainer : dict or None
        Arguments of Lightning's Trainer. `callbacks` may be a dict {class in pytorch_lightning.callbacks:
        arguments}, which a config can hold, or a list of callbacks. An empty one means no callbacks; None, or
        no such key, means early stopping.
    checkpoints : str, Path or None
        Folder where the training's progress is saved, and from which it resumes.

    Raises
    ------
    ValueError
        If Lightning's Trainer does not know or accept an argument.
    """
    settings = {**QUIET_SETTINGS, **(trainer or {})}
    if not {"max_epochs", "max_steps", "max_time"} & set(settings):
        settings["max_epochs"] = DEFAULT_EPOCHS
    given = settings.pop("callbacks", None)
    callbacks = _callbacks(DEFAULT_CALLBACKS if given is None else given)
    if settings["accelerator"] != "cpu" and torch.cuda.is_available():
        # cuDNN may choose kernels that add in a different order each time; then a seed fixes no model
        settings.setdefault("deterministic", "warn")
    keep_best, resume = KeepBest(), None
    if len(module.held_out):
        callbacks.append(keep_best)
    else:
        callbacks = [c for c in callbacks if not isinstance(c, pl.callbacks.EarlyStopping)]
    if checkpoints is not None:
        settings["enable_checkpointing"] = True
        callbacks.append(_checkpoint_callback(checkpoints, settings.get("max_epochs")))
        resume = unfinished(checkpoints)
    loader = Minibatches(
        len(module.rows), batch_size, module.seed, lambda: module.current_epoch, module.minimum_steps
    )
    held_out = Slices(len(module.held_out))
    with silence(), exit_on_sigterm():
        try:
            lightning_trainer = pl.Trainer(callbacks=callbacks, **settings)
        except (TypeError, ValueError, pl.utilities.exceptions.MisconfigurationException) as error:
            raise ValueError(f"trainer: {error}") from error
        lightning_trainer.fit(
            module, loader, held_out if len(held_out) else None, ckpt_path=resume, weights_only=True
        )
    module.cpu().float()
    if keep_best.weights is not None:
        with torch.no_grad():
            for p, w in zip(module.stack.parameters(), keep_best.weights, strict=True):
                p.copy_(w)


def _callbacks(given) -> list:
    """Return Lightning's callbacks from a list, or build them from a dict {class: arguments}."""
    if not isinstance(given, dict):
        return list(given)
    unknown = [name for name in given if not hasattr(pl.callbacks, str(name))]
    if unknown:
        raise ValueError(f"trainer: pytorch_lightning.callbacks has no {unknown[0]!r}.")
    # max_steps may end an epoch before its validation; then there is no loss to stop on
    defaults = {"EarlyStopping": {"check_on_train_epoch_end": False}}
    return [getattr(pl.callbacks, k)(**defaults.get(k, {}), **(v or {})) for k, v in given.items()]


def _checkpoint_callback(folder: str | Path, epochs: int | None) -> pl.callbacks.ModelCheckpoint:
    """Return the callback that saves the training's progress in a folder."""
    every = max(1, (epochs or 0) // _MAX_CHECKPOINTS)
    return pl.callbacks.ModelCheckpoint(
        folder,
        filename="last",
        every_n_epochs=every,
        enable_version_counter=False,
        save_on_train_epoch_end=True,
    )
