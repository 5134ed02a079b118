"""The velocity of vectors as a dense network in torch, for training; numpy evaluates it afterwards."""

import math
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from genrates.neural.flow_matching._dense_field import TIME_FREQUENCIES, normal_coefficient


class DenseVelocity(nn.Module):
    """A network that maps points and a time to velocities: those of a standard normal, plus dense layers.

    Parameters
    ----------
    weights : list of ndarray
        Starting values as :func:`starting_weights` gives them: matrix and bias of each layer, in turn.
    """

    #: fewest rows of a validation: few held-out rows are repeated with other times and noise
    least_held_out = 4096
    #: fewest steps of an epoch
    minimum_steps = 25

    def __init__(self, weights: list[np.ndarray]):
        super().__init__()
        self.arrays = nn.ParameterList([torch.tensor(w, dtype=torch.float32) for w in weights])

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Return the velocities.

        Parameters
        ----------
        x : Tensor of shape (n, d)
            Points, standardized.
        t : Tensor of shape (n, 1)
            Times in [0, 1].

        Returns
        -------
        Tensor of shape (n, d)
        """
        waves = [f(math.pi * k * t) for k in TIME_FREQUENCIES for f in (torch.sin, torch.cos)]
        h = torch.cat([x, t, *waves], dim=1)
        for i in range(0, len(self.arrays) - 2, 2):
            h = functional.silu(torch.addmm(self.arrays[i + 1], h, self.arrays[i]))
        return torch.addmm(self.arrays[-1], h, self.arrays[-2]) + normal_coefficient(t) * x

    def draw_times(self, u: torch.Tensor) -> torch.Tensor:
        """Map uniform numbers to the times of a training batch: uniform ones.

        Parameters
        ----------
        u : Tensor
            Uniform on (0, 1).

        Returns
        -------
        Tensor
        """
        return u

    def error(self, x: torch.Tensor, z: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Return the mean squared error of the velocity at t x + (1 - t) z, whose target is x - z.

        Parameters
        ----------
        x, z : Tensor of shape (n, d)
            Data and noise.
        t : Tensor of shape (n, 1)
            Times.

        Returns
        -------
        Tensor, scalar
        """
        return functional.mse_loss(self(t * x + (1 - t) * z, t), x - z)


def starting_weights(d: int, hidden: list[int], rng: np.random.Generator) -> list[np.ndarray]:
    """Draw the starting values: He's (2015) normal matrices, and zeros in the last layer.

    So the network begins as the velocity of a standard normal.

    Parameters
    ----------
    d : int
        Number of features.
    hidden : list of int
        Units of the hidden layers.
    rng : Generator
        Source of the weights.

    Returns
    -------
    list of ndarray, float32
        Matrix (inputs, outputs) and bias (outputs,) of each layer, in turn.
    """
    widths, arrays = [d + 1 + 2 * len(TIME_FREQUENCIES), *hidden, d], []
    for i, (a, b) in enumerate(pairwise(widths)):
        scale = (2 / a) ** 0.5 if i < len(hidden) else 0.0
        arrays += [scale * rng.standard_normal((a, b)), np.zeros(b)]
    return [array.astype(np.float32) for array in arrays]
