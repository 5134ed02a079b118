"""The amount of smoothing: as much as leaves the probability integral transform of the data uniform."""

import math

import numpy as np
import torch

#: a network is smoothed until the statistic reaches this value, near the median of a true law's statistic
ACCEPTED = 1.0
#: above this value a network is rejected, which happens to a true law in 3 of 1000 data sets
REJECTED = 6.0
#: fewest and most cosines of the test
_MIN_COSINES, _MAX_COSINES = 40, 128


def n_cosines(n):
    """Return the number of cosines in the test of n points.

    It is the root of n, within limits; a mode of mass q needs about 1/q cosines.

    Parameters
    ----------
    n : int or ndarray of int
        Numbers of points.

    Returns
    -------
    ndarray of int
        Between 40 and 128.

    Examples
    --------
    >>> n_cosines(np.array([100, 10_000, 1_000_000])).tolist()
    [40, 100, 128]
    """
    return np.clip(np.sqrt(n), _MIN_COSINES, _MAX_COSINES).astype(int)


def smooth_statistic(c: np.ndarray) -> float:
    """Return the largest of (c_1^2 + ... + c_J^2 - J)/(2 J)^{1/2} over J.

    Parameters
    ----------
    c : ndarray of shape (J_max,)
        Cosine coefficients.

    Returns
    -------
    float
    """
    j = np.arange(1, len(c) + 1)
    return float(np.max((np.cumsum(c**2) - j) / np.sqrt(2 * j)))


class Uniformity(torch.nn.Module):
    r"""Choice of each replicate's decay: the largest one under which the network is plausible for the data.

    If H were the truth, H(x_1), ..., H(x_N) would be uniform, and the empirical cosine coefficients c_j =
    (2/N)^{1/2} \sum_n cos(pi j H(x_n)), j = 1, 2, ..., would in the limit be independent standard normal
    variates. The statistic is the largest of (c_1^2 + ... + c_J^2 - J)/(2 J)^{1/2} over J, so it detects both
    a shifted mode (small j) and a claw (large j). A decay that keeps it below `ACCEPTED` is raised, another
    one is lowered: Morozov's discrepancy principle.

    Parameters
    ----------
    expected, weight : tensors of shape (R, m)
        k/(N + 1) at the chosen ranks, and the ranks' weights.
    n : tensor of shape (R, 1)
        Sizes of the training sets.

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
        """Return the smooth statistic of each replicate's transforms.

        Parameters
        ----------
        h : Tensor of shape (R, m)
            Transforms H(x) at the ranks.

        Returns
        -------
        Tensor of shape (R, 1)
        """
        # Compared with the cosines of k/(N + 1) instead of 0, so that the choice of ranks cancels.
        c = (2 * self.n).sqrt() * (_cosine_sums(h, self.weight, self.n_cosines) - self.uniform)
        j = torch.arange(1, c.shape[1] + 1, device=h.device)
        sums = ((c**2).cumsum(1) - j) / (2 * j).sqrt()
        return sums.masked_fill(j > self.limit, -torch.inf).amax(1, keepdim=True)

    def adjust(self, decay: torch.Tensor, h: torch.Tensor, rate: float) -> torch.Tensor:
        """Raise or lower each decay by a factor exp(rate).

        Parameters
        ----------
        decay : Tensor of shape (R, 1)
            Decays.
        h : Tensor of shape (R, m)
            Transforms H(x) at the ranks.
        rate : float
            Logarithm of the factor.

        Returns
        -------
        Tensor of shape (R, 1)
        """
        return decay * torch.where(self.statistic(h) < ACCEPTED, math.exp(rate), math.exp(-rate))


def _cosine_sums(h: torch.Tensor, weight: torch.Tensor, count: int) -> torch.Tensor:
    """Return weighted sums of cos(pi j h), j = 1, ..., count, by Chebyshev's recursion, shape (R, count)."""
    cosine = torch.cos(torch.pi * h.to(weight.dtype))
    previous, current, twice_cosine = weight.clone(), weight * cosine, 2 * cosine
    sums = [current.sum(1)]
    for _ in range(count - 1):
        previous, current = current, previous.neg_().addcmul_(twice_cosine, current)
        sums.append(current.sum(1))
    return torch.stack(sums, dim=1)
