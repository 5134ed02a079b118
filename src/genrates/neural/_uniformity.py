"""How much smoothing the data bear: as much as leaves their probability integral transform uniform."""

import math

import torch

#: cosines of the smooth test; more than the densities of the lecture have wiggles
N_COSINES = 40


class Uniformity(torch.nn.Module):
    r"""Per replicate, the largest decay whose network is still a plausible distribution function of the data.

    If H were the truth, H(x_1), ..., H(x_N) would be uniform, and the empirical cosine coefficients
    c_j = (2/N)^{1/2} \sum_n cos(pi j H(x_n)), j = 1, 2, ..., independent standard normal variates in the
    limit: Neyman's smooth test. The statistic is the largest of (c_1^2 + ... + c_J^2 - J)/(2 J)^{1/2}
    over J, so that both a shifted mode (small j) and a claw (large j) are seen. A decay that keeps it
    below `level` is raised, one that does not is lowered: Morozov's discrepancy principle.

    Parameters
    ----------
    expected, weight : tensors of shape (R, m)
        k/(N + 1) at the chosen ranks, and the ranks' weights.
    n : tensor of shape (R, 1)
        Sizes of the samples.
    level : float
        The statistic at which smoothing stops.

    References
    ----------
    Neyman (1937), Skandinavisk Aktuarietidskrift 20, 149; Ledwina (1994), JASA 89, 1000 (choosing J);
    Morozov (1966), Soviet Math. Doklady 7, 414.
    """

    def __init__(self, expected: torch.Tensor, weight: torch.Tensor, n: torch.Tensor, level: float):
        super().__init__()
        self.level = level
        self.register_buffer("weight", weight)
        self.register_buffer("n", n)
        self.register_buffer("uniform", _cosine_sums(expected, weight))

    def statistic(self, h: torch.Tensor) -> torch.Tensor:
        """Shape (R, 1), of the transforms h of shape (R, m)."""
        # Against the cosines of k/(N + 1), not against 0: so the choice of ranks cancels.
        c = (2 * self.n).sqrt() * (_cosine_sums(h, self.weight) - self.uniform)
        j = torch.arange(1, c.shape[1] + 1, device=h.device)
        return (((c**2).cumsum(1) - j) / (2 * j).sqrt()).amax(1, keepdim=True)

    def adjust(self, decay: torch.Tensor, h: torch.Tensor, rate: float) -> torch.Tensor:
        """The decay, moved by a factor exp(+-rate)."""
        return decay * torch.where(self.statistic(h) < self.level, math.exp(rate), math.exp(-rate))


def _cosine_sums(h: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted sums of cos(pi j h) for j = 1, 2, ..., by Chebyshev's recursion; shape (R, N_COSINES)."""
    rows = torch.empty((N_COSINES + 1, *h.shape), dtype=h.dtype, device=h.device)
    rows[0] = 1.0
    torch.cos(torch.pi * h, out=rows[1])
    twice = 2 * rows[1]
    for j in range(2, N_COSINES + 1):
        torch.addcmul(rows[j - 2].neg(), twice, rows[j - 1], out=rows[j])
    return torch.einsum("jrm,rm->rj", rows[1:], weight)
