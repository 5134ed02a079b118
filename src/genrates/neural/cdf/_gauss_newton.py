"""Damped Gauss-Newton steps for an ensemble of small least-squares problems, solved together."""

from collections.abc import Callable

import torch


class GaussNewton(torch.optim.Optimizer):
    """The method of Levenberg and Marquardt, with one damping per replicate.

    For each replicate it solves (J^T J + mu diag(J^T J)) step = -J^T r, and keeps the step if it lowers that
    replicate's loss. mu falls after a success and rises after a failure. The networks have tens of
    parameters, so a step costs little more than a gradient and replaces many of them.

    Parameters
    ----------
    network : BatchedNetwork
        The networks.
    damping : float, default=1e-2
        mu at the start.

    References
    ----------
    Marquardt (1963), J. SIAM 11, 431.
    """

    def __init__(self, network, damping: float = 1e-2):
        super().__init__(network.parameters(), {"damping": damping})
        self.network = network
        self.damping = network.flat().new_full((len(network.flat()), 1), damping)

    @torch.no_grad()
    def step(self, closure: Callable | None = None, trial: Callable | None = None) -> torch.Tensor:
        """Make one step of every replicate.

        Parameters
        ----------
        closure : callable returning (loss (R,), gradient (R, P), curvature (R, P, P))
            The problem at the current parameters: for residuals r, half the sum of their squares, J^T r and
            J^T J.
        trial : callable returning loss (R,)
            The loss at whatever parameters the network has when it is called.

        Returns
        -------
        Tensor of shape (R,)
            The loss after the step.
        """
        loss, gradient, curvature = closure()
        parameters = self.network.flat()
        diagonal = torch.diagonal(curvature, dim1=-2, dim2=-1)
        ridge = 1e-9 * diagonal.amax(dim=1, keepdim=True) + 1e-300
        damped = curvature + torch.diag_embed(self.damping * diagonal + ridge)
        factor, info = torch.linalg.cholesky_ex(damped)
        direction = torch.cholesky_solve(gradient.unsqueeze(-1), factor).squeeze(-1)
        solved = (info == 0) & torch.isfinite(direction).all(dim=1)
        self.network.assign(torch.where(solved.unsqueeze(1), parameters - direction, parameters))
        after = trial()
        accepted = solved & (after < loss)
        self.network.assign(torch.where(accepted.unsqueeze(1), self.network.flat(), parameters))
        self.damping = torch.where(accepted.unsqueeze(1), self.damping * 0.5, self.damping * 2).clamp(
            1e-8, 1e8
        )
        return torch.where(accepted, after, loss)
