"""Stochastic learning of the cumulative: the LightningModule that trains an ensemble of neural CDFs."""

from collections.abc import Callable

import numpy as np
import pytorch_lightning as pl
import torch

from genrates.neural.cdf._ensemble import BatchedNetwork
from genrates.neural.cdf._gauss_newton import GaussNewton
from genrates.neural.cdf._uniformity import Uniformity

#: decay (times N) from which "uniformity" starts, and its range
DECAY_START, _DECAY_RANGE = 1e-4, (1e-7, 2e-2)
#: fractions of the cycles between which the decay is adjusted
_WARM_UP, _FREEZE = 0.1, 0.8
#: number of intervals between adjustments; logarithm of the factor, which falls linearly over the cycles
_N_INTERVALS, _ADJUSTMENT_RATE = 150, 0.6


class CDFRegression(pl.LightningModule):
    r"""Least-squares regression of R networks on the targets of their sorted training sets.

    .. math:: L = \sum_n w_n (H(x_n) - u_n)^2
                  + \lambda \sum_k \Theta(H(y_k) - H(y_k + \Delta)) (H(y_k) - H(y_k + \Delta))^2
                  + \frac{\beta}{N} \sum |W_1|^2, \qquad \sum_n w_n = 1.

    This is the slide's loss, divided by N. If every point is kept, the first sum is the *mean* of squares. So
    lambda here is the slide's lambda over N, and the hint keeps its strength as N grows. The last term, the
    decay of the first layer's weights, keeps a unit from turning into a step at a data point.

    Every batch is one cycle: new targets are requested, and the optimizer makes one step. Adam descends the
    current cycle's loss, as in the paper. Gauss-Newton descends the sum of all cycles' losses so far. Up to a
    constant that is the loss at the *running mean* of the targets: the recursive Gauss-Newton method (Ljung
    and Soderstrom 1983), whose gain 1/t makes the noise of the redrawing vanish.

    Parameters
    ----------
    network : BatchedNetwork
        The ensemble of R networks.
    x, weight, expected : ndarray of shape (R, m)
        Standardized points, their weights (0 where a shorter training set is padded), and k/(N + 1).
    n_samples : ndarray of shape (R,)
        N.
    targets : callable returning an ndarray of shape (R, m) or None
        Called in each cycle; None keeps the targets of the last cycle.
    hints : ndarray of shape (R, q)
        The first k columns are y, the last k are y + Delta; they may overlap.
    n_hints : int
        k; 0 omits the hint.
    decay : ndarray of shape (R,)
        beta of each replicate; its starting value if the data choose it.
    monotonicity : float, default=1.0
        lambda.
    chooses_decay : bool, default=False
        Choose beta by the data while training (:class:`genrates.neural.cdf._uniformity.Uniformity`).
    optimizer : {"gauss_newton", "adam"}, default="gauss_newton"
        The optimizer.
    learning_rate : float, default=0.01
        Learning rate of Adam; it falls to zero along a cosine if the number of cycles is known.

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
        self.with_ones: torch.Tensor | None = None  # points with a column of ones, for Adam's steps
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
        """Return the optimizer; Adam's has a cosine schedule if the number of cycles is known.

        Returns
        -------
        Optimizer, or a pair of lists of optimizers and schedulers
        """
        if self.optimizer_name == "gauss_newton":
            return GaussNewton(self.network)
        optimizer = torch.optim.Adam(self.network.parameters(), lr=self.learning_rate)
        cycles = self._cycles()
        if not cycles:
            return optimizer
        return [optimizer], [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, cycles)]

    def training_step(self, batch, batch_idx):
        """Make one cycle: request targets, step the optimizer, adjust the decay, record the loss.

        Parameters
        ----------
        batch : object
            Not used: the module holds its own data.
        batch_idx : int
            Not used.
        """
        self._redraw()
        optimizer = self.optimizers()
        if self.optimizer_name == "gauss_newton":
            loss = optimizer.step(closure=self._normal_equations, trial=self.half_loss)
        else:
            loss = self._set_gradient()
            optimizer.step()
            if (scheduler := self.lr_schedulers()) is not None:
                scheduler.step()
        self._adjust_decay()
        self.losses.append(2 * loss.detach().cpu().numpy())

    def half_loss(self) -> torch.Tensor:
        """Return half the loss L of each replicate.

        Returns
        -------
        Tensor of shape (R,)
        """
        squares = sum((r**2).sum(dim=1) for r in self._residuals(self.network(self.points)))
        return 0.5 * (squares + (self.decay / self.n_samples * self.network.steepness() ** 2).sum(dim=1))

    @torch.no_grad()
    def misfit(self) -> torch.Tensor:
        """Return Neyman's smooth statistic of each replicate's transforms H(x_n).

        Returns
        -------
        Tensor of shape (R, 1)
        """
        return self.uniformity.statistic(self.network(self.points[:, : self.n_points]))

    def _cycles(self) -> int:
        """Return the number of cycles that the trainer will make, or 0 where it is unknown."""
        steps, epochs = self.trainer.max_steps, self.trainer.max_epochs
        return steps if steps > 0 else max(epochs or 0, 0)

    @torch.no_grad()
    def _redraw(self) -> None:
        """Request targets; Adam takes the new ones, Gauss-Newton their running mean."""
        new = self.next_targets()
        if new is None:
            return
        self.redraws += 1
        if self.optimizer_name == "gauss_newton":
            self.target += 1 / self.redraws * (torch.as_tensor(new).to(self.target) - self.target)
        else:
            self.target.copy_(torch.as_tensor(new))

    @torch.no_grad()
    def _adjust_decay(self) -> None:
        """Adjust the decay to the data, in the cycles where it is due."""
        cycles = max(self._cycles(), 1)
        progress, every = len(self.losses) / cycles, max(cycles // _N_INTERVALS, 1)
        if self.chooses_decay and _WARM_UP <= progress < _FREEZE and len(self.losses) % every == 0:
            h = self.network(self.points[:, : self.n_points])
            adjusted = self.uniformity.adjust(self.decay, h, _ADJUSTMENT_RATE * (1 - progress))
            self.decay.copy_(adjusted.clamp(*_DECAY_RANGE))

    def _residuals(self, h: torch.Tensor) -> list[torch.Tensor]:
        """Return the weighted residuals of the targets and, if there are hints, of the hint."""
        parts = [self._fit_residuals(h[:, : self.n_points])]
        if self.n_hints:
            parts.append(self._hint_residuals(h[:, self.n_points :]))
        return parts

    def _fit_residuals(self, h: torch.Tensor) -> torch.Tensor:
        """Return the weighted residuals of the targets, from H at the points."""
        return self.root_weight * (h - self.target)

    def _hint_residuals(self, h: torch.Tensor) -> torch.Tensor:
        """Return how far H falls between the hint points, scaled, from H at the hint points."""
        return self.root_lambda * torch.relu(h[:, : self.n_hints] - h[:, -self.n_hints :])

    @torch.no_grad()
    def _set_gradient(self) -> torch.Tensor:
        """Set the gradient of each replicate's half loss on its parameters; return the half losses (R,)."""
        if self.with_ones is None:
            self.with_ones = torch.stack([self.points, torch.ones_like(self.points)], dim=2)
        loss = self.network.set_gradient(self.with_ones, self._loss_and_slope)
        decay_loss, gradient, _ = self._decay_terms()
        self.network.weights[0].grad += gradient.view_as(self.network.weights[0])
        return loss + decay_loss

    def _decay_terms(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return half the decay's loss (R,), its gradient and curvature in the first weights (R, units)."""
        w, slope = self.network.steepness(), self.network.steepness_derivative()
        strength = self.decay / self.n_samples
        return 0.5 * (strength * w**2).sum(dim=1), strength * w * slope, strength * slope**2

    def _loss_and_slope(self, a: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return half the squared residuals and their derivative in H, from activations a (R, m).

        Usually no network falls between its hint points. Then the hint has no gradient, and only the
        derivative at the data points is returned. H falls where its activation falls.

        Returns
        -------
        loss : Tensor of shape (R,)
        slope : Tensor of shape (R, k)
            At the first k points: at the data points, or at all of them.
        """
        residuals = self._fit_residuals(self.network.apply_output_unit(a[:, : self.n_points]))
        loss, slope = (residuals**2).sum(dim=1), self.root_weight * residuals
        hints = a[:, self.n_points :]
        if self.n_hints and (hints[:, : self.n_hints] > hints[:, -self.n_hints :]).any():
            falls = self._hint_residuals(self.network.apply_output_unit(hints))
            loss = loss + (falls**2).sum(dim=1)
            hint_slope = torch.zeros_like(hints)
            hint_slope[:, : self.n_hints] += self.root_lambda * falls
            hint_slope[:, -self.n_hints :] -= self.root_lambda * falls
            slope = torch.cat([slope, hint_slope], dim=1)
        return 0.5 * loss, slope

    def _normal_equations(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return half the loss (R,), its gradient (R, P) and its Gauss-Newton curvature (R, P, P)."""
        h, jacobian = self.network.linearize(self.points[:, : self.n_points], self.root_weight)
        loss, gradient, curvature = _normal_terms(self._fit_residuals(h), jacobian)
        if self.n_hints:
            loss, gradient, curvature = self._add_hint_terms(loss, gradient, curvature)
        decay_loss, decay_gradient, decay_curvature = self._decay_terms()
        first = slice(0, decay_gradient.shape[1])  # the first layer's weights lead the flat parameters
        gradient[:, first] += decay_gradient
        curvature.diagonal(dim1=-2, dim2=-1)[:, first] += decay_curvature
        return loss + decay_loss, gradient, curvature

    def _add_hint_terms(self, loss, gradient, curvature) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Add the hint's terms to the normal equations; they are 0 if no network falls, the usual case."""
        hints, k = self.points[:, self.n_points :], self.n_hints
        falls = self._hint_residuals(self.network(hints))
        falling = torch.nonzero((falls > 0).any(dim=0))[:, 0]
        if not len(falling):
            return loss, gradient, curvature
        falls = falls[:, falling]
        share = self.root_lambda * (falls > 0)
        first, second = hints[:, :k][:, falling], hints[:, -k:][:, falling]
        jacobian = self.network.linearize(first, share)[1] - self.network.linearize(second, share)[1]
        terms = _normal_terms(falls, jacobian)
        return loss + terms[0], gradient + terms[1], curvature + terms[2]


def _normal_terms(
    residual: torch.Tensor, jacobian: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return half the squares (R,), J^T r (R, P) and J^T J (R, P, P) of residuals r and Jacobian J."""
    transposed = jacobian.transpose(1, 2)
    gradient = torch.bmm(transposed, residual.unsqueeze(-1)).squeeze(-1)
    return 0.5 * (residual**2).sum(dim=1), gradient, torch.bmm(transposed, jacobian)
