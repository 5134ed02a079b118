"""The LightningModule of the successive conditionals: binned distribution regression of an ensemble."""

import numpy as np
import pytorch_lightning as pl
import torch
from torch import nn

#: cycles between evaluations of the held-out rows
_EVALUATE_EVERY = 25


class ConditionalRegression(pl.LightningModule):
    """Regression of the law of y given x, as a density that is linear between knots.

    The networks map x to the log-heights of the density at the knots.

    R replicates train together, each on minibatches of its own, by maximum likelihood. Each replicate keeps
    the parameters that were best on its held-out rows, or on all rows if none are held out.

    Parameters
    ----------
    layers : list of R lists of (weight (inputs, outputs), bias (outputs,)) arrays
        Where each network starts.
    x : ndarray of shape (R, n, inputs)
        Conditioning coordinates.
    y : ndarray of shape (R, n)
        The coordinate whose law is learned.
    knots : ndarray of shape (R, b)
        Knots of each replicate's densities.
    held_out : int
        Number of rows held out, from the end.
    rngs : list of R Generators
        Sources of the minibatches.
    batch_size : int
        Rows of a minibatch.
    learning_rate, weight_decay : float
        Arguments of AdamW; the learning rate falls to zero along a cosine.

    Attributes
    ----------
    losses : list of ndarrays of shape (R,)
        Mean negative log-likelihood, in nats, of each cycle's minibatch.
    """

    def __init__(self, layers, x, y, knots, held_out, rngs, *, batch_size, learning_rate, weight_decay):
        super().__init__()
        self.automatic_optimization = False
        stacked = [[np.stack([net[i][j] for net in layers]) for j in (0, 1)] for i in range(len(layers[0]))]
        self.weights = nn.ParameterList([torch.tensor(w, dtype=torch.float32) for w, _ in stacked])
        self.biases = nn.ParameterList([torch.tensor(b, dtype=torch.float32) for _, b in stacked])
        self.rngs, self.batch_size = rngs, batch_size
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.n_train, self.held_out = y.shape[1] - held_out, held_out
        cell = np.stack([np.searchsorted(k, v, side="right") - 1 for k, v in zip(knots, y, strict=True)])
        cell = np.clip(cell, 0, knots.shape[1] - 2)
        width = np.diff(knots, axis=1)
        share = (y - np.take_along_axis(knots, cell, 1)) / np.take_along_axis(width, cell, 1)
        self.register_buffer("x", torch.tensor(x, dtype=torch.float32))
        self.register_buffer("cell", torch.tensor(cell))
        self.register_buffer("share", torch.tensor(share, dtype=torch.float32))
        # The mass is the product of these trapezoidal weights with the heights.
        trapezoid = 0.5 * (np.pad(width, ((0, 0), (0, 1))) + np.pad(width, ((0, 0), (1, 0))))
        self.register_buffer("log_trapezoid", torch.tensor(np.log(trapezoid), dtype=torch.float32))
        self.best_loss, self.best = None, None
        self.losses: list[np.ndarray] = []

    def configure_optimizers(self):
        """Return AdamW, with a cosine schedule if the number of cycles is known.

        Returns
        -------
        torch.optim.AdamW, or a pair of lists of optimizers and schedulers
        """
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay
        )
        steps, epochs = self.trainer.max_steps, self.trainer.max_epochs
        cycles = steps if steps > 0 else max(epochs or 0, 0)
        if not cycles:
            return optimizer
        return [optimizer], [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, cycles)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the log-heights at the knots.

        Parameters
        ----------
        x : Tensor of shape (R, m, inputs)
            Conditioning coordinates.

        Returns
        -------
        Tensor of shape (R, m, b)
        """
        h = x
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            h = torch.tanh(torch.baddbmm(b.unsqueeze(1), h, w))
        return torch.baddbmm(self.biases[-1].unsqueeze(1), h, self.weights[-1])

    def negative_log_likelihood(self, x, cell, share) -> torch.Tensor:
        """Return the mean negative log-likelihood of each replicate's rows.

        Parameters
        ----------
        x : Tensor of shape (R, m, inputs)
            Conditioning coordinates.
        cell : Tensor of int, shape (R, m)
            Cell between knots that holds y.
        share : Tensor of shape (R, m)
            Position of y in its cell, in [0, 1].

        Returns
        -------
        Tensor of shape (R,)
            Nats.
        """
        log_height = self(x)
        log_total = torch.logsumexp(log_height + self.log_trapezoid.unsqueeze(1), dim=2)
        left = log_height.gather(2, cell.unsqueeze(2)).squeeze(2)
        right = log_height.gather(2, cell.unsqueeze(2) + 1).squeeze(2)
        tiny = 1e-12
        log_density = torch.logaddexp(left + torch.log1p(-share + tiny), right + torch.log(share + tiny))
        return (log_total - log_density).mean(dim=1)

    def training_step(self, batch, batch_idx):
        """Make one optimizer step on a minibatch of each replicate.

        Parameters
        ----------
        batch : object
            Not used: the module holds its own data.
        batch_idx : int
            Not used.
        """
        if len(self.losses) % _EVALUATE_EVERY == 0:
            self.evaluate_held_out()
        optimizer = self.optimizers()
        rows = np.stack([g.integers(0, self.n_train, min(self.batch_size, self.n_train)) for g in self.rngs])
        rows = torch.as_tensor(rows, device=self.x.device)
        x = self.x.gather(1, rows.unsqueeze(2).expand(-1, -1, self.x.shape[2]))
        loss = self.negative_log_likelihood(x, self.cell.gather(1, rows), self.share.gather(1, rows))
        optimizer.zero_grad()
        self.manual_backward(loss.sum())
        optimizer.step()
        if (scheduler := self.lr_schedulers()) is not None:
            scheduler.step()
        self.losses.append(loss.detach().cpu().numpy())

    @torch.no_grad()
    def evaluate_held_out(self) -> None:
        """Evaluate the held-out rows, and keep the parameters of the replicates that have improved."""
        rows = slice(self.n_train, None) if self.held_out else slice(None)
        loss = self.negative_log_likelihood(self.x[:, rows], self.cell[:, rows], self.share[:, rows])
        if self.best is None:
            self.best_loss, self.best = loss, [p.detach().clone() for p in self.parameters()]
            return
        better = loss < self.best_loss
        self.best_loss = torch.where(better, loss, self.best_loss)
        for kept, p in zip(self.best, self.parameters(), strict=True):
            kept[better] = p.detach()[better]

    def numpy_layers(self) -> list:
        """Return the best parameters of each replicate.

        Returns
        -------
        list of R lists of (weight, bias) arrays, float64
        """
        self.evaluate_held_out()
        tensors = [p.cpu().double().numpy() for p in self.best]
        n = len(self.weights)
        w, b = tensors[:n], tensors[n:]
        return [[(w[i][r].copy(), b[i][r].copy()) for i in range(n)] for r in range(len(w[0]))]
