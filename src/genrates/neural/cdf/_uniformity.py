"""How much smoothing the data bear: as much as leaves their probability integral transform uniform."""

import math

import numpy as np
import torch

#: the statistic that a network is smoothed up to, near the median of a true law's
ACCEPTED = 1.0
#: the statistic at which a network is wrong, as 3 in 1000 true laws seem to be
REJECTED = 6.0
#: fewest and most cosines of the test
_FEWEST, _MOST = 40, 128


def n_cosines(n):
    """How many cosines the test of n points sums: their root; a mode of mass q needs some 1/q.

    >>> n_cosines(np.array([100, 10_000, 1_000_000])).tolist()
    [40, 100, 128]
    """
    return np.clip(np.sqrt(n), _FEWEST, _MOST).astype(int)


def smooth_statistic(c: np.ndarray) -> float:
    """The largest of (c_1^2 + ... + c_J^2 - J)/(2 J)^{1/2} over J, of coefficients c of shape (J,)."""
    j = np.arange(1, len(c) + 1)
    return float(np.max((np.cumsum(c**2) - j) / np.sqrt(2 * j)))


class Uniformity(torch.nn.Module):
    r"""Per replicate, the largest decay whose network is still a plausible distribution function of the data.

    If H were the truth, H(x_1), ..., H(x_N) would be uniform, and the empirical cosine coefficients
    c_j = (2/N)^{1/2} \sum_n cos(pi j H(x_n)), j = 1, 2, ..., independent standard normal variates in the
    limit. The statistic is the largest of (c_1^2 + ... + c_J^2 - J)/(2 J)^{1/2}
    over J, so that both a shifted mode (small j) and a claw (large j) are seen. A decay that keeps it
    below `ACCEPTED` is raised, one that does not is lowered: Morozov's discrepancy principle.

    Parameters
    ----------
    expected, weight : tensors of shape (R, m)
        k/(N + 1) at the chosen ranks, and the ranks' weights.
    n : tensor of shape (R, 1)
        Sizes of the samples.

    References
    ----------
    Neyman (1937), Skandinavisk Aktuarietidskrift 20, 149; Ledwina (1994), JASA 89, 1000 (choosing J);
    Morozov (1966), Soviet Math. Doklady 7, 414.
    """

    def __init__(self, expected: torch.Tensor, weight: torch.Tensor, n: torch.Tensor):
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("n", n)
        self.register_buffer("limit", torch.as_tensor(n_cosines(n.cpu().numpy())))
        self.n_cosines = int(self.limit.max())
        self.register_buffer("uniform", _cosine_sums(expected, weight, self.n_cosines))

    def statistic(self, h: torch.Tensor) -> torch.Tensor:
        """Shape (R, 1), of the transforms h of shape (R, m)."""
        # Against the cosines of k/(N + 1), not against 0: so the choice of ranks cancels.
        c = (2 * self.n).sqrt() * (_cosine_sums(h, self.weight, self.n_cosines) - self.uniform)
        j = torch.arange(1, c.shape[1] + 1, device=h.device)
        sums = ((c**2).cumsum(1) - j) / (2 * j).sqrt()
        return sums.masked_fill(j > self.limit, -torch.inf).amax(1, keepdim=True)

    def adjust(self, decay: torch.Tensor, h: torch.Tensor, rate: float) -> torch.Tensor:
        """The decay, moved by a factor exp(+-rate)."""
        return decay * torch.where(self.statistic(h) < ACCEPTED, math.exp(rate), math.exp(-rate))


def _cosine_sums(h: torch.Tensor, weight: torch.Tensor, count: int) -> torch.Tensor:
    """Weighted sums of cos(pi j h) for j = 1, ..., count, by Chebyshev's recursion; shape (R, count)."""
    cosine = torch.cos(torch.pi * h.to(weight.dtype))
    before, row, twice = weight.clone(), weight * cosine, 2 * cosine
    sums = [row.sum(1)]
    for _ in range(count - 1):
        before, row = row, before.neg_().addcmul_(twice, row)
        sums.append(row.sum(1))
    return torch.stack(sums, dim=1)
