"""From samples to fitted neural CDFs: targets, starting points, one ensemble, one Trainer."""

import numpy as np
from scipy.special import ndtri

from genrates.estimators.base import check_generator
from genrates.neural._ensemble import BatchedNetwork
from genrates.neural._order_statistics import RankedSample
from genrates.neural._quiet_trainer import run_cycles
from genrates.neural.cdf_module import CDFRegression

#: cycles that Gauss-Newton and Adam make unless the trainer says otherwise
DEFAULT_CYCLES = {"gauss_newton": 100, "adam": 2000}


def grown(n: int) -> tuple[int, ...]:
    """Units of the hidden layer for n points."""
    return (int(np.clip(round(4 + 2 * np.log10(n / 100) * 2), 4, 24)),)


def train(models, samples):
    m0 = models[0]
    rngs = [check_generator(m.random_state) for m in models]
    ranked, loc, scale = [], [], []
    for m, X in zip(models, samples, strict=True):
        X, _ = m._check_fit(X)
        m._refuse_constant(X)
        x = X[:, 0]
        loc.append(x.mean())
        scale.append(x.std())
        ranked.append(RankedSample.of((x - x.mean()) / x.std(), m0.n_ranks))
    width = max(len(r.x) for r in ranked)
    pad = lambda a, v: np.concatenate([a, np.full(width - len(a), v)])
    x = np.stack([pad(r.x, r.x[-1]) for r in ranked])
    w = np.stack([pad(r.weight, 0.0) for r in ranked])
    hidden = grown(ranked[0].n) if m0.hidden == "grow" else tuple(m0.hidden)
    layers = [
        start(r, hidden, rng, m0.monotone == "construction") for r, rng in zip(ranked, rngs, strict=True)
    ]
    net = BatchedNetwork(layers, m0.output, m0.monotone == "construction")
    y = np.stack(
        [np.linspace(r.x[0] - m0.hint_margin, r.x[-1] + m0.hint_margin, m0.n_hints + 1) for r in ranked]
    )
    hints = np.stack([y[:, :-1], y[:, 1:]], axis=2)
    cycle = [0]

    def targets():
        t = cycle[0]
        cycle[0] += 1
        if m0.targets == "redrawn":
            if t % m0.redraw_every:
                return None
        elif t:
            return None
        if m0.targets == "deterministic":
            return np.stack([pad(r.expected(), 1.0) for r in ranked])
        return np.stack([pad(r.draw(g), 1.0) for r, g in zip(ranked, rngs, strict=True)])

    module = CDFRegression(
        net,
        x,
        w,
        targets,
        hints,
        monotonicity=m0.monotonicity if m0.monotone == "penalty" else 0.0,
        decay=m0.decay,
        optimizer=m0.optimizer,
        learning_rate=m0.learning_rate,
    )
    run_cycles(module, {"max_steps": DEFAULT_CYCLES[m0.optimizer], **(m0.trainer or {})})
    losses = np.stack(module.losses)
    for i, (m, l) in enumerate(zip(models, net.numpy_layers())):
        m.weights_ = [a for a, _ in l]
        m.biases_ = [b for _, b in l]
        m.location_, m.scale_ = float(loc[i]), float(scale[i])
        m.output_ = m.output
        m.hidden_ = str(hidden)
        m.range_ = (float(ranked[i].x[0]), float(ranked[i].x[-1]))
        m.tail_weight_ = m.pseudocount / (ranked[i].n + m.pseudocount)
        m.loss_curve_ = np.column_stack([np.arange(len(losses)), losses[:, i]])
        m._variation = None
        m._table = None


def start(r, hidden, rng, positive):
    k = hidden[0]
    cum = np.cumsum(r.weight)
    level = (np.arange(k) + 0.5 + 0.3 * rng.uniform(-1, 1, k)) / k
    centre = np.interp(level, cum, r.x)
    spread = np.interp(np.clip(level + 1 / k, 0, 1), cum, r.x) - np.interp(
        np.clip(level - 1 / k, 0, 1), cum, r.x
    )
    w = 1.5 / np.maximum(spread, 0.1)
    layers = [(w[None, :], -w * centre)]
    h = np.tanh(r.x[:, None] * w - w * centre)
    for a, b in zip(hidden[:-1], hidden[1:]):
        W = rng.standard_normal((a, b)) / np.sqrt(a)
        if positive:
            W = np.abs(W)
        bias = -(h.mean(0) @ W) + 0.3 * rng.standard_normal(b)
        layers.append((W, bias))
        h = np.tanh(h @ W + bias)
    u = np.clip(r.expected(), 1e-4, 1 - 1e-4)
    target = ndtri(u)
    g = np.sqrt(r.weight) * np.exp(-0.5 * target**2)
    A = np.column_stack([h, np.ones(len(h))]) * g[:, None]
    ridge = 1e-3 * np.trace(A.T @ A) / A.shape[1]
    v = np.linalg.solve(A.T @ A + ridge * np.eye(A.shape[1]), A.T @ (g * target))
    out = v[:-1]
    if positive:
        out = np.maximum(out, 0.05 * np.abs(out).max())
    layers.append((out[:, None], v[-1:]))
    return layers
