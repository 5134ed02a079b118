"""From samples to fitted conditionals: for each coordinate one ensemble and one Trainer."""

from itertools import pairwise

import numpy as np

from genrates.estimators.base import check_generator
from genrates.neural.cdf import _knot_density as knot_density
from genrates.neural.cdf._conditional_module import ConditionalRegression
from genrates.neural.cdf.neural_cdf import NeuralCDF
from genrates.neural.trainer import run_cycles

DEFAULT_CYCLES = 1500
CURVE_POINTS = 100
#: fewest rows of which some are held out
_LEAST_HELD_OUT = 50


def train_conditionals(models: list, samples: list[np.ndarray]) -> None:
    """Fit models, equal but for their seeds, to samples of one shape (n, d), in place.

    One whose training diverged has the reason in `failure_`, and nothing fitted.
    """
    setting = models[0]
    rngs = [check_generator(m.random_state) for m in models]
    n = len(samples[0])
    first = NeuralCDF.fit_replicates(
        [NeuralCDF(**{**(setting.marginal or {}), "random_state": g}) for g in rngs],
        [x[:, :1] for x in samples],
    )
    sound = [r for r, marginal in enumerate(first) if not hasattr(marginal, "failure_")]
    for r, (model, sample, marginal) in enumerate(zip(models, samples, first, strict=True)):
        if r not in sound:
            model._set_state({"failure_": f"the first coordinate's fit failed: {marginal.failure_}"})
            continue
        model._set_state(
            {
                "location_": sample.mean(axis=0),
                "scale_": sample.std(axis=0),
                "tail_weight_": setting.pseudocount / (n + setting.pseudocount),
                "marginal_": {k: v for k, v in vars(marginal).items() if k.endswith("_")},
                "conditionals_": [],
            }
        )
    if sound:
        _train_the_others([models[r] for r in sound], [samples[r] for r in sound], [rngs[r] for r in sound])


def _train_the_others(models: list, samples: list[np.ndarray], rngs: list[np.random.Generator]) -> None:
    """Coordinates 2, ..., d of models that have the first."""
    setting, (n, d) = models[0], samples[0].shape
    z = [(x - m.location_) / m.scale_ for m, x in zip(models, samples, strict=True)]
    # Rows are shuffled, since the last ones are held out.
    z = np.stack([g.permutation(x) for g, x in zip(rngs, z, strict=True)])
    held_out = int(setting.validation * n) if n >= _LEAST_HELD_OUT else 0
    trainer = dict(setting.trainer or {})
    if not {"max_steps", "max_epochs"} & set(trainer):
        trainer["max_steps"] = DEFAULT_CYCLES
    curve = _sum([_train_one(models, z[:, :, :j], z[:, :, j], held_out, rngs, trainer) for j in range(1, d)])
    logged = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), CURVE_POINTS)).astype(int))
    for i, model in enumerate(models):
        if np.isfinite(curve[-1, i]):
            model.loss_curve_ = np.column_stack([logged, curve[logged, i]])
        else:  # what was best before would be a fit that nobody has asked for
            model._set_state({"failure_": f"training diverged: the last loss is {curve[-1, i]}"})


def _sum(curves: list[np.ndarray]) -> np.ndarray:
    """Sum of the coordinates' losses (steps, models); one whose training ended earlier stays at its last.

    >>> _sum([np.array([[3.0], [1.0]]), np.array([[10.0], [5.0], [4.0]])]).ravel()
    array([13.,  6.,  5.])
    """
    steps = max(map(len, curves))
    return sum(np.pad(curve, ((0, steps - len(curve)), (0, 0)), mode="edge") for curve in curves)


def _train_one(models, x, y, held_out, rngs, trainer) -> np.ndarray:
    setting = models[0]
    knots = [knot_density.knots_of(row, setting.n_knots, setting.margin) for row in y]
    starts = [_start(x[i], y[i], knots[i], setting.hidden, g) for i, g in enumerate(rngs)]
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


def _start(x, y, knots, hidden, rng) -> list:
    """First layer: units across each input's quantiles; last layer: the marginal's log-heights."""
    inputs = x.shape[1]
    weight, bias = np.zeros((inputs, hidden[0])), np.zeros(hidden[0])
    for k in range(hidden[0]):
        i = k % inputs
        direction = 0.3 * rng.standard_normal(inputs)
        direction[i] = 1.0
        along = x @ direction
        steep = hidden[0] / (4 * inputs) / along.std()
        weight[:, k] = steep * direction
        bias[k] = -steep * np.quantile(along, rng.random())
    layers = [(weight, bias)]
    sizes = [*hidden, len(knots)]
    for a, b in pairwise(sizes[:-1]):
        layers.append((rng.standard_normal((a, b)) / np.sqrt(a), np.zeros(b)))
    cell = np.histogram(y, knots)[0] + 1.0
    height = np.interp(knots, (knots[1:] + knots[:-1]) / 2, cell / np.diff(knots))
    layers.append((np.zeros((sizes[-2], len(knots))), np.log(height / height.max())))
    return layers
