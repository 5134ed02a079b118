"""Errors of what a model generates."""

import numpy as np

from genrates.metrics.base import Evaluation, Metric


class Wasserstein1(Metric):
    """Wasserstein-1 distance between the model's draws and the truth, in the data's unit, one dimension.

    With F_m the empirical distribution function of the m draws, W_1 = int |F_m - F| dx (Vallender 1974),
    cut at the draws and at the nodes of a fixed rule, so that F_m is constant on each panel. As many
    points are drawn as were learned from: n in, n out.
    """

    aggregate = "mean"

    def __call__(self, evaluation: Evaluation) -> float:
        evaluation.require(truth="cdf")
        draws = np.sort(evaluation.draws[:, 0])
        low, high = (float(side[0]) for side in evaluation.data.domain)
        grid = np.linspace(min(low, draws[0]), max(high, draws[-1]), 2049)
        edges = np.sort(np.concatenate([draws, grid]))
        middle = 0.5 * (edges[1:] + edges[:-1])
        empirical = np.searchsorted(draws, middle, side="right") / len(draws)
        return float(np.diff(edges) @ np.abs(empirical - evaluation.data.cdf(middle)))
