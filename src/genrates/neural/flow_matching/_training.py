"""The LightningModule that trains a velocity field, and the moving average of its weights."""

import copy
import math

import torch

from genrates.neural.autoencoder._training import Reconstruction

#: share of the training in which the learning rate rises
_WARM_UP = 0.1


class VelocityRegression(Reconstruction):
    r"""Training module of flow matching (Lipman et al. 2023) with the Gaussian path x_t = t x + (1 - t) z.

    The loss is :math:`E |v_\theta(x_t, t) - (x - z)|^2` a coordinate, with z standard normal (of bits, a
    cross-entropy). The times of a batch are stratified, which lowers the variance of the gradient.

    `stack`, the network that is validated and kept, is the exponential moving average of the one in training.

    Parameters
    ----------
    network : Module
        The network, with `draw_times`, `error`, `least_held_out` and `minimum_steps`.
    rows, held_out : ndarray of shape (n, features), float32
        Training set, and the rows whose loss is monitored; the latter may be empty.
    ema : float
        Decay of the average; it is smaller in the first steps.
    learning_rate : float
        Highest learning rate of AdamW: it rises, then falls to zero along a cosine.
    weight_decay : float
        Weight decay of AdamW.
    seed : int
        Seed of all streams.
    """

    def __init__(self, network, rows, held_out, *, ema, learning_rate, weight_decay, seed):
        average = copy.deepcopy(network).requires_grad_(False)
        super().__init__(average, rows, held_out, gaussian=True, learning_rate=learning_rate, seed=seed)
        self.network, self.ema, self.weight_decay = network, ema, weight_decay
        self.minimum_steps = network.minimum_steps

    def loss(self, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return the mean squared error of the velocity: in training of the network, else of the average.

        Parameters
        ----------
        rows : Tensor of shape (n, features)
            Data.
        generator : torch.Generator
            Source of times and noise.

        Returns
        -------
        Tensor, scalar
        """
        if not self.training:
            rows = rows.repeat(math.ceil(self.stack.least_held_out / len(rows)), 1)
        n, like = len(rows), {"device": rows.device, "dtype": rows.dtype, "generator": generator}
        strata = torch.randperm(n, generator=generator, device=rows.device)
        u = ((strata + torch.rand(n, **like)) / n).clamp(1e-6, 1 - 1e-6)
        network = self.network if self.training else self.stack
        return network.error(rows, torch.randn(rows.shape, **like), network.draw_times(u)[:, None])

    def configure_optimizers(self):
        """Return AdamW, and its learning-rate cycle if the number of steps is known.

        Returns
        -------
        Optimizer, or dict of optimizer and schedule
        """
        optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay, fused=True
        )
        steps = self.trainer.estimated_stepping_batches
        if not math.isfinite(steps):
            return optimizer
        cycle = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, self.learning_rate, total_steps=max(int(steps), 1) + 1, pct_start=_WARM_UP
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": cycle, "interval": "step"}}

    def on_train_batch_end(self, outputs, batch, batch_idx):
        """Move the average towards the network.

        Parameters
        ----------
        outputs, batch, batch_idx : object
            Not used.
        """
        step = self.global_step
        decay = min(self.ema, step / (step + 9))
        with torch.no_grad():
            for average, new in zip(self.stack.parameters(), self.network.parameters(), strict=True):
                average.lerp_(new, 1 - decay)
