"""Many small tanh networks as one: parameters with a leading replicate axis, values and exact Jacobians."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

_SQRT_2PI = math.sqrt(2 * math.pi)


class BatchedNetwork(nn.Module):
    """R networks z -> H(z) of equal shape, with values in (0, 1) unless the output unit is linear.

    Parameters
    ----------
    layers : list of R lists of (weight (inputs, outputs), bias (outputs,)) arrays
        Starting parameters of each replicate; the first layer has one input, the last one output.
    output : {"erf", "sigmoid", "identity"}, default="erf"
        The output unit.
    increasing : bool, default=False
        True stores the logarithms of the weights, which must start positive: then the network is increasing
        by construction.
    dtype : torch.dtype, default=torch.float64
        Type of parameters and values. Normal equations need float64; a gradient does not.
    """

    def __init__(self, layers: list, output: str = "erf", increasing: bool = False, dtype=torch.float64):
        super().__init__()
        self.output, self.increasing = output, increasing
        stacked = [[np.stack([net[i][j] for net in layers]) for j in (0, 1)] for i in range(len(layers[0]))]
        weights = [np.log(w) if increasing else w for w, _ in stacked]
        self.weights = nn.ParameterList([torch.tensor(w, dtype=dtype) for w in weights])
        self.biases = nn.ParameterList([torch.tensor(b, dtype=dtype) for _, b in stacked])

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return H at z.

        Parameters
        ----------
        z : Tensor of shape (R, m)
            Points.

        Returns
        -------
        Tensor of shape (R, m)
        """
        return self.apply_output_unit(self._activations(z)[-1])

    def linearize(self, z: torch.Tensor, scale: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return H at z and its derivative in the parameters, by one backward sweep.

        Parameters
        ----------
        z : Tensor of shape (R, m)
            Points.
        scale : Tensor of shape (R, m)
            Factor that multiplies the derivative at each point.

        Returns
        -------
        value : Tensor of shape (R, m)
            H, not scaled.
        jacobian : Tensor of shape (R, m, P)
            Scaled derivative; its P columns are ordered like :meth:`flat`.
        """
        *hidden, a = self._activations(z)
        weights = self._effective_weights()
        inputs = [z.unsqueeze(-1), *hidden]
        sizes = [p[0].numel() for pair in zip(self.weights, self.biases, strict=True) for p in pair]
        jacobian = a.new_empty((*a.shape, sum(sizes)))
        columns = jacobian.split(sizes, dim=-1)
        delta = (self._output_slope(a) * scale).unsqueeze(-1)
        for i in reversed(range(len(weights))):
            outer = columns[2 * i].unflatten(-1, weights[i].shape[1:])
            torch.mul(inputs[i].unsqueeze(-1), delta.unsqueeze(-2), out=outer)
            if self.increasing:
                outer.mul_(weights[i].unsqueeze(1))
            columns[2 * i + 1].copy_(delta)
            if i:
                delta = (delta @ weights[i].transpose(-1, -2)).mul_(1 - inputs[i] ** 2)
        return self.apply_output_unit(a), jacobian

    @torch.no_grad()
    def set_gradient(self, z: torch.Tensor, slope_of: Callable) -> torch.Tensor:
        """Set the parameters' gradients by one backward sweep, and return the loss.

        Parameters
        ----------
        z : Tensor of shape (R, m, 2)
            Points with a column of ones, so that weight and bias are one product.
        slope_of : callable
            Maps the output unit's activations, shape (R, m), to the loss of each replicate, shape (R,), and
            the loss's derivative in H at the first k <= m points, shape (R, k). The loss must not depend on
            the others.

        Returns
        -------
        Tensor of shape (R,)
            The loss.
        """
        *hidden, a = self._activations(z)
        loss, delta = slope_of(a)
        k = delta.shape[1]
        weights, inputs = self._effective_weights(), [h[:, :k] for h in (z, *hidden)]
        delta = (delta * self._output_slope(a[:, :k])).unsqueeze(-1)
        for i in reversed(range(1, len(weights))):
            self._set_layer(i, weights[i], _sum_products(inputs[i], delta), delta.sum(dim=1))
            back_weight, squared = weights[i].transpose(-1, -2), inputs[i].square_()
            if i > 1:
                delta = delta * back_weight if delta.shape[-1] == 1 else delta @ back_weight
                delta.addcmul_(delta, squared, value=-1)
        first = _sum_first_layer_products(inputs[0], delta, back_weight, squared)
        self._set_layer(0, weights[0], first[:, :1], first[:, 1])
        return loss

    def _set_layer(
        self, i: int, weight: torch.Tensor, weight_gradient: torch.Tensor, bias_gradient: torch.Tensor
    ) -> None:
        """Set the gradients of layer i from those in its effective weight and in its bias."""
        self.weights[i].grad = weight_gradient * weight if self.increasing else weight_gradient
        self.biases[i].grad = bias_gradient

    def steepness(self) -> torch.Tensor:
        """Return the first layer's effective weights.

        Returns
        -------
        Tensor of shape (R, units)
        """
        return self._effective_weights()[0].flatten(1)

    def steepness_derivative(self) -> torch.Tensor:
        """Return the derivative of the first layer's effective weights in the parameters that store them.

        Returns
        -------
        Tensor of shape (R, units)
        """
        return self.steepness() if self.increasing else torch.ones_like(self.weights[0]).flatten(1)

    def flat(self) -> torch.Tensor:
        """Return all parameters of each replicate in one row: weight, bias, weight, bias, ...

        Returns
        -------
        Tensor of shape (R, P)
        """
        pairs = zip(self.weights, self.biases, strict=True)
        return torch.cat([p.flatten(1) for pair in pairs for p in pair], dim=1)

    def assign(self, flat: torch.Tensor) -> None:
        """Set all parameters.

        Parameters
        ----------
        flat : Tensor of shape (R, P)
            Parameters, ordered like :meth:`flat`.
        """
        start = 0
        for pair in zip(self.weights, self.biases, strict=True):
            for p in pair:
                size = p[0].numel()
                p.data.copy_(flat[:, start : start + size].view_as(p))
                start += size

    def numpy_layers(self) -> list:
        """Return the layers of each network, with effective weights.

        Returns
        -------
        list of R lists of (weight, bias) arrays, float64
        """
        w = [p.detach().cpu().double().numpy() for p in self._effective_weights()]
        b = [p.detach().cpu().double().numpy() for p in self.biases]
        return [[(w[i][r].copy(), b[i][r].copy()) for i in range(len(w))] for r in range(len(w[0]))]

    def _effective_weights(self) -> list:
        """Return the weights as they multiply, which may be stored as logarithms."""
        return [w.exp() for w in self.weights] if self.increasing else list(self.weights)

    def _activations(self, z: torch.Tensor) -> list[torch.Tensor]:
        """Return the outputs (R, m, units) of each hidden layer, then the output unit's activation (R, m)."""
        activations, h = [], z.unsqueeze(-1) if z.ndim == 2 else z
        weights = self._effective_weights()
        for w, b in zip(weights[:-1], self.biases[:-1], strict=True):
            h = _hidden_layer(h, w, b)
            activations.append(h)
        activations.append(_output_activation(h, weights[-1]) + self.biases[-1])
        return activations

    def apply_output_unit(self, a: torch.Tensor) -> torch.Tensor:
        """Apply the output unit to its activations.

        Parameters
        ----------
        a : Tensor
            Activations.

        Returns
        -------
        Tensor of the same shape
        """
        if self.output == "identity":
            return a
        return torch.special.ndtr(a) if self.output == "erf" else torch.sigmoid(a)

    def _output_slope(self, a: torch.Tensor) -> torch.Tensor:
        """Return the derivative of the output unit at its activations."""
        if self.output == "identity":
            return torch.ones_like(a)
        if self.output == "erf":
            return torch.exp(-0.5 * a * a) / _SQRT_2PI
        s = torch.sigmoid(a)
        return s * (1 - s)


def _output_activation(h: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """Return h (R, m, units) times w (R, units, 1), shape (R, m)."""
    if h.dtype != torch.float32:
        return torch.bmm(h, w).squeeze(-1)
    # as a row, which torch multiplies faster
    return torch.bmm(w.transpose(1, 2), h.transpose(1, 2)).squeeze(1)


def _sum_products(inputs: torch.Tensor, delta: torch.Tensor) -> torch.Tensor:
    """Sum inputs (R, m, i) times delta (R, m, o) over the points, shape (R, i, o)."""
    if delta.shape[-1] == 1:
        return torch.bmm(delta.transpose(1, 2), inputs).transpose(1, 2)
    return torch.bmm(inputs.transpose(1, 2), delta)


def _sum_first_layer_products(
    z: torch.Tensor, delta: torch.Tensor, back_weight: torch.Tensor, squared: torch.Tensor
):
    """Sum z (R, m, 2) times the first layer's slopes over the points.

    The slopes are (delta back_weight)(1 - squared), for delta (R, m, o), back_weight (R, o, units) and
    squared (R, m, units). Where o = 1, as with one hidden layer, the sums are found without the slope of each
    point.

    Returns
    -------
    Tensor of shape (R, 2, units)
    """
    if delta.shape[-1] > 1:
        return torch.bmm(z.transpose(1, 2), delta @ back_weight * (1 - squared))
    delta = delta.transpose(1, 2)
    moments = torch.cat([z[..., :1].transpose(1, 2) * delta, delta], dim=1)
    return back_weight * (moments.sum(dim=2, keepdim=True) - torch.bmm(moments, squared))


def _hidden_layer(h: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return tanh(h w + b).

    Without a gradient it is computed as 2 s(2 h w + 2 b) - 1 with the logistic function s, which torch
    evaluates faster; its error is in the last bits of 1.

    Returns
    -------
    Tensor of shape (R, m, units)
    """
    if torch.is_grad_enabled():
        return torch.tanh(_affine(h, w, b))
    out = _affine(h, 2 * w, 2 * b).sigmoid_()
    return torch.add(out.new_tensor(-1), out, alpha=2, out=out)


def _affine(h: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return h w + b for h (R, m, inputs), or for h with a column of ones (R, m, inputs + 1)."""
    if h.shape[2] > w.shape[1]:
        return torch.bmm(h, torch.cat([w, b.unsqueeze(1)], dim=1))
    if w.shape[1] == 1:
        return torch.addcmul(b.unsqueeze(1), h, w)
    return torch.baddbmm(b.unsqueeze(1), h, w)
