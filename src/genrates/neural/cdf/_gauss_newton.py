"""Damped Gauss-Newton for an ensemble of small least-squares problems, solved side by side."""

from collections.abc import Callable

import torch


class GaussNewton(torch.optim.Optimizer):
    """Levenberg's and Marquardt's method, one damping per replicate.

    Solves (J^T J + mu diag(J^T J)) step = -J^T r for each replicate and keeps the step where it lowers that
    replicate's loss; mu falls after a success and rises after a failure. A network of this size has tens
    of parameters, so a step costs little more than a gradient and replaces hundreds of them.

    Reference: Marquardt (1963), J. SIAM 11, 431.
    """

    def __init__(self, network, damping: float = 1e-2):
        super().__init__(network.parameters(), {"damping": damping})
        self.network = network
        self.damping = network.flat().new_full((len(network.flat()), 1), damping)

    @torch.no_grad()
    def step(self, closure: Callable | None = None, trial: Callable | None = None) -> torch.Tensor:
        """One step of every replicate; returns the loss after it, shape (R,).

        Parameters
        ----------
        closure : callable returning (loss (R,), gradient (R, P), curvature (R, P, P))
            The problem at the present parameters: with residuals r, their halved squares, J^T r and J^T J.
        trial : callable returning loss (R,)
            The loss at whatever parameters the network has.
        """
        loss, gradient, curvature = closure()
        before = self.network.flat()
        diagonal = torch.diagonal(curvature, dim1=-2, dim2=-1)
        floor = 1e-9 * diagonal.amax(dim=1, keepdim=True) + 1e-300
        damped = curvature + torch.diag_embed(self.damping * diagonal + floor)
        factor, info = torch.linalg.cholesky_ex(damped)
        move = torch.cholesky_solve(gradient.unsqueeze(-1), factor).squeeze(-1)
        good = (info == 0) & torch.isfinite(move).all(dim=1)
        self.network.assign(torch.where(good.unsqueeze(1), before - move, before))
        after = trial()
        kept = good & (after < loss)
        self.network.assign(torch.where(kept.unsqueeze(1), self.network.flat(), before))
        self.damping = torch.where(kept.unsqueeze(1), self.damping * 0.5, self.damping * 2).clamp(1e-8, 1e8)
        return torch.where(kept, after, loss)
