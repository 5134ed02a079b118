"""Training of neural CDFs: one ensemble, one LightningModule, one Trainer."""

from dataclasses import dataclass

import numpy as np
import torch

from genrates.estimators._numerics.spread import power_of_two
from genrates.estimators.base import check_generator
from genrates.neural.cdf._ensemble import BatchedNetwork
from genrates.neural.cdf._module import DECAY_START, CDFRegression
from genrates.neural.cdf._network import CDFNetwork
from genrates.neural.cdf._order_statistics import RankedSample
from genrates.neural.cdf._start import starting_layers
from genrates.neural.cdf._train_quantile import train_quantiles
from genrates.neural.cdf._uniformity import REJECTED
from genrates.neural.trainer import run_cycles

#: cycles of each optimizer, unless the trainer's arguments set them
DEFAULT_CYCLES = {"gauss_newton": 150, "adam": 2000}
#: normal equations square a condition number, so they need float64; Adam's steps are coarser than float32
_DTYPE = {"gauss_newton": torch.float64, "adam": torch.float32}
#: cycles whose targets are drawn at once
_CYCLES_PER_DRAW = 50
#: points of the training curve that are kept
CURVE_POINTS = 100
#: a fall of H that is not rounding
_SMALLEST_FALL = 1e-9
#: how often a fit that its data reject is repeated, and the factor by which its units grow each time
_ATTEMPTS, _GROWTH = 3, 1.5


@dataclass
class _Replicate:
    """A standardized training set, reduced to ranks, and its random numbers."""

    column: np.ndarray
    rng: np.random.Generator
    n_ranks: int

    def __post_init__(self):
        # Standardize and sort in place: allocating memory for many points costs more than sorting them.
        self.location, n = float(self.column.mean()), len(self.column)
        standard = self.column - self.location
        unit = float(power_of_two(standard[:, None])[0])
        standard /= unit  # before it is squared
        scale = float(np.sqrt(standard @ standard / n))
        standard /= scale
        self.scale = unit * scale
        standard.sort()
        self.ranked = RankedSample.of_sorted(standard, self.n_ranks)


def train_ensemble(setting, columns: list[np.ndarray], hidden: tuple[int, ...], seeds: list) -> list[dict]:
    """Train one network per training set, all together; repeat those that their data reject.

    A network in the wrong minimum may smooth two modes into one, and more cycles do not help. The smooth test
    that sets the decay detects such fits, which are most frequent on combs; they are trained again, up to
    three times. If `hidden` is "grow", the number of units then grows by half, and the new units are searched
    for the residual of the trained ones. Otherwise all units are searched for again.

    Parameters
    ----------
    setting : NeuralCDF
        The estimator whose parameters all replicates share.
    columns : list of R ndarrays of shape (N_r,)
        Training sets.
    hidden : tuple of int
        Units of the hidden layers.
    seeds : list of R random states
        One per replicate.

    Returns
    -------
    list of R dicts
        Fitted attributes by name; {"failure_": reason} where training diverged.
    """
    replicates = [
        _Replicate(x, check_generator(seed), setting.n_ranks) for x, seed in zip(columns, seeds, strict=True)
    ]
    states = _train_once(setting, replicates, hidden, [None] * len(replicates))
    if setting.decay != "uniformity" or setting.targets == "fixed":
        return states
    for _ in range(_ATTEMPTS):
        rejected = [i for i, state in enumerate(states) if state.get("misfit_", np.inf) > REJECTED]
        if not rejected:
            break
        if isinstance(setting.hidden, str):
            hidden = tuple(round(_GROWTH * k) for k in hidden)
        repeated = _train_once(
            setting, [replicates[i] for i in rejected], hidden, [states[i] for i in rejected]
        )
        for i, state in zip(rejected, repeated, strict=True):
            if state.get("misfit_", np.inf) < states[i].get("misfit_", np.inf):
                states[i] = state
    return states


def _layers_of(state: dict | None) -> list | None:
    """Return the layers of a fitted state, or None where there is none."""
    if state is None or "failure_" in state:
        return None
    return list(zip(state["weights_"], state["biases_"], strict=True))


def _train_once(setting, replicates: list[_Replicate], hidden: tuple[int, ...], rejected: list) -> list[dict]:
    """Return fitted attributes of each replicate; `rejected` holds those of rejected fits, or None."""
    ranked = [r.ranked for r in replicates]
    width = max(len(r.x) for r in ranked)
    construction = setting.monotone == "construction"
    steepness = None if isinstance(setting.steepness, str) else float(setting.steepness)
    hints = np.stack([_hint_points(r.ranked, setting, r.scale) for r in replicates])
    network = BatchedNetwork(
        [
            starting_layers(r.ranked, hidden, r.rng, construction, _layers_of(state), steepness)
            for r, state in zip(replicates, rejected, strict=True)
        ],
        setting.output,
        construction,
        _DTYPE[setting.optimizer],
    )
    use_hint = not construction and setting.monotonicity > 0
    module = CDFRegression(
        network,
        np.stack([_pad(r.x, width, r.x[-1]) for r in ranked]),
        np.stack([_pad(r.weight, width, 0.0) for r in ranked]),
        np.stack([_pad(r.expected(), width, 1.0) for r in ranked]),
        np.array([r.n for r in ranked]),
        _Targets(
            ranked,
            [r.rng for r in replicates],
            width,
            setting.targets,
            setting.redraw_every,
            np.float64 if _DTYPE[setting.optimizer] == torch.float64 else np.float32,
        ),
        hints,
        setting.n_hints if use_hint else 0,
        _decays(setting, rejected),
        monotonicity=setting.monotonicity,
        chooses_decay=setting.decay == "uniformity",
        optimizer=setting.optimizer,
        learning_rate=setting.learning_rate,
    )
    trainer = dict(setting.trainer or {})
    if not {"max_steps", "max_epochs"} & set(trainer):  # max_time alone does not tell the progress
        trainer["max_steps"] = DEFAULT_CYCLES[setting.optimizer]
    run_cycles(module, trainer)
    states = _states(setting, replicates, network, module, hidden, hints)
    if setting.sampler == "direct":
        layers = train_quantiles(ranked, sum(hidden), setting.monotonicity)
        for state, net in zip(states, layers, strict=True):
            if "failure_" not in state:
                state |= {"quantile_weights_": [w for w, _ in net], "quantile_biases_": [b for _, b in net]}
    return states


def _decays(setting, rejected: list) -> np.ndarray:
    """Return the starting decays: a rejected fit keeps its own, under which narrow units survive."""
    if setting.decay != "uniformity":
        return np.full(len(rejected), float(setting.decay))
    return np.array([(state or {}).get("decay_", DECAY_START) for state in rejected])


def _states(setting, replicates, network: BatchedNetwork, module: CDFRegression, hidden, hints) -> list[dict]:
    """Return fitted attributes of each replicate, or the reason for its failure."""
    losses = np.stack(module.losses)
    logged = np.unique(np.linspace(0, len(losses) - 1, min(len(losses), CURVE_POINTS)).astype(int))
    decay, misfit = module.decay.cpu().numpy()[:, 0], module.misfit().cpu().numpy()[:, 0]
    states = []
    for i, (replicate, layers) in enumerate(zip(replicates, network.numpy_layers(), strict=True)):
        if not (np.isfinite(losses[-1, i]) and all(np.isfinite(a).all() for pair in layers for a in pair)):
            states.append({"failure_": f"training diverged: the last loss is {losses[-1, i]}"})
            continue
        x, n = replicate.ranked.x, replicate.ranked.n
        states.append(
            {
                "weights_": [w for w, _ in layers],
                "biases_": [b for _, b in layers],
                "location_": replicate.location,
                "scale_": replicate.scale,
                "range_": np.array([x[0], x[-1]]),
                "tail_weight_": setting.pseudocount / (n + setting.pseudocount),
                "hidden_": hidden,
                "decay_": float(decay[i]),
                "misfit_": float(misfit[i]),
                "falling_share_": _falling_share(setting, layers, hints[i]),
                "loss_curve_": np.column_stack([logged, losses[logged, i]]),
            }
        )
    return states


def _falling_share(setting, layers: list, hints: np.ndarray) -> float:
    """Return the share of hint points from which a network falls to their neighbors."""
    h, k = CDFNetwork(layers, setting.output).value(hints), setting.n_hints
    return float(np.mean(h[:k] - h[-k:] > _SMALLEST_FALL))


class _Targets:
    """Targets of the cycles: each call returns new ones of shape (R, m), or None where the last ones stay."""

    def __init__(self, ranked, rngs, width, kind, redraw_every, dtype=np.float64):
        self.ranked, self.rngs, self.width, self.dtype = ranked, rngs, width, dtype
        self.kind, self.redraw_every, self.cycle = kind, redraw_every, -1
        self.drawn: list[np.ndarray] = []

    def __call__(self):
        """Return the next cycle's targets, or None."""
        self.cycle += 1
        if self.cycle and (self.kind != "redrawn" or self.cycle % self.redraw_every):
            return None
        if self.kind == "deterministic":
            return self._rows([sample.expected()[None] for sample in self.ranked])[0]
        if not self.drawn:
            self.drawn = self._draws(1 if self.kind == "fixed" else _CYCLES_PER_DRAW)
        return self.drawn.pop(0)

    def _draws(self, size: int) -> list[np.ndarray]:
        """Draw targets of `size` cycles together, which is cheaper than one by one."""
        pairs = zip(self.ranked, self.rngs, strict=True)
        return list(self._rows([sample.draw(rng, size, self.dtype) for sample, rng in pairs]))

    def _rows(self, targets: list[np.ndarray]) -> np.ndarray:
        """Return R arrays (cycles, m_r) as one array (cycles, R, m), padded."""
        rows = np.ones((len(targets), len(targets[0]), self.width), self.dtype)
        for r, u in enumerate(targets):
            rows[r, :, : u.shape[1]] = u
        return rows.swapaxes(0, 1)


def _hint_points(ranked: RankedSample, setting, scale: float) -> np.ndarray:
    """Return y_1, ..., y_k and their neighbors y_k + Delta, standardized."""
    low, high = ranked.x[0] - setting.hint_margin, ranked.x[-1] + setting.hint_margin
    if setting.delta is None:
        return np.linspace(low, high, setting.n_hints + 1)
    delta = setting.delta / scale
    if delta >= high - low:
        raise ValueError(
            f"NeuralCDF: delta must be below {(high - low) * scale:.6g}, the width of the range that the "
            f"hint points cover for these data, got {setting.delta!r}."
        )
    y = np.linspace(low, high - delta, setting.n_hints)
    return np.concatenate([y, y + delta])


def _pad(row: np.ndarray, width: int, value: float) -> np.ndarray:
    """Extend an array to a given width by a constant."""
    return np.concatenate([row, np.full(width - len(row), value)]).astype(np.float64)
