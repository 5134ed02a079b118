"""Starting weights of a neural CDF: units where the data need them, and the output layer by least squares."""

from itertools import pairwise

import numpy as np
import scipy

from genrates.neural.cdf._order_statistics import RankedSample
from genrates.neural.cdf._search import quantile, search_units, weighted_probit

#: ridge of the output layer, as a fraction of a unit's mean squared length: with spread, with searched units
_RIDGE_SPREAD, _RIDGE_SEARCHED = 1e-3, 1e-6


def starting_layers(
    ranked: RankedSample,
    hidden: tuple[int, ...],
    rng: np.random.Generator,
    positive: bool,
    rejected: list | None = None,
    steepness: float | None = None,
) -> list:
    """Return starting weights and biases, from which Gauss-Newton needs tens of steps instead of thousands.

    The first layer's units are spread over the data's quantiles; where the quantiles are close, units are
    steep, unless one steepness is given for all. If the data have rejected a network that started so, units
    are searched for instead (:func:`search_units`). Deeper layers are random. The last layer is the ridge
    regression of the probit of k/(N + 1) on the hidden units.

    Parameters
    ----------
    ranked : RankedSample
        Standardized training set.
    hidden : tuple of int
        Units of each hidden layer.
    rng : Generator
        Source of random numbers.
    positive : bool
        Whether all weights must be positive, so that the network increases by construction.
    rejected : list of (weight, bias) or None, default=None
        A trained network that the data have rejected. If its first layer has fewer units than the new one,
        they are kept, and units are searched for the residual they leave.
    steepness : float or None, default=None
        First weight of every unit, for standardized x. None: by the distance of the quantiles around it.

    Returns
    -------
    list of (weight (inputs, outputs), bias (outputs,)) arrays
    """
    if rejected is None:
        ridge, (steep, bias) = _RIDGE_SPREAD, _spread_units(ranked, hidden[0], rng, steepness)
    else:
        ridge, (steep, bias) = _RIDGE_SEARCHED, _searched_units(ranked, hidden[0], rejected[0], rng, positive)
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


def _searched_units(ranked: RankedSample, k: int, rejected: tuple, rng, positive: bool) -> np.ndarray:
    """Return steepness and bias, shape (2, k), of units that are kept, searched and spread, in this order."""
    (steep,), bias = rejected
    kept = np.stack([steep, bias]) if len(bias) < k else np.empty((2, 0))
    searched = search_units(ranked, k - kept.shape[1], kept, rng, positive)
    spread = _spread_units(ranked, k - kept.shape[1] - searched.shape[1], rng)
    return np.concatenate([kept, searched, spread], axis=1)


def _spread_units(
    ranked: RankedSample, k: int, rng: np.random.Generator, steepness: float | None = None
) -> np.ndarray:
    """Return steepness and bias, shape (2, k), of units at jittered quantiles."""
    if not k:
        return np.empty((2, 0))
    level = (np.arange(k) + 0.5 + 0.3 * rng.uniform(-1, 1, k)) / k
    if steepness is not None:
        steep = np.full(k, steepness)
        return np.stack([steep, -steep * quantile(ranked, level)])
    spread = quantile(ranked, level + 1 / k) - quantile(ranked, level - 1 / k)
    # At least 0.1 standard deviations: ties and outliers can leave no distance between quantiles.
    steep = 1.5 / np.maximum(spread, 0.1)
    return np.stack([steep, -steep * quantile(ranked, level)])


def _output_layer(
    h: np.ndarray, ranked: RankedSample, positive: bool, ridge: float
) -> tuple[np.ndarray, float]:
    """Return the output layer's weights and bias, by ridge regression on the hidden units h."""
    probit, root = weighted_probit(ranked)
    design = np.column_stack([h, np.ones(len(h))]) * root[:, None]
    ridge = np.sqrt(ridge * (design**2).sum() / design.shape[1] + 1e-12)
    design = np.vstack([design, ridge * np.eye(design.shape[1])])
    target = np.concatenate([root * probit, np.zeros(design.shape[1])])
    if not positive:
        solution = np.linalg.lstsq(design, target, rcond=None)[0]
        return solution[:-1], float(solution[-1])
    # The bias may have either sign, so its column enters twice.
    solution = scipy.optimize.nnls(np.column_stack([design, -design[:, -1]]), target)[0]
    last, bias = solution[:-2], solution[-2] - solution[-1]
    return np.maximum(last, 0.05 * last.max() + 1e-6), float(bias)
