"""Where a neural CDF starts: units where the data ask for them, the output layer by least squares."""

from itertools import pairwise

import numpy as np
import scipy

from genrates.neural.cdf._order_statistics import RankedSample
from genrates.neural.cdf._search import quantile, sought_units, weighted_probit

#: of the output layer, as a share of a unit's mean squared length: of units spread, and of units sought
_RIDGE_SPREAD, _RIDGE_SOUGHT = 1e-3, 1e-6


def starting_layers(
    ranked: RankedSample,
    hidden: tuple[int, ...],
    rng: np.random.Generator,
    positive: bool,
    rejected: list | None = None,
) -> list:
    """Weights and biases from which Gauss-Newton needs tens of steps, not thousands.

    The first layer's units are spread over the data's quantiles, each as steep as its neighborhood is
    narrow; or, where the data reject a network that began so, they are sought where the data ask for them.
    Deeper layers are random; the last is the ridge regression of the probit of k/(N + 1) on the hidden units.

    Parameters
    ----------
    ranked : RankedSample
        Of standardized data.
    hidden : tuple of int
        Units of each hidden layer.
    rng : Generator
    positive : bool
        All weights above 0, so that the network increases by construction.
    rejected : list of (weight, bias), optional
        A trained network that the data reject. If it has one hidden layer of fewer units, these stay, and
        others are sought for what they leave.

    Returns
    -------
    list of (weight of shape (inputs, outputs), bias of shape (outputs,))
    """
    if rejected is None:
        ridge, (steep, bias) = _RIDGE_SPREAD, _spread_units(ranked, hidden[0], rng)
    else:
        ridge, (steep, bias) = _RIDGE_SOUGHT, _units_for(ranked, hidden[0], rejected[0], rng, positive)
    layers = [(steep[None, :], bias)]
    h = np.tanh(ranked.x[:, None] * steep + bias)
    for inputs, units in pairwise(hidden):
        weight = rng.standard_normal((inputs, units)) / np.sqrt(inputs)
        weight = np.abs(weight) if positive else weight
        bias = 0.3 * rng.standard_normal(units) - h.mean(axis=0) @ weight
        layers.append((weight, bias))
        h = np.tanh(h @ weight + bias)
    last, bias = _output_layer(h, ranked, positive, ridge)
    return [*layers, (last[:, None], np.array([bias]))]


def _units_for(ranked: RankedSample, k: int, rejected: tuple, rng, positive: bool) -> np.ndarray:
    """Steepness and bias, shape (2, k): the rejected layer's units, if they are fewer, and units sought."""
    (steep,), bias = rejected
    kept = np.stack([steep, bias]) if len(bias) < k else np.empty((2, 0))
    sought = sought_units(ranked, k - kept.shape[1], kept, rng, positive)
    spread = _spread_units(ranked, k - kept.shape[1] - sought.shape[1], rng)
    return np.concatenate([kept, sought, spread], axis=1)


def _spread_units(ranked: RankedSample, k: int, rng: np.random.Generator) -> np.ndarray:
    """Steepness and bias, shape (2, k), of units at jittered quantiles."""
    if not k:
        return np.empty((2, 0))
    level = (np.arange(k) + 0.5 + 0.3 * rng.uniform(-1, 1, k)) / k
    spread = quantile(ranked, level + 1 / k) - quantile(ranked, level - 1 / k)
    # 0.1 standard deviations: ties and outliers leave quantiles with no distance between them.
    steep = 1.5 / np.maximum(spread, 0.1)
    return np.stack([steep, -steep * quantile(ranked, level)])


def _output_layer(
    h: np.ndarray, ranked: RankedSample, positive: bool, ridge: float
) -> tuple[np.ndarray, float]:
    probit, root = weighted_probit(ranked)
    design = np.column_stack([h, np.ones(len(h))]) * root[:, None]
    ridge = np.sqrt(ridge * (design**2).sum() / design.shape[1] + 1e-12)
    design = np.vstack([design, ridge * np.eye(design.shape[1])])
    aim = np.concatenate([root * probit, np.zeros(design.shape[1])])
    if not positive:
        solution = np.linalg.lstsq(design, aim, rcond=None)[0]
        return solution[:-1], float(solution[-1])
    # The bias may have either sign: it is there twice.
    solution = scipy.optimize.nnls(np.column_stack([design, -design[:, -1]]), aim)[0]
    last, bias = solution[:-2], solution[-2] - solution[-1]
    return np.maximum(last, 0.05 * last.max() + 1e-6), float(bias)
