"""The error where the data are: on the middle of the truth, whatever happens in its tails."""

import numpy as np

from genrates.metrics.base import Evaluation, Metric, Skip
from genrates.metrics.truth import KullbackLeibler

_TIE = 1e-9  # log-densities nearer than this are one level: the rounding of a symmetric truth


def middle(evaluation: Evaluation, mass: float) -> np.ndarray:
    """Which nodes of the quadrature lie in the middle of the truth, shape (m,) of bool.

    One dimension: those between the quantiles (1 - mass)/2 and (1 + mass)/2. More: the densest, {p >= c} with
    the largest c that holds `mass`, which is all of a uniform truth. Whole nodes, the same for every model.
    """
    nodes, weights = evaluation.quadrature
    if nodes.shape[1] == 1:
        evaluation.require(truth="cdf")
        return np.abs(evaluation.data.cdf(nodes[:, 0]) - 0.5) <= mass / 2
    log_p = evaluation.log_truth
    densest = np.argsort(-log_p)
    held = np.cumsum((weights * np.exp(log_p))[densest])
    last = min(np.searchsorted(held, mass * held[-1]), len(held) - 1)
    return log_p >= log_p[densest[last]] - _TIE


class _Core(Metric):
    """Model and truth, both given that a point lies in the middle of the truth."""

    def __init__(self, mass: float = 0.9):
        if not 0 < mass < 1:
            raise ValueError(f"{type(self).__name__}: mass must lie between 0 and 1, got {mass!r}.")
        self.mass = mass

    def _inside(self, evaluation: Evaluation) -> tuple[np.ndarray, ...]:
        """Of the nodes there: weights, log-densities of truth and model; the masses of both there."""
        evaluation.require(truth="pdf", model="likelihood")
        inside = middle(evaluation, self.mass)
        weights = evaluation.quadrature[1][inside]
        log_p, log_q = evaluation.log_truth[inside], evaluation.log_model[inside]
        own = float(weights @ np.exp(log_q))
        if own <= 0:
            raise Skip("the model has no mass in the middle of the truth")
        return weights, log_p, log_q, float(weights @ np.exp(log_p)), own


class RootMISECore(_Core):
    r"""Root integrated squared error of the density, given that a point lies in the middle of the truth.

    .. math:: \Big(\int_A \Big(\frac{\hat p}{\hat P(A)} - \frac{p}{P(A)}\Big)^2\Big)^{1/2}

    The middle A is, in one dimension, the truth's central `mass`, a compact set on which most densities are
    positive: nearest neighbors have their n^(-2/5) there, and not over the whole line. In more dimensions it
    is the smallest set of that mass, {p >= c}: of a normal, a ball. Model and truth are both divided by
    their mass on it, so that mass which a model has in the tails, too much or too little, does not count.
    O(m log m) in the m nodes of the quadrature, whatever n and d.

    Parameters
    ----------
    mass : float in (0, 1), default=0.9

    Raises
    ------
    ValueError
        For any other mass.
    """

    aggregate = "root_mean_square"

    def __call__(self, evaluation: Evaluation) -> float:
        weights, log_p, log_q, truth, own = self._inside(evaluation)
        difference = np.exp(log_q) / own - np.exp(log_p) / truth
        return float(np.sqrt(weights @ difference**2))


class KullbackLeiblerCore(_Core):
    r"""Divergence of truth and model, in nats, given that a point lies in the middle of the truth.

    .. math:: \int_A \frac{p}{P(A)} \log \frac{p / P(A)}{\hat p / \hat P(A)} \ge 0

    A as in :class:`RootMISECore`. Over the whole space the rare points beside which no training point lies
    can rule this error; here they do not count. A model whose density is 0 on part of A is skipped.

    Parameters
    ----------
    mass : float in (0, 1), default=0.9

    Raises
    ------
    ValueError
        For any other mass.
    """

    unit = "nats"
    quadratic = True

    def __call__(self, evaluation: Evaluation) -> float:
        weights, log_p, log_q, truth, own = self._inside(evaluation)
        held = weights * np.exp(log_p) / truth
        apart = KullbackLeibler.of(held, log_p, log_q, "on {:.2g} of the middle of the truth")
        return float(apart + np.log(own / truth))
