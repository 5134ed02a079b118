"""Where a neural CDF starts: units spread over the data's quantiles, the output layer by least squares."""

from itertools import pairwise

import numpy as np
from scipy.special import ndtri

from genrates.neural._order_statistics import RankedSample


def starting_layers(
    ranked: RankedSample, hidden: tuple[int, ...], rng: np.random.Generator, positive: bool
) -> list:
    """Weights and biases from which Gauss-Newton needs tens of steps, not thousands.

    The first layer's units sit at jittered quantiles, each as steep as its neighbourhood is narrow; deeper
    layers are random; the last is the ridge regression of the probit of k/(N + 1) on the hidden units.

    Parameters
    ----------
    ranked : RankedSample
        Of standardised data.
    hidden : tuple of int
        Units of each hidden layer.
    rng : Generator
    positive : bool
        All weights above 0, so that the network increases by construction.

    Returns
    -------
    list of (weight of shape (inputs, outputs), bias of shape (outputs,))
    """
    k = hidden[0]
    level = (np.arange(k) + 0.5 + 0.3 * rng.uniform(-1, 1, k)) / k
    share = np.cumsum(ranked.weight)

    def quantile(p):
        return np.interp(np.clip(p, 0, 1), share, ranked.x)

    spread = quantile(level + 1 / k) - quantile(level - 1 / k)
    # 0.1 standard deviations: ties and outliers leave quantiles with no distance between them.
    steep = 1.5 / np.maximum(spread, 0.1)
    layers = [(steep[None, :], -steep * quantile(level))]
    h = np.tanh(ranked.x[:, None] * steep + layers[0][1])
    for inputs, units in pairwise(hidden):
        weight = rng.standard_normal((inputs, units)) / np.sqrt(inputs)
        weight = np.abs(weight) if positive else weight
        bias = 0.3 * rng.standard_normal(units) - h.mean(axis=0) @ weight
        layers.append((weight, bias))
        h = np.tanh(h @ weight + bias)
    last, bias = _output_layer(h, ranked)
    if positive:
        last = np.maximum(last, 0.05 * np.abs(last).max() + 1e-6)
    return [*layers, (last[:, None], np.array([bias]))]


def _output_layer(h: np.ndarray, ranked: RankedSample) -> tuple[np.ndarray, float]:
    probit = ndtri(np.clip(ranked.expected(), 1e-4, 1 - 1e-4))
    # Weighted by the normal density a probit's error is that of the distribution function.
    root = np.sqrt(ranked.weight) * np.exp(-0.5 * probit**2)
    design = np.column_stack([h, np.ones(len(h))]) * root[:, None]
    gram = design.T @ design
    ridge = 1e-3 * np.trace(gram) / len(gram) + 1e-12
    solution = np.linalg.solve(gram + ridge * np.eye(len(gram)), design.T @ (root * probit))
    return solution[:-1], float(solution[-1])
