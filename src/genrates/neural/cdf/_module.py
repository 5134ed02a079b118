"""Stochastic learning of the cumulative: the LightningModule that trains an ensemble of neural CDFs."""

from collections.abc import Callable

import numpy as np
import pytorch_lightning as pl
import torch

from genrates.neural.cdf._ensemble import BatchedNetwork
from genrates.neural.cdf._gauss_newton import GaussNewton
from genrates.neural.cdf._uniformity import Uniformity

#: decay (times N) that "uniformity" starts from, and its range
DECAY_START, _DECAY_RANGE = 1e-4, (1e-7, 2e-2)
#: share of the cycles before the decay first moves, and after which it stands still
_WARM_UP, _FREEZE = 0.1, 0.8
#: how often it moves in all, and the logarithm of the factor by which it moves at first
_MOVES, _RATE = 150, 0.6


class CDFRegression(pl.LightningModule):
    r"""Least-squares regression of R networks on the targets of their sorted samples.

    .. math:: L = \sum_n w_n (H(x_n) - u_n)^2
                  + \lambda \sum_k \Theta(H(y_k) - H(y_k + \Delta)) (H(y_k) - H(y_k + \Delta))^2
                  + \frac{\beta}{N} \sum |W_1|^2, \qquad \sum_n w_n = 1.

    The slide's loss, divided by N: with every point kept the first sum is the *mean* of squares, so lambda
    here is the slide's over N and the hint keeps its strength as N grows. The last term, the decay of the
    first layer's weights, keeps a unit from turning into a step at a data point.

    Every batch is one cycle: new targets are asked for, and one step of the optimizer is made. Adam descends
    the present cycle's loss, as in the paper. Gauss-Newton descends the sum of all cycles' losses so far,
    which differs by a constant from the loss at the *running mean* of the targets: the recursive
    Gauss-Newton method (Ljung and Soderstrom 1983), whose gain 1/t makes the redrawing's noise vanish.

    Parameters
    ----------
    network : BatchedNetwork
        The ensemble of R networks.
    x, weight, expected : ndarray of shape (R, m)
        Standardized points, their weights (0 where a shorter sample is padded), and k/(N + 1).
    n_samples : ndarray of shape (R,)
        N.
    targets : callable returning an ndarray of shape (R, m) or None
        Called each cycle; None keeps the targets of the cycle before.
    hints : ndarray of shape (R, q)
        The first k columns are y, the last k are y + Delta; they may overlap.
    n_hints : int
        k; 0 leaves the hint out.
    decay : ndarray of shape (R,)
        beta of each replicate, at the start if the data choose it.
    monotonicity : float
        lambda.
    chooses_decay : bool
        Choose beta by the data while training (:class:`genrates.neural.cdf._uniformity.Uniformity`).
    optimizer : {"gauss_newton", "adam"}
    learning_rate : float
        Adam's; it falls to zero along a cosine if the number of cycles is known.

    Attributes
    ----------
    losses : list of ndarrays of shape (R,)
        The loss L at every cycle.

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
        expected: np.ndarray,
        n_samples: np.ndarray,
        targets: Callable,
        hints: np.ndarray,
        n_hints: int,
        decay: np.ndarray,
        *,
        monotonicity: float = 1.0,
        chooses_decay: bool = False,
        optimizer: str = "gauss_newton",
        learning_rate: float = 1e-2,
    ):
        super().__init__()
        self.automatic_optimization = False
        self.network, self.next_targets = network, targets
        self.optimizer_name, self.learning_rate = optimizer, learning_rate
        self.n_points, self.n_hints, self.root_lambda = x.shape[1], n_hints, monotonicity**0.5
        dtype = network.weights[0].dtype
        points = np.concatenate([x, hints], axis=1) if n_hints else x
        self.register_buffer("points", torch.as_tensor(points, dtype=dtype))
        self.with_ones: torch.Tensor | None = None  # of Adam's steps
        self.register_buffer("root_weight", torch.as_tensor(np.sqrt(weight), dtype=dtype))
        self.register_buffer("target", torch.zeros(x.shape, dtype=dtype))
        size = torch.as_tensor(n_samples, dtype=torch.float64).unsqueeze(1)
        self.register_buffer("n_samples", size)
        self.uniformity = Uniformity(torch.as_tensor(expected), torch.as_tensor(weight), size)
        self.chooses_decay = chooses_decay
        self.register_buffer("decay", torch.as_tensor(decay, dtype=torch.float64).unsqueeze(1))
        self.redraws = 0
        self.losses: list[np.ndarray] = []

    def configure_optimizers(self):
        if self.optimizer_name == "gauss_newton":
            return GaussNewton(self.network)
        optimizer = torch.optim.Adam(self.network.parameters(), lr=self.learning_rate)
        cycles = self._cycles()
        if not cycles:
            return optimizer
        return [optimizer], [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, cycles)]

    def training_step(self, batch, batch_idx):
        self._redraw()
        optimizer = self.optimizers()
        if self.optimizer_name == "gauss_newton":
            loss = optimizer.step(closure=self._normal_equations, trial=self.half_loss)
        else:
            loss = self._set_gradient()
            optimizer.step()
            if (scheduler := self.lr_schedulers()) is not None:
                scheduler.step()
        self._smooth()
        self.losses.append(2 * loss.detach().cpu().numpy())

    def half_loss(self) -> torch.Tensor:
        """Half the loss L of each replicate, shape (R,)."""
        fit = sum((r**2).sum(dim=1) for r in self._residuals(self.network(self.points)))
        return 0.5 * (fit + (self.decay / self.n_samples * self.network.steepness() ** 2).sum(dim=1))

    @torch.no_grad()
    def misfit(self) -> torch.Tensor:
        """Neyman's smooth statistic of each replicate's transforms H(x_n), shape (R, 1)."""
        return self.uniformity.statistic(self.network(self.points[:, : self.n_points]))

    def _cycles(self) -> int:
        steps, epochs = self.trainer.max_steps, self.trainer.max_epochs
        return steps if steps > 0 else max(epochs or 0, 0)

    @torch.no_grad()
    def _redraw(self) -> None:
        new = self.next_targets()
        if new is None:
            return
        self.redraws += 1
        if self.optimizer_name == "gauss_newton":
            self.target += 1 / self.redraws * (torch.as_tensor(new).to(self.target) - self.target)
        else:
            self.target.copy_(torch.as_tensor(new))

    @torch.no_grad()
    def _smooth(self) -> None:
        cycles = max(self._cycles(), 1)
        progress, every = len(self.losses) / cycles, max(cycles // _MOVES, 1)
        if self.chooses_decay and _WARM_UP <= progress < _FREEZE and len(self.losses) % every == 0:
            h = self.network(self.points[:, : self.n_points])
            moved = self.uniformity.adjust(self.decay, h, _RATE * (1 - progress))
            self.decay.copy_(moved.clamp(*_DECAY_RANGE))

    def _residuals(self, h: torch.Tensor) -> list[torch.Tensor]:
        parts = [self._misses(h[:, : self.n_points])]
        if self.n_hints:
            parts.append(self._falls(h[:, self.n_points :]))
        return parts

    def _misses(self, h: torch.Tensor) -> torch.Tensor:
        return self.root_weight * (h - self.target)

    def _falls(self, h: torch.Tensor) -> torch.Tensor:
        return self.root_lambda * torch.relu(h[:, : self.n_hints] - h[:, -self.n_hints :])

    @torch.no_grad()
    def _set_gradient(self) -> torch.Tensor:
        """The gradient of each replicate's half loss, set on its parameters; returns the half losses (R,)."""
        if self.with_ones is None:
            self.with_ones = torch.stack([self.points, torch.ones_like(self.points)], dim=2)
        loss = self.network.set_gradient(self.with_ones, self._slope)
        of_decay, gradient, _ = self._decay_terms()
        self.network.weights[0].grad += gradient.view_as(self.network.weights[0])
        return loss + of_decay

    def _decay_terms(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Half the decay's loss (R,), its gradient and curvature in the first layer's weights, (R, units)."""
        w, slope = self.network.steepness(), self.network.steepness_slope()
        strength = self.decay / self.n_samples
        return 0.5 * (strength * w**2).sum(dim=1), strength * w * slope, strength * slope**2

    def _slope(self, a: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Half the squared residuals (R,), and their derivative in H, shape (R, m), of activations (R, m).

        Of the points alone where no network falls, as is the rule: H falls where its activation does.
        """
        misses = self._misses(self.network.output_of(a[:, : self.n_points]))
        loss, slope = (misses**2).sum(dim=1), self.root_weight * misses
        hints = a[:, self.n_points :]
        if self.n_hints and (hints[:, : self.n_hints] > hints[:, -self.n_hints :]).any():
            falls = self._falls(self.network.output_of(hints))
            loss = loss + (falls**2).sum(dim=1)
            of_hints = torch.zeros_like(hints)
            of_hints[:, : self.n_hints] += self.root_lambda * falls
            of_hints[:, -self.n_hints :] -= self.root_lambda * falls
            slope = torch.cat([slope, of_hints], dim=1)
        return 0.5 * loss, slope

    def _normal_equations(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        h, rows = self.network.linearize(self.points[:, : self.n_points], self.root_weight)
        loss, gradient, curvature = _normal(self._misses(h), rows)
        if self.n_hints:
            loss, gradient, curvature = self._with_hints(loss, gradient, curvature)
        of_decay, of_first, bend = self._decay_terms()
        first = slice(0, of_first.shape[1])  # the first layer's weights lead the flat parameters
        gradient[:, first] += of_first
        curvature.diagonal(dim1=-2, dim2=-1)[:, first] += bend
        return loss + of_decay, gradient, curvature

    def _with_hints(self, loss, gradient, curvature) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The penalty's share added; where no network falls, as is the rule, it has none."""
        hints, k = self.points[:, self.n_points :], self.n_hints
        falls = self._falls(self.network(hints))
        some = torch.nonzero((falls > 0).any(dim=0))[:, 0]
        if not len(some):
            return loss, gradient, curvature
        falls = falls[:, some]
        share = self.root_lambda * (falls > 0)
        first, then = hints[:, :k][:, some], hints[:, -k:][:, some]
        rows = self.network.linearize(first, share)[1] - self.network.linearize(then, share)[1]
        more = _normal(falls, rows)
        return loss + more[0], gradient + more[1], curvature + more[2]


def _normal(residual: torch.Tensor, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Half the squares (R,), J^T r (R, P) and J^T J (R, P, P) of residuals r (R, m), Jacobian J (R, m, P)."""
    across = rows.transpose(1, 2)
    gradient = torch.bmm(across, residual.unsqueeze(-1)).squeeze(-1)
    return 0.5 * (residual**2).sum(dim=1), gradient, torch.bmm(across, rows)
