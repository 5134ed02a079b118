"""The direct network u -> x of the 2002 paper: a second sampler, trained on the pairs (k/(N + 1), x_(k))."""

import numpy as np
from scipy.special import ndtri

from genrates.neural.cdf._ensemble import BatchedNetwork
from genrates.neural.cdf._module import CDFRegression
from genrates.neural.cdf._order_statistics import RankedSample
from genrates.neural.trainer import run_cycles

CYCLES = 150


def train_quantiles(ranked: list[RankedSample], units: int, monotonicity: float) -> list:
    """Train networks from ndtri(u) to standardized x: the distribution function's loss with swapped axes.

    The input is the probit of u, so that normal data need a straight line only, and tails need few units. The
    hint asks the network to increase over the probits of the data.

    Parameters
    ----------
    ranked : list of R RankedSamples
        Standardized training sets.
    units : int
        Units of the one hidden layer.
    monotonicity : float
        lambda.

    Returns
    -------
    list of R lists of (weight, bias) arrays
    """
    width = max(len(r.x) for r in ranked)

    def _pad_rows(values, pad):
        """Pad the arrays to one width, and stack them."""
        return np.stack(
            [np.concatenate([v, np.full(width - len(v), p)]) for v, p in zip(values, pad, strict=True)]
        )

    probit = [ndtri(r.expected()) for r in ranked]
    expected = _pad_rows([r.expected() for r in ranked], [1.0] * len(ranked))
    targets = iter([_pad_rows([r.x for r in ranked], [0.0] * len(ranked))])
    module = CDFRegression(
        BatchedNetwork(
            [_starting_layers(p, r, units) for p, r in zip(probit, ranked, strict=True)], "identity"
        ),
        _pad_rows(probit, [p[-1] for p in probit]),
        _pad_rows([r.weight for r in ranked], [0.0] * len(ranked)),
        expected,
        np.array([r.n for r in ranked]),
        lambda: next(targets, None),
        np.stack([np.linspace(p[0], p[-1], 101) for p in probit]),
        100,
        np.full(len(ranked), 1e-2),
        monotonicity=monotonicity,
    )
    run_cycles(module, {"max_steps": CYCLES})
    return module.network.numpy_layers()


def _starting_layers(probit: np.ndarray, ranked: RankedSample, units: int) -> list:
    """Return units spread evenly over the probits, and an output layer by ridge regression."""
    center = np.linspace(probit[0], probit[-1], units)
    steep = np.full(units, units / max(np.ptp(probit), 1e-3))
    h = np.tanh(probit[:, None] * steep - steep * center)
    root = np.sqrt(ranked.weight)
    design = np.column_stack([h, np.ones(len(h))]) * root[:, None]
    gram = design.T @ design + 1e-6 * np.eye(units + 1)
    solution = np.linalg.solve(gram, design.T @ (root * ranked.x))
    return [(steep[None, :], -steep * center), (solution[:-1, None], solution[-1:])]
