"""The layers of :mod:`genrates.neural.autoencoder._layers` as one torch module, for training."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from genrates.neural.autoencoder._layers import PADDING, STRIDE, WINDOW

_ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "identity": lambda a: a}


class LayerStack(nn.Module):
    """A network that maps rows (n, features) to outputs (n, features), before the output's own activation.

    Parameters start at the given arrays. Torch's global random state is not touched.

    Parameters
    ----------
    layers : list of dict
        Description of each layer.
    weights, biases : list of ndarray
        Starting values, one array per layer; the weight array of a tied layer is empty.
    """

    def __init__(self, layers: list[dict], weights: list[np.ndarray], biases: list[np.ndarray]):
        super().__init__()
        self.layers = layers
        self.weights = nn.ParameterList([torch.tensor(w, dtype=torch.float32) for w in weights])
        self.biases = nn.ParameterList([torch.tensor(b, dtype=torch.float32) for b in biases])

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Evaluate the network.

        Parameters
        ----------
        rows : Tensor of shape (n, features)
            Input rows.

        Returns
        -------
        Tensor of shape (n, features)
            Outputs before the output's own activation: logits, or means.
        """
        out = rows
        for layer, w, b in zip(self.layers, self.weights, self.biases, strict=True):
            out = _ACTIVATIONS[layer["activation"]](self._linear(layer, w, b, out))
        return out

    def _linear(self, layer: dict, w, b, rows):
        """Apply a layer's linear map and bias, without its activation."""
        if layer["kind"] == "dense":
            return torch.addmm(b, rows, self.weights[layer["tied"]].T if "tied" in layer else w)
        images = rows.view(len(rows), *layer["input"])
        if layer["kind"] == "convolution":
            return functional.conv2d(images, w, b, stride=STRIDE, padding=PADDING).flatten(1)
        sizes = zip(layer["output"][1:], layer["input"][1:], strict=True)
        extra = [out - ((size - 1) * STRIDE - 2 * PADDING + WINDOW) for out, size in sizes]
        return functional.conv_transpose2d(
            images, w, b, stride=STRIDE, padding=PADDING, output_padding=extra
        ).flatten(1)

    def arrays(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Copy the weights and biases to numpy.

        Returns
        -------
        weights, biases : list of ndarray, float32
        """
        return tuple(
            [p.detach().to("cpu", torch.float32).numpy().copy() for p in part]
            for part in (self.weights, self.biases)
        )
