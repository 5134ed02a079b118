"""Many small tanh networks as one: parameters with a leading replicate axis, values and exact Jacobians."""

import math
from collections.abc import Callable

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
        return self.output_of(self._hidden(z)[-1])

    def linearize(self, z: torch.Tensor, scale: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
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
        return self.output_of(a), rows

    @torch.no_grad()
    def set_gradient(self, z: torch.Tensor, slope_of: Callable) -> torch.Tensor:
        """Set the parameters' gradients by one backward sweep, half autograd's time; returns the loss (R,).

        The points z come with a column of ones, shape (R, m, 2): weight and bias in one product. `slope_of`
        maps the output unit's activations, shape (R, m), to the loss of each replicate and its derivative in
        H, (R, k): at the first k <= m points, of which alone the loss depends there.
        """
        *hidden, a = self._hidden(z)
        loss, delta = slope_of(a)
        k = delta.shape[1]
        weights, inputs = self._effective(), [h[:, :k] for h in (z, *hidden)]
        delta = (delta * self._output_slope(a[:, :k])).unsqueeze(-1)
        for i in reversed(range(1, len(weights))):
            self._set_layer(i, weights[i], _products(inputs[i], delta), delta.sum(dim=1))
            back, curved = weights[i].transpose(-1, -2), inputs[i].square_()
            if i > 1:
                delta = delta * back if delta.shape[-1] == 1 else delta @ back
                delta.addcmul_(delta, curved, value=-1)
        first = _first_products(inputs[0], delta, back, curved)
        self._set_layer(0, weights[0], first[:, :1], first[:, 1])
        return loss

    def _set_layer(
        self, i: int, weight: torch.Tensor, of_weight: torch.Tensor, of_bias: torch.Tensor
    ) -> None:
        """Gradients of layer i, given those in its weight as it multiplies and in its bias."""
        self.weights[i].grad = of_weight * weight if self.increasing else of_weight
        self.biases[i].grad = of_bias

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
        """Outputs (R, m, units) of every hidden layer, then the activation (R, m) of the output unit.

        Points z are of shape (R, m), or (R, m, 2) with a column of ones.
        """
        out, h = [], z.unsqueeze(-1) if z.ndim == 2 else z
        weights = self._effective()
        for w, b in zip(weights[:-1], self.biases[:-1], strict=True):
            h = _hidden_layer(h, w, b)
            out.append(h)
        out.append(_one_output(h, weights[-1]) + self.biases[-1])
        return out

    def output_of(self, a: torch.Tensor) -> torch.Tensor:
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


def _one_output(h: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """h (R, m, units) times w (R, units, 1), shape (R, m)."""
    if h.dtype != torch.float32:
        return torch.bmm(h, w).squeeze(-1)
    return torch.bmm(w.transpose(1, 2), h.transpose(1, 2)).squeeze(1)  # a third of the time, as a row


def _products(inputs: torch.Tensor, delta: torch.Tensor) -> torch.Tensor:
    """Sums over points of inputs (R, m, i) times delta (R, m, o), shape (R, i, o): fast where o = 1, too."""
    if delta.shape[-1] == 1:
        return torch.bmm(delta.transpose(1, 2), inputs).transpose(1, 2)
    return torch.bmm(inputs.transpose(1, 2), delta)


def _first_products(z: torch.Tensor, delta: torch.Tensor, back: torch.Tensor, curved: torch.Tensor):
    """Sums over points of z (R, m, 2) times the slopes at the first layer, shape (R, 2, units).

    The slopes are (delta back)(1 - curved), for delta (R, m, o), back (R, o, units), curved (R, m, units).
    Where o = 1, as with one hidden layer, the sums need no slope of each point.
    """
    if delta.shape[-1] > 1:
        return torch.bmm(z.transpose(1, 2), delta @ back * (1 - curved))
    delta = delta.transpose(1, 2)
    rows = torch.cat([z[..., :1].transpose(1, 2) * delta, delta], dim=1)
    return back * (rows.sum(dim=2, keepdim=True) - torch.bmm(rows, curved))


def _hidden_layer(h: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """tanh(h w + b), shape (R, m, units).

    Without a gradient as 2 s(2 h w + 2 b) - 1 with the logistic function s: right to the last bits of 1, in a
    quarter of the time.
    """
    if torch.is_grad_enabled():
        return torch.tanh(_affine(h, w, b))
    out = _affine(h, 2 * w, 2 * b).sigmoid_()
    return torch.add(out.new_tensor(-1), out, alpha=2, out=out)


def _affine(h: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """h w + b for h (R, m, inputs), or with a column of ones (R, m, inputs + 1)."""
    if h.shape[2] > w.shape[1]:
        return torch.bmm(h, torch.cat([w, b.unsqueeze(1)], dim=1))
    if w.shape[1] == 1:
        return torch.addcmul(b.unsqueeze(1), h, w)
    return torch.baddbmm(b.unsqueeze(1), h, w)
