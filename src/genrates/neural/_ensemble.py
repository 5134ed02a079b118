"""Many small tanh networks as one: parameters with a leading replicate axis, values and exact Jacobians."""

import math

import numpy as np
import torch
from torch import nn

_SQRT_2PI = math.sqrt(2 * math.pi)


class BatchedNetwork(nn.Module):
    """R networks z -> H(z) of equal shape, onto (0, 1) unless the output unit is linear.

    Parameters
    ----------
    layers : list of R lists of (weight (inputs, outputs), bias (outputs,)) arrays
        Where each replicate starts; the first layer has one input, the last one output.
    output : {"erf", "sigmoid", "identity"}
        The output unit.
    increasing : bool
        True stores the logarithms of the weights, which must be positive at the start: the network is then
        increasing by construction.
    dtype : torch.dtype
        Of parameters and values. Normal equations need float64; a gradient does not.
    """

    def __init__(self, layers: list, output: str = "erf", increasing: bool = False, dtype=torch.float64):
        super().__init__()
        self.output, self.increasing = output, increasing
        stacked = [[np.stack([net[i][j] for net in layers]) for j in (0, 1)] for i in range(len(layers[0]))]
        weights = [np.log(w) if increasing else w for w, _ in stacked]
        self.weights = nn.ParameterList([torch.tensor(w, dtype=dtype) for w in weights])
        self.biases = nn.ParameterList([torch.tensor(b, dtype=dtype) for _, b in stacked])

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """H at z; both of shape (R, m)."""
        return self._output(self._hidden(z)[-1])

    def linearise(self, z: torch.Tensor, scale: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """H at z, shape (R, m), and its derivative in the parameters, shape (R, m, P), by one backward sweep.

        The derivative is multiplied by `scale`, shape (R, m). Its P columns are ordered like :meth:`flat`.
        """
        *hidden, a = self._hidden(z)
        weights = self._effective()
        inputs = [z.unsqueeze(-1), *hidden]
        sizes = [p[0].numel() for pair in zip(self.weights, self.biases, strict=True) for p in pair]
        rows = a.new_empty((*a.shape, sum(sizes)))
        columns = rows.split(sizes, dim=-1)
        delta = (self._output_slope(a) * scale).unsqueeze(-1)
        for i in reversed(range(len(weights))):
            outer = columns[2 * i].unflatten(-1, weights[i].shape[1:])
            torch.mul(inputs[i].unsqueeze(-1), delta.unsqueeze(-2), out=outer)
            if self.increasing:
                outer.mul_(weights[i].unsqueeze(1))
            columns[2 * i + 1].copy_(delta)
            if i:
                delta = (delta @ weights[i].transpose(-1, -2)).mul_(1 - inputs[i] ** 2)
        return self._output(a), rows

    def steepness(self) -> torch.Tensor:
        """The first layer's weights as they multiply, shape (R, units)."""
        return self._effective()[0].flatten(1)

    def steepness_slope(self) -> torch.Tensor:
        """Their derivative in the parameters that store them, shape (R, units)."""
        return self.steepness() if self.increasing else torch.ones_like(self.weights[0]).flatten(1)

    def flat(self) -> torch.Tensor:
        """All parameters, shape (R, P): weight, bias, weight, bias, ..."""
        pairs = zip(self.weights, self.biases, strict=True)
        return torch.cat([p.flatten(1) for pair in pairs for p in pair], dim=1)

    def assign(self, flat: torch.Tensor) -> None:
        """Set all parameters from a tensor ordered like :meth:`flat`."""
        at = 0
        for pair in zip(self.weights, self.biases, strict=True):
            for p in pair:
                size = p[0].numel()
                p.data.copy_(flat[:, at : at + size].view_as(p))
                at += size

    def numpy_layers(self) -> list:
        """The R networks' (weight, bias) pairs as float64 arrays, weights as they multiply."""
        w = [p.detach().cpu().double().numpy() for p in self._effective()]
        b = [p.detach().cpu().double().numpy() for p in self.biases]
        return [[(w[i][r].copy(), b[i][r].copy()) for i in range(len(w))] for r in range(len(w[0]))]

    def _effective(self) -> list:
        return [w.exp() for w in self.weights] if self.increasing else list(self.weights)

    def _hidden(self, z: torch.Tensor) -> list[torch.Tensor]:
        """Outputs (R, m, units) of every hidden layer, then the activation (R, m) of the output unit."""
        out, h = [], z.unsqueeze(-1)
        weights = self._effective()
        for w, b in zip(weights[:-1], self.biases[:-1], strict=True):
            h = torch.tanh(_of_one_input(h, w, b) if w.shape[1] == 1 else torch.baddbmm(b.unsqueeze(1), h, w))
            out.append(h)
        out.append(torch.bmm(h, weights[-1]).squeeze(-1) + self.biases[-1])
        return out

    def _output(self, a: torch.Tensor) -> torch.Tensor:
        if self.output == "identity":
            return a
        return torch.special.ndtr(a) if self.output == "erf" else torch.sigmoid(a)

    def _output_slope(self, a: torch.Tensor) -> torch.Tensor:
        if self.output == "identity":
            return torch.ones_like(a)
        if self.output == "erf":
            return torch.exp(-0.5 * a * a) / _SQRT_2PI
        s = torch.sigmoid(a)
        return s * (1 - s)


def _of_one_input(z: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """z w + b for z (R, m, 1), w (R, 1, units), b (R, units)."""
    if not torch.is_grad_enabled():
        return torch.addcmul(b.unsqueeze(1), z, w)
    # One product has a cheaper gradient than a broadcast factor and a broadcast term.
    return torch.bmm(torch.cat([z, torch.ones_like(z)], dim=2), torch.cat([w, b.unsqueeze(1)], dim=1))
