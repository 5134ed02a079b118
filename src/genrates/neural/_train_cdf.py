"""From samples to fitted neural CDFs: one ensemble, one LightningModule, one Trainer."""

import numpy as np

from genrates.estimators.base import check_generator
from genrates.neural._cdf_start import starting_layers
from genrates.neural._ensemble import BatchedNetwork
from genrates.neural._order_statistics import RankedSample
from genrates.neural._quiet_trainer import run_cycles
from genrates.neural._train_quantile import train_quantiles
from genrates.neural.cdf_module import CDFRegression

#: cycles that an optimiser makes unless the trainer says otherwise
DEFAULT_CYCLES = {"gauss_newton": 150, "adam": 2000}
#: points of the training curve that are kept
CURVE_POINTS = 100


def train_ensemble(setting, columns: list[np.ndarray], hidden: tuple[int, ...], seeds: list) -> list[dict]:
    """Train one network per column of data, all at once.

    Parameters
    ----------
    setting : NeuralCDF
        Whose parameters all replicates share.
    columns : list of R ndarrays of shape (N_r,)
    hidden : tuple of int
        Units of the hidden layers.
    seeds : list of R random states

    Returns
    -------
    list of R dicts
        Fitted attributes by name; {"failure_": reason} where training diverged.
    """
    rngs = [check_generator(seed) for seed in seeds]
    location, scale = [float(x.mean()) for x in columns], [float(x.std()) for x in columns]
    standard = [(x - a) / b for x, a, b in zip(columns, location, scale, strict=True)]
    ranked = [RankedSample.of(z, setting.n_ranks) for z in standard]
    width = max(len(r.x) for r in ranked)
    construction = setting.monotone == "construction"
    starts = [starting_layers(r, hidden, g, construction) for r, g in zip(ranked, rngs, strict=True)]
    network = BatchedNetwork(starts, setting.output, construction)
    use_hint = not construction and setting.monotonicity > 0
    module = CDFRegression(
        network,
        np.stack([_padded(r.x, width, r.x[-1]) for r in ranked]),
        np.stack([_padded(r.weight, width, 0.0) for r in ranked]),
        np.stack([_padded(r.expected(), width, 1.0) for r in ranked]),
        np.array([r.n for r in ranked]),
        _Targets(ranked, rngs, width, setting.targets, setting.redraw_every),
        np.stack([_hint_points(r, setting, b) for r, b in zip(ranked, scale, strict=True)]),
        setting.n_hints if use_hint else 0,
        monotonicity=setting.monotonicity,
        decay=setting.decay,
        optimizer=setting.optimizer,
        learning_rate=setting.learning_rate,
    )
    trainer = dict(setting.trainer or {})
    if not {"max_steps", "max_epochs", "max_time"} & set(trainer):
        trainer["max_steps"] = DEFAULT_CYCLES[setting.optimizer]
    run_cycles(module, trainer)
    losses = np.stack(module.losses)
    logged = np.unique(np.linspace(0, len(losses) - 1, min(len(losses), CURVE_POINTS)).astype(int))
    decay = module.decay.cpu().numpy()[:, 0]
    states = []
    for i, layers in enumerate(network.numpy_layers()):
        if not (np.isfinite(losses[-1, i]) and all(np.isfinite(a).all() for pair in layers for a in pair)):
            states.append({"failure_": f"training diverged: the last loss is {losses[-1, i]}"})
            continue
        states.append(
            {
                "weights_": [w for w, _ in layers],
                "biases_": [b for _, b in layers],
                "location_": location[i],
                "scale_": scale[i],
                "range_": np.array([ranked[i].x[0], ranked[i].x[-1]]),
                "tail_weight_": setting.pseudocount / (ranked[i].n + setting.pseudocount),
                "hidden_": hidden,
                "decay_": float(decay[i]),
                "loss_curve_": np.column_stack([logged, losses[logged, i]]),
            }
        )
    if setting.sampler == "direct":
        layers = train_quantiles(standard, sum(hidden), setting.n_ranks, setting.monotonicity)
        for state, net in zip(states, layers, strict=True):
            if "failure_" not in state:
                state |= {"quantile_weights_": [w for w, _ in net], "quantile_biases_": [b for _, b in net]}
    return states


class _Targets:
    """Called once a cycle: new targets of shape (R, m), or None where those of the last cycle stay."""

    def __init__(self, ranked, rngs, width, kind, redraw_every):
        self.ranked, self.rngs, self.width = ranked, rngs, width
        self.kind, self.redraw_every, self.cycle = kind, redraw_every, -1

    def __call__(self):
        self.cycle += 1
        if self.cycle and (self.kind != "redrawn" or self.cycle % self.redraw_every):
            return None
        rows = np.ones((len(self.ranked), self.width))
        for row, sample, rng in zip(rows, self.ranked, self.rngs, strict=True):
            row[: len(sample.x)] = sample.expected() if self.kind == "deterministic" else sample.draw(rng)
        return rows


def _hint_points(ranked: RankedSample, setting, scale: float) -> np.ndarray:
    """y_1, ..., y_k and their neighbours y_k + Delta, standardised."""
    low, high = ranked.x[0] - setting.hint_margin, ranked.x[-1] + setting.hint_margin
    if setting.delta is None:
        return np.linspace(low, high, setting.n_hints + 1)
    delta = setting.delta / scale
    y = np.linspace(low, max(high - delta, low), setting.n_hints)
    return np.concatenate([y, y + delta])


def _padded(row: np.ndarray, width: int, value: float) -> np.ndarray:
    return np.concatenate([row, np.full(width - len(row), value)]).astype(np.float64)
