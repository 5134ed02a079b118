"""Layers of an autoencoder as plain data, and their values in numpy: a fitted model needs no torch.

A layer is a dict: its kind, its activation, and the shapes that it maps between. Weights are arrays beside it
in a list of their own: dense (inputs, outputs); convolution (outputs, inputs, 4, 4); transposed convolution
(inputs, outputs, 4, 4), as torch has them.
"""

import math
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

ACTIVATIONS = ("sigmoid", "tanh", "relu")
#: a convolution halves the picture: 4 x 4 windows, every second place, one pixel of zeros around
WINDOW, STRIDE, PADDING = 4, 2, 1
#: rows of a convolution that are in memory as windows at once
_CHUNK = 128


def dense_layers(widths: list[int], activation: str, code: str, tied: bool) -> tuple[list[dict], int]:
    """Layers of widths[0] -> ... -> widths[-1] -> ... -> widths[0], and how many belong to the encoder.

    The code's activation is `code`, that of the output "identity". With `tied` the decoder's matrices are the
    encoder's, transposed.
    """
    n = len(widths) - 1
    there = [_dense(a, b, activation) for a, b in pairwise(widths)]
    there[-1]["activation"] = code
    back = [_dense(layer["output"], layer["input"], activation) for layer in reversed(there)]
    back[-1]["activation"] = "identity"
    if tied:
        for i, layer in enumerate(back):
            layer["tied"] = n - 1 - i
    return there + back, n


def convolutional_layers(
    image_shape: tuple[int, int], widths: list[int], activation: str, code: str
) -> tuple[list[dict], int]:
    """Convolutions with channels widths[:-1], a dense code of widths[-1] units, and the same way back."""
    shapes = [(1, *image_shape)]
    for channels in widths[:-1]:
        shapes.append((channels, *((s + 2 * PADDING - WINDOW) // STRIDE + 1 for s in shapes[-1][1:])))
    flat = math.prod(shapes[-1])
    there = [_folded("convolution", a, b, activation) for a, b in pairwise(shapes)]
    there.append(_dense(flat, widths[-1], code))
    back = [_dense(widths[-1], flat, activation)]
    back += [_folded("transposed", layer["output"], layer["input"], activation) for layer in there[-2::-1]]
    back[-1]["activation"] = "identity"
    return there + back, len(there)


def _dense(inputs: int, outputs: int, activation: str) -> dict:
    return {"kind": "dense", "input": inputs, "output": outputs, "activation": activation}


def _folded(kind: str, inputs: tuple, outputs: tuple, activation: str) -> dict:
    return {"kind": kind, "input": inputs, "output": outputs, "activation": activation}


def starting_weights(layers: list[dict], bias: np.ndarray, rng: np.random.Generator) -> tuple[list, list]:
    """Glorot's (2010) uniform weights, biases of zero but for the output's, which is `bias`; float32.

    A tied layer's matrix is stored once: its own place holds an empty array.
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
        # units that meet in one sum on the way there, and on the way back: a transposed convolution
        # adds a quarter of its windows in each pixel
        area = 1 if layer["kind"] == "dense" else WINDOW**2
        fans = sum(shape[:2]) * (area if layer["kind"] != "transposed" else area / STRIDE**2)
        reach = math.sqrt(6 / fans) if fans else 0.0
        weights.append(rng.uniform(-reach, reach, shape).astype(np.float32))
        outputs = layer["output"] if layer["kind"] == "dense" else layer["output"][0]
        biases.append(np.zeros(outputs, dtype=np.float32))
    biases[-1] = np.broadcast_to(bias if layers[-1]["kind"] == "dense" else bias.mean(), biases[-1].shape)
    biases[-1] = biases[-1].astype(np.float32)
    return weights, biases


class NumpyStack:
    """Consecutive layers, evaluated in numpy, in float32, into arrays that are kept from call to call.

    Parameters
    ----------
    layers : list of dict
    weights, biases : list of ndarray
        Of all layers of the network; a tied layer looks its matrix up there.
    first, last : int
        Which layers: `layers[first:last]`.
    """

    def __init__(self, layers: list[dict], weights: list, biases: list, first: int = 0, last=None):
        self._steps = []
        for i in range(first, len(layers) if last is None else last):
            layer = layers[i]
            w = weights[layer["tied"]].T if "tied" in layer else weights[i]
            self._steps.append((layer, w, biases[i]))
        self._kept: dict[int, np.ndarray] = {}

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Outputs of shape (n, outputs), overwritten by the next call with as many rows.

        Complexity: O(n W) for W weights (times the places where a convolution uses each).
        """
        out = rows
        for i, (layer, w, b) in enumerate(self._steps):
            if layer["kind"] == "dense":
                target = self._array(i, (len(out), layer["output"]))
                np.matmul(out, w, out=target)
                target += b
            else:
                target = self._array(i, (len(out), math.prod(layer["output"])))
                convolve = _convolved if layer["kind"] == "convolution" else _spread
                for start in range(0, len(out), _CHUNK):
                    part = slice(start, start + _CHUNK)
                    target[part] = convolve(out[part], layer, w, b)
            activate(target, layer["activation"])
            out = target
        return out

    def _array(self, i: int, shape: tuple[int, int]) -> np.ndarray:
        if i not in self._kept or self._kept[i].shape != shape:
            self._kept[i] = np.empty(shape, dtype=np.float32)
        return self._kept[i]


def activate(values: np.ndarray, activation: str) -> None:
    """Apply an activation in place; the sigmoid as a hyperbolic tangent, which numpy has in vector units."""
    if activation == "sigmoid":
        values *= np.float32(0.5)
        np.tanh(values, out=values)
        values += np.float32(1)
        values *= np.float32(0.5)
    elif activation == "tanh":
        np.tanh(values, out=values)
    elif activation == "relu":
        np.maximum(values, np.float32(0), out=values)


def _convolved(rows: np.ndarray, layer: dict, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    n, (channels, high, wide) = len(rows), layer["output"]
    images = np.pad(rows.reshape(n, *layer["input"]), ((0, 0), (0, 0), (PADDING,) * 2, (PADDING,) * 2))
    windows = sliding_window_view(images, (WINDOW, WINDOW), axis=(2, 3))[:, :, ::STRIDE, ::STRIDE]
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * high * wide, -1)
    out = columns @ w.reshape(channels, -1).T + b
    return out.reshape(n, high * wide, channels).transpose(0, 2, 1).reshape(n, -1)


def _spread(rows: np.ndarray, layer: dict, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A transposed convolution: each input pixel adds its window to the output."""
    n, (inputs, h0, w0), (channels, high, wide) = len(rows), layer["input"], layer["output"]
    pixels = rows.reshape(n, inputs, h0 * w0).transpose(0, 2, 1).reshape(n * h0 * w0, inputs)
    windows = (pixels @ w.reshape(inputs, -1)).reshape(n, h0, w0, channels, WINDOW, WINDOW)
    out = np.zeros((n, channels, max(2 * h0 + 2, high + 2), max(2 * w0 + 2, wide + 2)), dtype=np.float32)
    for i in range(WINDOW):
        for j in range(WINDOW):
            part = windows[..., i, j].transpose(0, 3, 1, 2)
            out[:, :, i : i + STRIDE * h0 : STRIDE, j : j + STRIDE * w0 : STRIDE] += part
    inner = out[:, :, PADDING : PADDING + high, PADDING : PADDING + wide]
    return (inner + b[:, None, None]).reshape(n, -1)
