"""The direct net u -> x of the 2002 paper: a second sampler, trained on the pairs (k/(N + 1), x_(k))."""

import numpy as np
from scipy.special import ndtri

from genrates.neural.cdf._ensemble import BatchedNetwork
from genrates.neural.cdf._module import CDFRegression
from genrates.neural.cdf._order_statistics import RankedSample
from genrates.neural.trainer import run_cycles

CYCLES = 150


def train_quantiles(ranked: list[RankedSample], units: int, monotonicity: float) -> list:
    """Networks from ndtri(u) to standardized x, by the loss of the distribution function with axes exchanged.

    The input is the probit of u, so that a normal sample asks for a straight line and tails cost few units;
    the hint asks the network to increase over the probits of the data.

    Parameters
    ----------
    ranked : list of R RankedSamples
        Of standardized data.
    units : int
        Of the one hidden layer.
    monotonicity : float
        lambda.

    Returns
    -------
    list of R lists of (weight, bias)
    """
    width = max(len(r.x) for r in ranked)

    def rows(values, pad):
        return np.stack(
            [np.concatenate([v, np.full(width - len(v), p)]) for v, p in zip(values, pad, strict=True)]
        )

    probit = [ndtri(r.expected()) for r in ranked]
    expected = rows([r.expected() for r in ranked], [1.0] * len(ranked))
    answers = iter([rows([r.x for r in ranked], [0.0] * len(ranked))])
    module = CDFRegression(
        BatchedNetwork([_start(p, r, units) for p, r in zip(probit, ranked, strict=True)], "identity"),
        rows(probit, [p[-1] for p in probit]),
        rows([r.weight for r in ranked], [0.0] * len(ranked)),
        expected,
        np.array([r.n for r in ranked]),
        lambda: next(answers, None),
        np.stack([np.linspace(p[0], p[-1], 101) for p in probit]),
        100,
        np.full(len(ranked), 1e-2),
        monotonicity=monotonicity,
    )
    run_cycles(module, {"max_steps": CYCLES})
    return module.network.numpy_layers()


def _start(probit: np.ndarray, ranked: RankedSample, units: int) -> list:
    """Units evenly over the probits; the output layer by ridge regression."""
    center = np.linspace(probit[0], probit[-1], units)
    steep = np.full(units, units / max(np.ptp(probit), 1e-3))
    h = np.tanh(probit[:, None] * steep - steep * center)
    root = np.sqrt(ranked.weight)
    design = np.column_stack([h, np.ones(len(h))]) * root[:, None]
    gram = design.T @ design + 1e-6 * np.eye(units + 1)
    solution = np.linalg.solve(gram, design.T @ (root * ranked.x))
    return [(steep[None, :], -steep * center), (solution[:-1, None], solution[-1:])]
