"""Errors of a model's draws against a known distribution."""

import numpy as np

from genrates.metrics.base import Evaluation, Metric


class Wasserstein1(Metric):
    """Wasserstein-1 distance between the draws and the true distribution, in one dimension.

    Its unit is that of the data. With F_m the empirical distribution function of the m draws,
    `W_1 = int |F_m - F| dx` (Vallender 1974). The integral is cut at the draws and at a fixed grid, so that
    F_m is constant on each panel. Unless the sampler says otherwise, a model draws as many points as its
    training set has.
    """

    aggregate = "mean"

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the distance, in the unit of the data."""
        evaluation.require(truth="cdf")
        draws = np.sort(evaluation.draws[:, 0])
        low, high = (float(side[0]) for side in evaluation.data.domain)
        grid = np.linspace(min(low, draws[0]), max(high, draws[-1]), 2049)
        edges = np.sort(np.concatenate([draws, grid]))
        middle = 0.5 * (edges[1:] + edges[:-1])
        empirical = np.searchsorted(draws, middle, side="right") / len(draws)
        return float(np.diff(edges) @ np.abs(empirical - evaluation.data.cdf(middle)))
