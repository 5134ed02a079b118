"""The error where the data are: on the middle of the truth, whatever happens in its tails."""

import numpy as np

from genrates.metrics.base import Evaluation, Metric, Skip


class RootMISECore(Metric):
    """Root integrated squared error of the density, given that a point lies in the middle of the truth.

    The middle is the truth's central `mass`, a compact set on which most densities are positive: nearest
    neighbours have their n^(-2/5) there, and not over the whole line. Model and truth are both divided by
    their mass on it, so that mass which a model has in the tails, too much or too little, does not count.

    Parameters
    ----------
    mass : float in (0, 1), default=0.9
    """

    aggregate = "root_mean_square"

    def __init__(self, mass: float = 0.9):
        if not 0 < mass < 1:
            raise ValueError(f"RootMISECore: mass must lie between 0 and 1, got {mass!r}.")
        self.mass = mass

    def __call__(self, evaluation: Evaluation) -> float:
        evaluation.require(truth="pdf", model="likelihood")
        evaluation.require(truth="cdf")
        nodes, weights = evaluation.quadrature
        # Whole nodes: the middle ends within a panel of its quantiles, at the same place for every model.
        level = evaluation.data.cdf(nodes[:, 0])
        inside = np.abs(level - 0.5) <= self.mass / 2
        weights = weights[inside]
        truth, model = (np.exp(f[inside]) for f in (evaluation.log_truth, evaluation.log_model))
        own = float(weights @ model)
        if own <= 0:
            raise Skip("the model has no mass in the middle of the truth")
        difference = model / own - truth / float(weights @ truth)
        return float(np.sqrt(weights @ difference**2))
