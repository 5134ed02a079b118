"""The layers of an autoencoder as plain data, and their evaluation in numpy: a fitted model needs no torch.

A layer is a dict of its kind, its activation and the shapes it maps between. The weights are kept in a list
of their own, with torch's shapes: dense (inputs, outputs), convolution (outputs, inputs, 4, 4), transposed
convolution (inputs, outputs, 4, 4).
"""

import math
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

ACTIVATIONS = ("sigmoid", "tanh", "relu")
#: a convolution halves the image: 4 x 4 windows, stride 2, a border of zeros one pixel wide
WINDOW, STRIDE, PADDING = 4, 2, 1
#: rows whose convolution windows are in memory at once
_CHUNK = 128


def dense_layers(widths: list[int], activation: str, code: str, tied: bool) -> tuple[list[dict], int]:
    """Describe the dense layers widths[0] -> ... -> widths[-1] -> ... -> widths[0].

    Parameters
    ----------
    widths : list of int
        Units from the input to the code; the decoder mirrors them.
    activation : str
        Activation of the hidden layers. The output's activation is "identity".
    code : str
        Activation of the code.
    tied : bool
        Whether the decoder's matrices are the encoder's, transposed.

    Returns
    -------
    layers : list of dict
        All layers.
    n_encoder : int
        How many of them belong to the encoder.
    """
    n = len(widths) - 1
    encoder = [_dense_layer(a, b, activation) for a, b in pairwise(widths)]
    encoder[-1]["activation"] = code
    decoder = [_dense_layer(layer["output"], layer["input"], activation) for layer in reversed(encoder)]
    decoder[-1]["activation"] = "identity"
    if tied:
        for i, layer in enumerate(decoder):
            layer["tied"] = n - 1 - i
    return encoder + decoder, n


def convolutional_layers(
    image_shape: tuple[int, int], widths: list[int], activation: str, code: str
) -> tuple[list[dict], int]:
    """Describe convolutions with a dense code, and the mirrored decoder.

    Parameters
    ----------
    image_shape : (rows, columns)
        Shape of the images.
    widths : list of int
        Channels of the convolutions, then the units of the code.
    activation : str
        Activation of the hidden layers. The output's activation is "identity".
    code : str
        Activation of the code.

    Returns
    -------
    layers : list of dict
        All layers.
    n_encoder : int
        How many of them belong to the encoder.
    """
    shapes = [(1, *image_shape)]
    for channels in widths[:-1]:
        shapes.append((channels, *((s + 2 * PADDING - WINDOW) // STRIDE + 1 for s in shapes[-1][1:])))
    flat = math.prod(shapes[-1])
    encoder = [_convolution_layer("convolution", a, b, activation) for a, b in pairwise(shapes)]
    encoder.append(_dense_layer(flat, widths[-1], code))
    decoder = [_dense_layer(widths[-1], flat, activation)]
    decoder += [
        _convolution_layer("transposed", layer["output"], layer["input"], activation)
        for layer in encoder[-2::-1]
    ]
    decoder[-1]["activation"] = "identity"
    return encoder + decoder, len(encoder)


def _dense_layer(inputs: int, outputs: int, activation: str) -> dict:
    """Describe a dense layer."""
    return {"kind": "dense", "input": inputs, "output": outputs, "activation": activation}


def _convolution_layer(kind: str, inputs: tuple, outputs: tuple, activation: str) -> dict:
    """Describe a convolution or a transposed convolution."""
    return {"kind": kind, "input": inputs, "output": outputs, "activation": activation}


def starting_weights(layers: list[dict], bias: np.ndarray, rng: np.random.Generator) -> tuple[list, list]:
    """Draw Glorot's (2010) uniform weights; biases are zero except the output's.

    Parameters
    ----------
    layers : list of dict
        The layers.
    bias : ndarray of shape (features,)
        Bias of the output; a transposed convolution takes its mean.
    rng : Generator
        Source of the weights.

    Returns
    -------
    weights, biases : list of ndarray, float32
        The matrix of a tied layer is stored once, with the encoder; the tied layer's own array is empty.
    """
    weights, biases = [], []
    for layer in layers:
        if "tied" in layer:
            shape = (0,)
        elif layer["kind"] == "dense":
            shape = (layer["input"], layer["output"])
        elif layer["kind"] == "convolution":
            shape = (layer["output"][0], layer["input"][0], WINDOW, WINDOW)
        else:
            shape = (layer["input"][0], layer["output"][0], WINDOW, WINDOW)
        # Glorot's sum of fan-in and fan-out. In a transposed convolution only a quarter of the window
        # positions contribute to each output pixel.
        area = 1 if layer["kind"] == "dense" else WINDOW**2
        fans = sum(shape[:2]) * (area if layer["kind"] != "transposed" else area / STRIDE**2)
        bound = math.sqrt(6 / fans) if fans else 0.0
        weights.append(rng.uniform(-bound, bound, shape).astype(np.float32))
        outputs = layer["output"] if layer["kind"] == "dense" else layer["output"][0]
        biases.append(np.zeros(outputs, dtype=np.float32))
    biases[-1] = np.broadcast_to(bias if layers[-1]["kind"] == "dense" else bias.mean(), biases[-1].shape)
    biases[-1] = biases[-1].astype(np.float32)
    return weights, biases


class NumpyStack:
    """Consecutive layers, evaluated in numpy and float32, into buffers that are reused from call to call.

    Parameters
    ----------
    layers : list of dict
        All layers of the network.
    weights, biases : list of ndarray
        Of all layers of the network, since a tied layer takes its matrix from another one.
    first, last : int
        Evaluate `layers[first:last]`.
    """

    def __init__(self, layers: list[dict], weights: list, biases: list, first: int = 0, last=None):
        self._steps = []
        for i in range(first, len(layers) if last is None else last):
            layer = layers[i]
            w = weights[layer["tied"]].T if "tied" in layer else weights[i]
            self._steps.append((layer, w, biases[i]))
        self._buffers: dict[int, np.ndarray] = {}

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Evaluate the layers on rows.

        Complexity: O(n W) for W weights (times the positions of a convolution's window).

        Returns
        -------
        ndarray of shape (n, outputs), float32
            Overwritten by the next call with the same number of rows.
        """
        out = rows
        for i, (layer, w, b) in enumerate(self._steps):
            if layer["kind"] == "dense":
                target = self._buffer(i, (len(out), layer["output"]))
                np.matmul(out, w, out=target)
                target += b
            else:
                target = self._buffer(i, (len(out), math.prod(layer["output"])))
                convolve = _convolve if layer["kind"] == "convolution" else _convolve_transposed
                for start in range(0, len(out), _CHUNK):
                    part = slice(start, start + _CHUNK)
                    target[part] = convolve(out[part], layer, w, b)
            activate(target, layer["activation"])
            out = target
        return out

    def _buffer(self, i: int, shape: tuple[int, int]) -> np.ndarray:
        """Return the output buffer of layer i, allocated anew where its shape has changed."""
        if i not in self._buffers or self._buffers[i].shape != shape:
            self._buffers[i] = np.empty(shape, dtype=np.float32)
        return self._buffers[i]


def activate(values: np.ndarray, activation: str) -> None:
    """Apply an activation in place.

    The sigmoid is computed from the hyperbolic tangent, which numpy vectorizes.

    Parameters
    ----------
    values : ndarray, float32
        Values, overwritten.
    activation : {"sigmoid", "tanh", "relu", "identity"}
        The activation.
    """
    if activation == "sigmoid":
        values *= np.float32(0.5)
        np.tanh(values, out=values)
        values += np.float32(1)
        values *= np.float32(0.5)
    elif activation == "tanh":
        np.tanh(values, out=values)
    elif activation == "relu":
        np.maximum(values, np.float32(0), out=values)


def _convolve(rows: np.ndarray, layer: dict, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the convolution of each row's image, flattened to rows."""
    n, (channels, height, width) = len(rows), layer["output"]
    images = np.pad(rows.reshape(n, *layer["input"]), ((0, 0), (0, 0), (PADDING,) * 2, (PADDING,) * 2))
    windows = sliding_window_view(images, (WINDOW, WINDOW), axis=(2, 3))[:, :, ::STRIDE, ::STRIDE]
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * height * width, -1)
    out = columns @ w.reshape(channels, -1).T + b
    return out.reshape(n, height * width, channels).transpose(0, 2, 1).reshape(n, -1)


def _convolve_transposed(rows: np.ndarray, layer: dict, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the transposed convolution: each input pixel adds its window to the output."""
    n, (inputs, h0, w0), (channels, height, width) = len(rows), layer["input"], layer["output"]
    pixels = rows.reshape(n, inputs, h0 * w0).transpose(0, 2, 1).reshape(n * h0 * w0, inputs)
    windows = (pixels @ w.reshape(inputs, -1)).reshape(n, h0, w0, channels, WINDOW, WINDOW)
    out = np.zeros((n, channels, max(2 * h0 + 2, height + 2), max(2 * w0 + 2, width + 2)), dtype=np.float32)
    for i in range(WINDOW):
        for j in range(WINDOW):
            part = windows[..., i, j].transpose(0, 3, 1, 2)
            out[:, :, i : i + STRIDE * h0 : STRIDE, j : j + STRIDE * w0 : STRIDE] += part
    inner = out[:, :, PADDING : PADDING + height, PADDING : PADDING + width]
    return (inner + b[:, None, None]).reshape(n, -1)
