"""Training of the conditionals: one ensemble and one Trainer for each coordinate."""

from itertools import pairwise

import numpy as np

from genrates.estimators._numerics.spread import deviation
from genrates.estimators.base import check_generator
from genrates.neural.cdf import _knot_density as knot_density
from genrates.neural.cdf._conditional_module import ConditionalRegression
from genrates.neural.cdf.neural_cdf import NeuralCDF
from genrates.neural.trainer import run_cycles

DEFAULT_CYCLES = 1500
CURVE_POINTS = 100
#: with fewer rows, none are held out
_LEAST_HELD_OUT = 50


def train_conditionals(models: list, samples: list[np.ndarray]) -> None:
    """Fit models in place, all together.

    A model whose training diverged gets the reason in `failure_`, and no other fitted attribute.

    Parameters
    ----------
    models : list of ConditionalNeuralCDF
        Models with equal parameters except for their seeds.
    samples : list of ndarrays of shape (n, d)
        One training set per model, all of one shape.
    """
    setting = models[0]
    rngs = [check_generator(m.random_state) for m in models]
    n = len(samples[0])
    marginals = NeuralCDF.fit_replicates(
        [NeuralCDF(**{**(setting.marginal or {}), "random_state": g}) for g in rngs],
        [x[:, :1] for x in samples],
    )
    fitted = [r for r, marginal in enumerate(marginals) if not hasattr(marginal, "failure_")]
    for r, (model, sample, marginal) in enumerate(zip(models, samples, marginals, strict=True)):
        if r not in fitted:
            model._set_state({"failure_": f"the first coordinate's fit failed: {marginal.failure_}"})
            continue
        model._set_state(
            {
                "location_": sample.mean(axis=0),
                "scale_": deviation(sample, None),
                "tail_weight_": setting.pseudocount / (n + setting.pseudocount),
                "marginal_": {k: v for k, v in vars(marginal).items() if k.endswith("_")},
                "conditionals_": [],
            }
        )
    if fitted:
        _train_remaining([models[r] for r in fitted], [samples[r] for r in fitted], [rngs[r] for r in fitted])


def _train_remaining(models: list, samples: list[np.ndarray], rngs: list[np.random.Generator]) -> None:
    """Train coordinates 2, ..., d of models whose first coordinate is fitted."""
    setting, (n, d) = models[0], samples[0].shape
    z = [(x - m.location_) / m.scale_ for m, x in zip(models, samples, strict=True)]
    # Shuffle the rows, since the last ones are held out.
    z = np.stack([g.permutation(x) for g, x in zip(rngs, z, strict=True)])
    held_out = int(setting.validation * n) if n >= _LEAST_HELD_OUT else 0
    trainer = dict(setting.trainer or {})
    if not {"max_steps", "max_epochs"} & set(trainer):
        trainer["max_steps"] = DEFAULT_CYCLES
    curve = _sum_curves(
        [_train_one(models, z[:, :, :j], z[:, :, j], held_out, rngs, trainer) for j in range(1, d)]
    )
    logged = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), CURVE_POINTS)).astype(int))
    for i, model in enumerate(models):
        if np.isfinite(curve[-1, i]):
            model.loss_curve_ = np.column_stack([logged, curve[logged, i]])
        else:  # the best parameters before the divergence are not the fit that was asked for
            model._set_state({"failure_": f"training diverged: the last loss is {curve[-1, i]}"})


def _sum_curves(curves: list[np.ndarray]) -> np.ndarray:
    """Sum the loss curves (steps, models) of the coordinates; a shorter curve is extended by its last value.

    Returns
    -------
    ndarray of shape (steps, models)

    Examples
    --------
    >>> _sum_curves([np.array([[3.0], [1.0]]), np.array([[10.0], [5.0], [4.0]])]).ravel()
    array([13.,  6.,  5.])
    """
    steps = max(map(len, curves))
    return sum(np.pad(curve, ((0, steps - len(curve)), (0, 0)), mode="edge") for curve in curves)


def _train_one(models, x, y, held_out, rngs, trainer) -> np.ndarray:
    """Train one coordinate y given those before it, and append it to the models; return the loss curve."""
    setting = models[0]
    knots = [knot_density.knots_of(row, setting.n_knots, setting.margin) for row in y]
    starts = [_starting_layers(x[i], y[i], knots[i], setting.hidden, g) for i, g in enumerate(rngs)]
    module = ConditionalRegression(
        starts,
        x,
        y,
        np.stack(knots),
        held_out,
        rngs,
        batch_size=setting.batch_size,
        learning_rate=setting.learning_rate,
        weight_decay=setting.weight_decay,
    )
    run_cycles(module, trainer)
    for model, layers, knot in zip(models, module.numpy_layers(), knots, strict=True):
        weights, biases = [w for w, _ in layers], [b for _, b in layers]
        model.conditionals_.append({"weights": weights, "biases": biases, "knots": knot})
    return np.stack(module.losses)


def _starting_layers(x, y, knots, hidden, rng) -> list:
    """Return a first layer spread over the inputs' quantiles, a last one with the marginal's log-heights."""
    inputs = x.shape[1]
    weight, bias = np.zeros((inputs, hidden[0])), np.zeros(hidden[0])
    for k in range(hidden[0]):
        i = k % inputs
        direction = 0.3 * rng.standard_normal(inputs)
        direction[i] = 1.0
        projection = x @ direction
        steep = hidden[0] / (4 * inputs) / projection.std()
        weight[:, k] = steep * direction
        bias[k] = -steep * np.quantile(projection, rng.random())
    layers = [(weight, bias)]
    sizes = [*hidden, len(knots)]
    for a, b in pairwise(sizes[:-1]):
        layers.append((rng.standard_normal((a, b)) / np.sqrt(a), np.zeros(b)))
    count = np.histogram(y, knots)[0] + 1.0
    height = np.interp(knots, (knots[1:] + knots[:-1]) / 2, count / np.diff(knots))
    layers.append((np.zeros((sizes[-2], len(knots))), np.log(height / height.max())))
    return layers
