"""Stochastic learning of the cumulative: the LightningModule that trains an ensemble of neural CDFs."""

from collections.abc import Callable

import numpy as np
import pytorch_lightning as pl
import torch

from genrates.neural._ensemble import BatchedNetwork
from genrates.neural._gauss_newton import GaussNewton


class CDFRegression(pl.LightningModule):
    r"""Least-squares regression of R networks on the targets of their sorted samples.

    .. math:: L = \sum_n w_n (H(x_n) - u_n)^2
                  + \lambda \sum_k \Theta(H(y_k) - H(y_k + \Delta)) (H(y_k) - H(y_k + \Delta))^2
                  + \beta \sum |W_1|^2, \qquad \sum_n w_n = 1.

    The slide's loss, divided by N: with every point kept the first sum is the *mean* of squares, so lambda
    here is the slide's over N. The last term keeps a unit from turning into a step at a data point.

    Every batch is one cycle: new targets are asked for, and one step of the optimiser is made. Adam descends
    the present cycle's loss, as in the paper. Gauss-Newton descends the sum of all cycles' losses so far,
    which differs by a constant from the loss at the *running mean* of the targets: the recursive
    Gauss-Newton method (Ljung 1983), whose gain 1/t makes the redrawing's noise vanish.

    Parameters
    ----------
    network : BatchedNetwork
        The ensemble of R networks.
    x, weight : ndarray of shape (R, m)
        Standardised points and their weights.
    targets : callable returning an ndarray of shape (R, m) or None
        Called each cycle; None keeps the targets of the cycle before.
    hints : ndarray of shape (R, k, 2)
        Pairs y, y + Delta where the hint is given.
    monotonicity : float
        lambda; 0 leaves the hint out.
    decay : float
        beta.
    optimizer : {"gauss_newton", "adam"}
    learning_rate : float
        Adam's; it falls to zero along a cosine if the number of cycles is known.

    Attributes
    ----------
    losses : list of ndarrays of shape (R,)
        The loss at every cycle.

    References
    ----------
    Magdon-Ismail and Atiya, Neural networks for density estimation, NIPS 1998; Density estimation and random
    variate generation using multilayer networks, IEEE TNN 13(3), 2002.
    """

    def __init__(
        self,
        network: BatchedNetwork,
        x: np.ndarray,
        weight: np.ndarray,
        targets: Callable,
        hints: np.ndarray,
        *,
        monotonicity: float = 1.0,
        decay: float = 0.0,
        optimizer: str = "gauss_newton",
        learning_rate: float = 1e-2,
    ):
        super().__init__()
        self.automatic_optimization = False
        self.network = network
        self.next_targets, self.optimizer_name, self.learning_rate = targets, optimizer, learning_rate
        self.monotonicity, self.decay = monotonicity, decay
        points = np.concatenate([x, hints[:, :, 0], hints[:, :, 1]], axis=1)
        self.n_points, self.n_hints = x.shape[1], hints.shape[1] if monotonicity else 0
        if not self.n_hints:
            points = x
        self.register_buffer("points", torch.tensor(points, dtype=torch.float64))
        self.register_buffer("root_weight", torch.tensor(np.sqrt(weight), dtype=torch.float64))
        self.register_buffer("target", torch.zeros(x.shape, dtype=torch.float64))
        self.redraws = 0
        self.losses: list[np.ndarray] = []

    def configure_optimizers(self):
        if self.optimizer_name == "gauss_newton":
            return GaussNewton(self.network)
        optimizer = torch.optim.Adam(self.network.parameters(), lr=self.learning_rate)
        cycles = self.trainer.max_steps if self.trainer.max_steps > 0 else self.trainer.max_epochs
        if not cycles or cycles < 0:
            return optimizer
        return [optimizer], [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, cycles)]

    def training_step(self, batch, batch_idx):
        self._redraw(average=self.optimizer_name == "gauss_newton")
        optimizer = self.optimizers()
        if self.optimizer_name == "gauss_newton":
            loss = optimizer.step(closure=self._normal_equations, trial=self.loss)
        else:
            optimizer.zero_grad()
            loss = self.loss()
            self.manual_backward(loss.sum())
            optimizer.step()
            if (scheduler := self.lr_schedulers()) is not None:
                scheduler.step()
        self.losses.append(2 * loss.detach().cpu().numpy())

    @torch.no_grad()
    def _redraw(self, average: bool) -> None:
        new = self.next_targets()
        if new is None:
            return
        self.redraws += 1
        gain = 1 / self.redraws if average else 1.0
        self.target += gain * (
            torch.as_tensor(new, dtype=torch.float64, device=self.target.device) - self.target
        )

    def loss(self) -> torch.Tensor:
        """Half the loss of each replicate, shape (R,)."""
        parts = self._residuals(self.network(self.points))
        total = sum((r**2).sum(dim=1) for r in parts)
        return 0.5 * (total + self.decay * (self._steepness() ** 2).sum(dim=1))

    def _residuals(self, h: torch.Tensor) -> list[torch.Tensor]:
        n, k = self.n_points, self.n_hints
        parts = [self.root_weight * (h[:, :n] - self.target)]
        if k:
            parts.append(self.monotonicity**0.5 * torch.relu(h[:, n : n + k] - h[:, n + k :]))
        return parts

    def _steepness(self) -> torch.Tensor:
        return self.network.weights[0].flatten(1)

    def _normal_equations(self):
        h, jacobian = self.network.linearise(self.points)
        n, k = self.n_points, self.n_hints
        parts = self._residuals(h)
        rows = [self.root_weight.unsqueeze(-1) * jacobian[:, :n]]
        if k:
            active = (parts[1] > 0).unsqueeze(-1) * self.monotonicity**0.5
            rows.append(active * (jacobian[:, n : n + k] - jacobian[:, n + k :]))
        residual, rows = torch.cat(parts, dim=1), torch.cat(rows, dim=1)
        gradient = torch.bmm(rows.transpose(1, 2), residual.unsqueeze(-1)).squeeze(-1)
        curvature = torch.bmm(rows.transpose(1, 2), rows)
        loss = 0.5 * (residual**2).sum(dim=1)
        if self.decay:
            w = self._steepness()
            first = slice(0, w.shape[1])
            gradient[:, first] += self.decay * w
            curvature[:, first, first].diagonal(dim1=-2, dim2=-1).add_(self.decay)
            loss = loss + 0.5 * self.decay * (w**2).sum(dim=1)
        return loss, gradient, curvature
